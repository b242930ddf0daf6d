import { expect, test } from 'vitest';
import recovery from './recovery.asl.json' with { type: 'json' };
import technology from './technology.asl.json' with { type: 'json' };

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly ItemProcessor?: Machine;
}

interface Machine {
  readonly States: Readonly<Record<string, State>>;
}

function tasksOf({ States }: Machine): (readonly [string, State])[] {
  return Object.entries(States).flatMap(([name, state]) =>
    state.ItemProcessor === undefined ? [[name, state] as const] : tasksOf(state.ItemProcessor),
  );
}

const invoking = [recovery, technology]
  .flatMap((machine) => tasksOf(machine as unknown as Machine))
  .filter(([, { Resource }]) => Resource === 'arn:aws:states:::lambda:invoke');

/**
 * The names under which Step Functions reports that Lambda could not, or that the function's process ended or was stopped. Sources:
 * https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html, and what Lambda answers as `errorType`.
 */
const OF_LAMBDA = [
  'Lambda.AWSLambdaException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.SdkClientException',
  'Lambda.ServiceException',
  'Lambda.TooManyRequestsException',
  'Lambda.Unknown',
  'Runtime.ExitError',
  'Sandbox.Timedout',
  'States.Timeout',
];

test('there are ten states that invoke a function', () => {
  expect(invoking).toHaveLength(10);
});

test.each(invoking)(
  '%s is performed again after a function was throttled, killed or out of time, and not after a bug',
  (_name, { Retry: [retry] = [] }) => {
    expect(retry?.ErrorEquals).toEqual(expect.arrayContaining(OF_LAMBDA));
    for (const all of ['States.ALL', 'States.TaskFailed']) expect(retry?.ErrorEquals).not.toContain(all);
  },
);

test.each(invoking.filter(([name]) => ['Start', 'Poll', 'RecordFailure'].includes(name)))(
  '%s is performed again while the function before it, which Step Functions has lost, is still at work',
  (_name, { Retry: [retry] = [] }) => {
    expect(retry?.ErrorEquals).toContain('TooManyRequests');
  },
);

const others = [recovery, technology]
  .flatMap((machine) => tasksOf(machine as unknown as Machine))
  .filter(([, { Type, Resource }]) => Type === 'Task' && Resource !== 'arn:aws:states:::lambda:invoke');

test.each(others.filter(([, { Resource }]) => Resource?.includes('sqs:')))(
  '%s sends its message again, whatever stood in the way: a gate takes the token of the last',
  (_name, { Retry: [retry] = [] }) => {
    expect(retry?.ErrorEquals).toEqual(['States.TaskFailed']);
  },
);

test.each(others.filter(([, { Resource }]) => Resource?.includes('startExecution')))(
  '%s is begun again after Step Functions could not, and not after the nested execution has failed',
  (_name, { Retry: [retry] = [] }) => {
    expect(retry?.ErrorEquals.length).toBeGreaterThan(0);
    expect(retry?.ErrorEquals.filter((error) => !error.startsWith('StepFunctions.'))).toEqual([]);
  },
);
