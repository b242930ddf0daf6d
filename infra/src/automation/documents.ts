import { named, TRIGGER_ALIAS } from '../names.ts';

/*
 * Runbooks of SSM Automation that start a plan. What they rely on, and where AWS says so:
 * - `aws:invokeLambdaFunction` takes 300 s at most, answers `Payload` ("the JSON representation of the object returned", 200 KB of it), and
 *   is tried again when throttled: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-lamb.html
 * - `aws:loop` runs its steps 100 times at most; its condition is asked after them, and what comes behind the loop runs also if the
 *   condition still holds then: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-loop.html
 * - an `aws:executeScript` that raises fails its step with what it raises, and its outputs are selected from `$.Payload`:
 *   https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeScript.html
 * Selectors into the answer of a function are shown in two forms in what AWS has written; so scripts read it, whatever it comes as.
 */

/** A runbook, as `AWS::SSM::Document` takes it. */
export interface Runbook {
  readonly name: string;
  readonly content: Readonly<Record<string, unknown>>;
}

const ID = 'ssm/{{ automation:EXECUTION_ID }}';
const EXECUTION = '{{ ReadStart.ExecutionId }}';
/** Of `aws:loop`. */
const MOST_LOOKS = 100;

/** Starts a plan; and starts it, and waits until it has ended. `roleArn` is taken where the caller names no other. */
export function runbooks(roleArn: string): Runbook[] {
  return [
    {
      name: 'Breakwater-StartExecution',
      content: {
        ...runbook(roleArn, 'Starts a plan of Breakwater. Succeeds when the execution has started.'),
        mainSteps: [start(), { ...readStart(), isEnd: true }],
        outputs: ['ReadStart.ExecutionId'],
      },
    },
    {
      name: 'Breakwater-StartExecutionAndWait',
      content: {
        ...runbook(
          roleArn,
          'Starts a plan of Breakwater and waits until it has ended, gates included. Fails if it does not complete.',
          { LookEvery },
        ),
        mainSteps: [start(), readStart(), wait(), look('LookAtEnd'), judge()],
        outputs: ['ReadStart.ExecutionId', 'Judge.Outcome'],
      },
    },
  ];
}

const LookEvery = {
  type: 'String',
  description:
    'It looks 100 times at most: PT1M waits for 1 h 40 min, PT5M for 8 h, PT15M for 25 h, PT1H for 4 days.',
  allowedValues: ['PT1M', 'PT5M', 'PT15M', 'PT1H'],
  default: 'PT5M',
};

function runbook(roleArn: string, description: string, more: object = {}): object {
  return {
    schemaVersion: '0.3',
    description,
    assumeRole: '{{ AutomationAssumeRole }}',
    // Patterns keep out what would end a text in JSON: the parameters get into that of an event.
    parameters: {
      PlanId: { type: 'String', description: 'The id of a stored plan', allowedPattern: '^[\\w.:-]{1,80}$' },
      Mode: {
        type: 'String',
        description: 'A drill touches nothing that is in production; a recovery is the real thing',
        allowedValues: ['drill', 'recovery'],
      },
      Reason: {
        type: 'String',
        description: 'Why, for the audit trail',
        default: 'Started by SSM Automation',
        allowedPattern: String.raw`^[^"\\{}\x00-\x1f]{1,500}$`,
      },
      AutomationAssumeRole: {
        type: 'AWS::IAM::Role::Arn',
        description: 'The role that the automation takes',
        default: roleArn,
      },
      ...more,
    },
  };
}

/** The key makes of a step that is repeated the same execution, not another. */
function start(): object {
  const body = { planId: '{{ PlanId }}', mode: '{{ Mode }}', reason: '{{ Reason }}' };
  return invoke('Start', {
    operation: 'startExecution',
    body,
    idempotencyKey: ID,
    by: ID,
    mustSucceed: true,
  });
}

function look(name: string): object {
  const params = { executionId: EXECUTION };
  return invoke(name, { operation: 'getExecution', params, pick: ['status', 'outcome', 'error'], by: ID });
}

/** A text of JSON, as it is: what is no text in it stays so. */
function invoke(name: string, event: object): object {
  return {
    name,
    action: 'aws:invokeLambdaFunction',
    maxAttempts: 5,
    timeoutSeconds: 300,
    onFailure: 'Abort',
    inputs: { FunctionName: named('api'), Qualifier: TRIGGER_ALIAS, Payload: JSON.stringify(event) },
  };
}

const ANSWER = `import json

def answer_of(event):
    answer = event["answer"]
    if isinstance(answer, str):
        answer = json.loads(answer)
    return answer.get("status"), answer.get("body") or {}, answer.get("errorMessage")
`;

function script(name: string, source: string, { reads, outputs }: ScriptParams): object {
  return {
    name,
    action: 'aws:executeScript',
    timeoutSeconds: 60,
    onFailure: 'Abort',
    inputs: {
      Runtime: 'python3.11',
      Handler: 'handle',
      InputPayload: { ...reads },
      Script: `${ANSWER}${source}`,
    },
    outputs: Object.entries(outputs).map(([Name, Type]) => ({ Name, Selector: `$.Payload.${Name}`, Type })),
  };
}

interface ScriptParams {
  readonly reads: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, 'String' | 'Boolean'>>;
}

function readStart(): object {
  const source = `
def handle(event, context):
    status, body, error = answer_of(event)
    if status != 202:
        raise Exception("not started: " + str(error or body.get("detail") or status))
    return {"ExecutionId": body["executionId"]}
`;
  return script('ReadStart', source, {
    reads: { answer: '{{ Start.Payload }}' },
    outputs: { ExecutionId: 'String' },
  });
}

/** A look that fails is no end: the execution goes on, and so does waiting. One that is refused will be refused again. */
function wait(): object {
  const source = `
def handle(event, context):
    status, body, error = answer_of(event)
    refused = isinstance(status, int) and 400 <= status < 500 and status != 429
    ended = status == 200 and body.get("status") in ("completed", "failed", "cancelled")
    return {"GoesOn": not (refused or ended)}
`;
  const steps = [
    { name: 'Sleep', action: 'aws:sleep', inputs: { Duration: '{{ LookEvery }}' } },
    look('Look'),
    script('Read', source, { reads: { answer: '{{ Look.Payload }}' }, outputs: { GoesOn: 'Boolean' } }),
  ];
  return {
    name: 'Wait',
    action: 'aws:loop',
    inputs: {
      Steps: steps,
      LoopCondition: { Variable: '{{ Read.GoesOn }}', BooleanEquals: true },
      MaxIterations: MOST_LOOKS,
    },
  };
}

function judge(): object {
  const source = `
def handle(event, context):
    status, body, error = answer_of(event)
    name = "execution " + event["executionId"]
    if status != 200:
        raise Exception("cannot look at " + name + ": " + str(error or body.get("detail") or status))
    state = body.get("status")
    if state == "completed":
        return {"Outcome": body.get("outcome") or "clean"}
    if state in ("failed", "cancelled"):
        why = (body.get("error") or {}).get("message")
        raise Exception(name + " " + state + (": " + why if why else ""))
    raise Exception(name + " is still " + str(state) + " after ${MOST_LOOKS} looks; it goes on without this automation")
`;
  return {
    ...script('Judge', source, {
      reads: { answer: '{{ LookAtEnd.Payload }}', executionId: EXECUTION },
      outputs: { Outcome: 'String' },
    }),
    isEnd: true,
  };
}
