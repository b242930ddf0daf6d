"""An independent Step Functions interpreter: `serve.py PORT NODE` serves moto's, which is LocalStack's, mended.

NODE is the Node that evaluates JSONata. `AWS_ENDPOINT_URL_<SERVICE>` says where tasks find a service; the rest is moto's own.
Each mend below says what is wrong without it. README.md lists the differences from AWS that stay.
"""

import copy
import json
import os
import subprocess
import sys
import threading
import time
import uuid

PORT, NODE = int(sys.argv[1]), sys.argv[2]
os.environ["MOTO_PORT"] = str(PORT)

import boto3
import botocore.session
import moto.stepfunctions.parser.asl.jsonata.jsonata as jsonata
import moto.stepfunctions.parser.asl.utils.boto_client as boto_client
import moto.stepfunctions.parser.backend.execution as execution
import moto.stepfunctions.parser.models as models
import moto.stepfunctions.responses as responses
from moto.core.config import default_user_config
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.server import main
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.api import ExecutionStatus, InvalidToken, TaskTimedOut
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackOutcomeFailure, CallbackOutcomeSuccess
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.utils import camel_to_snake_case


def run_machines_and_nothing_else():
    """Off by default: an execution would end at once, with a history that moto has made up. Lambda and Batch would ask for Docker."""
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    default_user_config["lambda"]["use_docker"] = False
    default_user_config["batch"]["use_docker"] = False


def call_services_where_we_say():
    """moto sends every task to its own port."""

    class Shim:
        @staticmethod
        def client(*, service_name, endpoint_url=None, **more):
            name = service_name.upper().replace("-", "_")
            return boto3.client(
                service_name=service_name,
                endpoint_url=os.environ.get(f"AWS_ENDPOINT_URL_{name}") or endpoint_url,
                **more,
            )

    boto_client.boto3 = Shim


def case_parameters_as_step_functions_does():
    """LocalStack turns the casing of a task's parameters and result into that of Step Functions; moto has emptied both functions."""
    session = botocore.session.get_session()
    known = {}

    def operation(self, service_name, action):
        service = self._get_boto_service_name(service_name)
        model = known.setdefault(service, None) or session.get_service_model(service)
        known[service] = model
        names = {camel_to_snake_case(name): name for name in model.operation_names}
        return model.operation_model(names[camel_to_snake_case(self._get_boto_service_action(action))])

    def parameters_of(self, parameters, boto_service_name=None, service_action_name=None):
        shape = operation(self, boto_service_name, service_action_name).input_shape
        if shape is not None:
            self._to_boto_request(parameters, shape)

    def response_of(self, response, boto_service_name=None, service_action_name=None):
        shape = operation(self, boto_service_name, service_action_name).output_shape
        if shape is not None:
            self._from_boto_response(response, shape)

    service = state_task_service.StateTaskService
    service._normalise_parameters = parameters_of
    service._normalise_response = response_of


def forget_a_refused_definition():
    """The parser keeps a stack in its class: after one refused definition it takes the next for another query language."""

    def init(self, *_, **__):
        self._query_language_per_scope = []

    Preprocessor.__init__ = init


def start_more_than_once():
    """Without it the second StartExecution of a machine fails: `cannot pickle '_thread.RLock'` (getmoto/moto#10077)."""

    def deepcopy(self, _):
        clone = copy.copy(self)
        clone.executions = []
        return clone

    StateMachine.__deepcopy__ = deepcopy


def name_the_nameless():
    """StartExecution without a name gives an ARN that ends in `:None`, and a nested execution has none by default."""
    backend = models.StepFunctionsParserBackend
    start_execution = backend.start_execution

    def start(self, state_machine_arn, name=None, execution_input=None, trace_header=None):
        return start_execution(
            self, state_machine_arn, name or str(uuid.uuid4()), execution_input, trace_header
        )

    backend.start_execution = start


def answer_outputs_as_json():
    """A text as output is not quoted, `null` is dropped, and a time in it makes DescribeExecution fail."""
    worker = execution.BaseExecutionWorkerCommunication
    reflect_status = worker._reflect_execution_status

    def reflect(self):
        reflect_status(self)
        status = self.execution.exec_status
        if str(getattr(status, "value", status)) == "SUCCEEDED":
            self.execution.output = to_json_str(self.execution.output, separators=(",", ":"))

    worker._reflect_execution_status = reflect


def let_a_map_recurse():
    """A worker of a Map calls itself for each item: at Python's own limit about 980 items in a row hang."""
    sys.setrecursionlimit(200_000)
    threading.stack_size(64 * 1024 * 1024)


def stop_what_waits():
    """StopExecution drops error and cause, and an execution that waits for a token stays RUNNING until the token comes."""
    reflect_status = execution.BaseExecutionWorkerCommunication._reflect_execution_status

    def stop(self):
        stopped = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        if stopped.status == ExecutionStatus.RUNNING:
            error, cause = self._get_param("error"), self._get_param("cause")
            stopped.stop(stop_date=utcnow(), error=error, cause=cause)
            stopped.exec_status, stopped.stop_date = ExecutionStatus.ABORTED, utcnow()
            stopped.error, stopped.cause = error, cause
        return ActionResult({"stopDate": stopped.stop_date})

    def reflect(self):
        if self.execution.status != ExecutionStatus.ABORTED:
            reflect_status(self)

    responses.StepFunctionResponse.stop_execution = stop
    execution.BaseExecutionWorkerCommunication._reflect_execution_status = reflect


def close_tokens():
    """A token takes a second answer, that of an execution that has ended is unknown, and SendTaskFailure drops the cause.

    AWS: TaskTimedOut, "the task token has either expired or the task associated with the token has already been closed"
    (https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html).
    """

    def endpoint(backend, token):
        for each in backend._get_executions():
            found = each.exec_worker.env.callback_pool_manager.get(token)
            if found is not None:
                if each.status != ExecutionStatus.RUNNING or found._notify_event.is_set():
                    raise TaskTimedOut("Task Timed Out: 'Provided task does not exist anymore'", "TaskTimedOut")
                return found
        raise InvalidToken()

    def success(self, task_token, outcome):
        endpoint(self, task_token).notify(CallbackOutcomeSuccess(callback_id=task_token, output=outcome))

    def failure(self, task_token, error=None, cause=None):
        endpoint(self, task_token).notify(
            CallbackOutcomeFailure(callback_id=task_token, error=error, cause=cause)
        )

    def heartbeat(self, task_token):
        endpoint(self, task_token).notify_heartbeat()

    def fail(self):
        token, error, cause = (self._get_param(name) for name in ("taskToken", "error", "cause"))
        self.stepfunction_backend.send_task_failure(token, error=error, cause=cause)
        return EmptyResult()

    backend = models.StepFunctionsParserBackend
    backend.send_task_success = success
    backend.send_task_failure = failure
    backend.send_task_heartbeat = heartbeat
    responses.StepFunctionResponse.send_task_failure = fail


def wait_as_fast_as_time_passes():
    """`WAIT_SPEED` says how many times as fast as real time the world around the interpreter lives. Only Wait states know."""
    speed = float(os.environ.get("WAIT_SPEED", "1"))

    def wait(self, env, wait_seconds):
        until = time.monotonic() + wait_seconds / speed
        while env.is_running() and (left := until - time.monotonic()) > 0:
            env.program_state_event.wait(left)

    if speed != 1:
        WaitFunction._wait_interval = wait


def evaluate_jsonata_by_node():
    """moto has left LocalStack's JSONata engine out. Step Functions documents the npm package's behaviour, so that is asked."""
    bridge = os.path.join(os.path.dirname(os.path.abspath(__file__)), "jsonata-bridge.cjs")
    process = subprocess.Popen(
        [NODE, bridge], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    one_at_a_time = threading.Lock()

    def evaluate(expression):
        with one_at_a_time:
            process.stdin.write(json.dumps(str(expression)) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
        if "error" in answer:
            raise jsonata.JSONataException("UNKNOWN", answer["error"])
        return answer.get("value")

    jsonata._eval_jsonata = evaluate


run_machines_and_nothing_else()
call_services_where_we_say()
case_parameters_as_step_functions_does()
forget_a_refused_definition()
start_more_than_once()
name_the_nameless()
answer_outputs_as_json()
let_a_map_recurse()
stop_what_waits()
close_tokens()
wait_as_fast_as_time_passes()
evaluate_jsonata_by_node()
main(["-H", "127.0.0.1", "-p", str(PORT)])
