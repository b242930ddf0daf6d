import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import type { StepFunctionsCalls } from '#aws/services/step-functions.ts';
import { canonicalJson } from '#core/canonical-json.ts';
import { BreakwaterError, hasCode } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import { checkOutput, checkStart } from '../limits.ts';
import type { Engine, EngineExecution, EngineStatus } from '../port.ts';
import { called, EXECUTION_ERRORS, START_ERRORS, TOKEN_ERRORS } from './errors.ts';
import { nestedExecutions, readHistory } from './history.ts';

export interface StepFunctionsEngineOptions {
  /** The door's calls, which repeat what was throttled, and what had no answer. */
  readonly calls: StepFunctionsCalls;
  /** ARNs of the state machines, or of their aliases, by the names that the port's callers use. */
  readonly machines: Readonly<Record<string, string>>;
}

/**
 * The engine port on AWS Step Functions. It keeps nothing: every answer is the service's.
 *
 * 1. The input is written with sorted keys, because the service compares texts to tell a start that is repeated.
 * 2. A start whose answer was lost is repeated by the door; if what it began has ended meanwhile, the service takes the
 *    repetition for a second start. Then an execution of this name and this input counts as begun.
 * 3. The service promises to stop nested executions at best effort only, so `stop` looks for them and stops them too.
 * 4. A token's call whose answer was lost ends as `TaskTokenUsed`, which may be its own doing.
 */
export function stepFunctionsEngine({ calls, machines }: StepFunctionsEngineOptions): Engine {
  return {
    // https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
    mostEvents: 25_000,
    start: (params) => start(calls, machines, params),
    completeTask: async ({ taskToken, output }) => {
      const json = JSON.stringify(output);
      checkOutput(json);
      await called(TOKEN_ERRORS, calls.sendTaskSuccess({ taskToken, output: json }));
    },
    failTask: async ({ taskToken, ...reason }) => {
      await called(TOKEN_ERRORS, calls.sendTaskFailure({ taskToken, ...cutOff(reason) }));
    },
    heartbeat: async ({ taskToken }) => {
      await called(TOKEN_ERRORS, calls.sendTaskHeartbeat({ taskToken }));
    },
    stop: async ({ executionId, ...reason }) => {
      await stop(calls, executionId, cutOff(reason));
    },
    describe: (params) =>
      describe(
        calls,
        machines,
        'name' in params
          ? executionArn(machineArn(machines, params.machine), params.name)
          : params.executionId,
      ),
    history: (params) => readHistory(calls, params),
  };
}

async function start(
  calls: StepFunctionsCalls,
  machines: StepFunctionsEngineOptions['machines'],
  { machine, name, input }: Parameters<Engine['start']>[0],
): Promise<{ executionId: string }> {
  const stateMachineArn = machineArn(machines, machine);
  const json = canonicalJson(input);
  checkStart(name, json);
  try {
    const starting = calls.startExecution({ stateMachineArn, name, input: json });
    return { executionId: (await called(START_ERRORS, starting)).executionArn! };
  } catch (error) {
    if (!hasCode(error, 'EngineExecutionExists') || error.details['afterLostAnswer'] !== true) throw error;
    const executionId = executionArn(stateMachineArn, name);
    const begun = await describe(calls, machines, executionId);
    if (begun === null || canonicalJson(begun.input) !== json) throw error;
    return { executionId };
  }
}

function machineArn(machines: StepFunctionsEngineOptions['machines'], machine: string): string {
  const arn = Object.hasOwn(machines, machine) ? machines[machine] : undefined;
  if (arn === undefined) throw new BreakwaterError('MachineNotFound', `there is no machine '${machine}'`);
  return arn;
}

/** Outermost first, so that nothing new begins meanwhile. Stopping what has ended does nothing. */
async function stop(
  calls: StepFunctionsCalls,
  executionId: string,
  reason: { readonly error?: string; readonly cause?: string },
): Promise<void> {
  const stopping = calls.stopExecution({ executionArn: executionId, ...reason });
  await called(EXECUTION_ERRORS, stopping);
  for (const nested of await nestedExecutions(calls, executionId)) await stop(calls, nested, reason);
}

async function describe(
  calls: StepFunctionsCalls,
  machines: StepFunctionsEngineOptions['machines'],
  executionId: string,
): Promise<EngineExecution | null> {
  try {
    const asked = calls.describeExecution({ executionArn: executionId });
    return described(await called(EXECUTION_ERRORS, asked), machines);
  } catch (error) {
    if (hasCode(error, 'EngineExecutionNotFound')) return null;
    throw error;
  }
}

function described(
  answer: DescribeExecutionOutput,
  machines: StepFunctionsEngineOptions['machines'],
): EngineExecution {
  const { stateMachineArn = '', startDate = new Date(0), stopDate, output } = answer;
  const status = answer.status as EngineStatus;
  // The service says of a time-out only that it was one.
  const error = answer.error ?? (status === 'TIMED_OUT' ? 'States.Timeout' : undefined);
  return {
    executionId: answer.executionArn!,
    machine: machineName(stateMachineArn, machines),
    name: answer.name ?? '',
    status,
    input: JSON.parse(answer.input ?? 'null') as Json,
    ...(output === undefined ? {} : { output: JSON.parse(output) as Json }),
    ...(error === undefined ? {} : { error }),
    ...(answer.cause === undefined ? {} : { cause: answer.cause }),
    startedAt: startDate.toISOString(),
    ...(stopDate === undefined ? {} : { stoppedAt: stopDate.toISOString() }),
  };
}

/** The name by which the port's callers know a machine; its own, if they do not. */
function machineName(arn: string, machines: StepFunctionsEngineOptions['machines']): string {
  const own = (each: string): string => each.split(':')[6] ?? '';
  return Object.keys(machines).find((name) => own(machines[name]!) === own(arn)) ?? own(arn);
}

/** `arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME` */
function executionArn(stateMachineArn: string, name: string): string {
  const [arn, partition, service, region, account, , machine] = stateMachineArn.split(':');
  return [arn, partition, service, region, account, 'execution', machine, name].join(':');
}

/**
 * An error has at most 256 characters and a cause 32,768: rather cut off than refused.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html
 */
function cutOff<T extends { readonly error?: string; readonly cause?: string }>(reason: T): T {
  const { error, cause } = reason;
  return {
    ...reason,
    ...(error === undefined ? {} : { error: error.slice(0, 256) }),
    ...(cause === undefined ? {} : { cause: cause.slice(0, 32_768) }),
  };
}
