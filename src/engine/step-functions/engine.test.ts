import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { createAws } from '#aws/create-aws.ts';
import { stepFunctionsService } from '#aws/services/step-functions.ts';
import { virtualClock } from '#clocks/virtual.ts';
import type { Json } from '#core/json.ts';
import type { Engine } from '../port.ts';
import { stepFunctionsEngine } from './engine.ts';

const ARN = 'arn:aws:states:eu-west-1:111122223333:stateMachine:prod-recovery';
const EXECUTION = 'arn:aws:states:eu-west-1:111122223333:execution:prod-recovery:one';

interface Asked {
  readonly operation: string;
  readonly input: Record<string, Json>;
}
type Answer = object | { readonly error: string } | { readonly lost: true };

/** An engine whose service gives these answers, in this order and in virtual time, and a record of what it was asked. */
function engineOf(...answers: readonly Answer[]): { engine: Engine; asked: Asked[]; waitedMs: () => number } {
  const startsAt = Date.parse('2026-11-24T10:00:00Z');
  const clock = virtualClock({ startsAt });
  const asked: Asked[] = [];
  const handle = async (request: never): Promise<unknown> => {
    const { headers, body } = request as { headers: Record<string, string>; body: Uint8Array };
    const answer = answers[asked.length] ?? expect.fail('one call too many');
    const input = JSON.parse(new TextDecoder().decode(body)) as Record<string, Json>;
    asked.push({ operation: headers['x-amz-target']!.split('.')[1]!, input });
    if ('lost' in answer) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    const isError = 'error' in answer;
    return {
      response: {
        statusCode: isError ? 400 : 200,
        headers: { 'content-type': 'application/x-amz-json-1.0' },
        body: Buffer.from(JSON.stringify(isError ? { __type: answer.error, message: 'of AWS' } : answer)),
      },
    };
  };
  const aws = createAws({
    services: { stepFunctions: stepFunctionsService },
    clock,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    accounts: async () => null,
    sessionName: 'test',
    random: () => 0.5,
    requestHandler: { handle },
  });
  const machines = { recovery: `${ARN}:live`, technology: `${ARN}-technology` };
  const engine = stepFunctionsEngine({ calls: aws.for({}).stepFunctions, machines });
  return { engine, asked, waitedMs: () => clock.now() - startsAt };
}

const start = (engine: Engine, input: Json = { b: 1, a: 2 }): ReturnType<Engine['start']> =>
  engine.start({ machine: 'recovery', name: 'one', input });
const begun = { executionArn: EXECUTION, startDate: 1_764_000_000 };
const described = {
  ...begun,
  stateMachineArn: ARN,
  name: 'one',
  status: 'SUCCEEDED',
  input: '{"a":2,"b":1}',
};

describe('a start', () => {
  test('goes to the machine of that name, with its input in one writing.', async () => {
    const { engine, asked } = engineOf(begun);
    expect(await start(engine)).toEqual({ executionId: EXECUTION });
    expect(asked).toEqual([
      {
        operation: 'StartExecution',
        input: { stateMachineArn: `${ARN}:live`, name: 'one', input: '{"a":2,"b":1}' },
      },
    ]);
  });

  test('is repeated with back-off when it is throttled.', async () => {
    const throttled = { error: 'ThrottlingException' };
    const { engine, asked, waitedMs } = engineOf(throttled, throttled, begun);
    expect(await start(engine)).toEqual({ executionId: EXECUTION });
    expect(asked).toHaveLength(3);
    expect(waitedMs()).toBe(1_500);
  });

  test('whose answer was lost finds what it began, though that has ended meanwhile.', async () => {
    const { engine, asked } = engineOf({ lost: true }, { error: 'ExecutionAlreadyExists' }, described);
    expect(await start(engine)).toEqual({ executionId: EXECUTION });
    expect(asked.map(({ operation }) => operation)).toEqual([
      'StartExecution',
      'StartExecution',
      'DescribeExecution',
    ]);
    expect(asked[2]!.input).toEqual({ executionArn: EXECUTION });
  });

  test('whose answer was lost does not take the execution of another input for its own.', async () => {
    const other = { ...described, input: '{"a":3}' };
    const { engine } = engineOf({ lost: true }, { error: 'ExecutionAlreadyExists' }, other);
    await expect(start(engine)).rejects.toMatchObject({ code: 'EngineExecutionExists' });
  });

  test.each([
    { error: 'ExecutionAlreadyExists', code: 'EngineExecutionExists' },
    { error: 'StateMachineDoesNotExist', code: 'MachineNotFound' },
    { error: 'StateMachineDeleting', code: 'MachineNotFound' },
    { error: 'InvalidName', code: 'EngineStartInvalid' },
    { error: 'ExecutionLimitExceeded', code: 'AwsQuotaExceeded' },
    { error: 'AccessDeniedException', code: 'AwsAccessDenied' },
  ])('that AWS refuses with $error is $code.', async ({ error, code }) => {
    const { engine } = engineOf({ error });
    await expect(start(engine)).rejects.toMatchObject({ code });
  });

  test('of a machine without an ARN, with a name or an input that AWS would refuse, is not sent.', async () => {
    const { engine, asked } = engineOf();
    await expect(engine.start({ machine: 'other', name: 'one', input: 1 })).rejects.toMatchObject({
      code: 'MachineNotFound',
      message: "there is no machine 'other'",
    });
    await expect(start(engine, 'ü'.repeat(131_072))).rejects.toMatchObject({
      code: 'EngineStartInvalid',
      message: "the input of 'one' has 262146 bytes",
    });
    expect(asked).toEqual([]);
  });
});

describe('a task token', () => {
  test.each([
    { error: 'TaskTimedOut', code: 'TaskTokenUsed' },
    { error: 'TaskDoesNotExist', code: 'TaskTokenUsed' },
    { error: 'InvalidToken', code: 'TaskTokenInvalid' },
    { error: 'InvalidOutput', code: 'TaskOutputInvalid' },
  ])('of which AWS says $error is $code, whatever is done with it.', async ({ error, code }) => {
    const { engine } = engineOf({ error }, { error }, { error });
    await expect(engine.completeTask({ taskToken: 't', output: 1 })).rejects.toMatchObject({ code });
    await expect(engine.failTask({ taskToken: 't', error: 'No' })).rejects.toMatchObject({ code });
    await expect(engine.heartbeat({ taskToken: 't' })).rejects.toMatchObject({ code });
  });

  test('whose answer was lost is sent again, and then counts as used.', async () => {
    const { engine, asked } = engineOf({ lost: true }, { error: 'TaskTimedOut' });
    await expect(engine.completeTask({ taskToken: 't', output: 1 })).rejects.toMatchObject({
      code: 'TaskTokenUsed',
      details: { afterLostAnswer: true },
    });
    expect(asked).toHaveLength(2);
  });

  test('takes an error and a cause as long as AWS does, and no longer.', async () => {
    const { engine, asked } = engineOf({});
    await engine.failTask({ taskToken: 't', error: 'E'.repeat(300), cause: 'c'.repeat(40_000) });
    const { error, cause } = asked[0]!.input as { error: string; cause: string };
    expect([error.length, cause.length]).toEqual([256, 32_768]);
  });
});

describe('a stop', () => {
  test('stops the nested executions that the history names, after the one that waits for them.', async () => {
    const submitted = (ExecutionArn: string): object => ({
      id: 3,
      type: 'TaskSubmitted',
      taskSubmittedEventDetails: { resourceType: 'states', output: JSON.stringify({ ExecutionArn }) },
    });
    const message = { id: 4, type: 'TaskSubmitted', taskSubmittedEventDetails: { resourceType: 'sqs' } };
    const { engine, asked } = engineOf(
      {},
      { events: [submitted('nested-1'), message], nextToken: 'more' },
      { events: [submitted('nested-2')] },
      { error: 'ThrottlingException' },
      {},
      { events: [] },
      {},
      { events: [] },
    );
    await engine.stop({ executionId: EXECUTION, cause: 'drill is over' });
    expect(asked.filter(({ operation }) => operation === 'StopExecution').map(({ input }) => input)).toEqual([
      { executionArn: EXECUTION, cause: 'drill is over' },
      { executionArn: 'nested-1', cause: 'drill is over' },
      { executionArn: 'nested-1', cause: 'drill is over' },
      { executionArn: 'nested-2', cause: 'drill is over' },
    ]);
  });
});

describe('an execution', () => {
  test('is described under the name that its machine has here, also when it was started through an alias.', async () => {
    const { engine } = engineOf({ ...described, output: '"done"', stopDate: 1_764_000_060.5 });
    expect(await engine.describe({ executionId: EXECUTION })).toEqual({
      executionId: EXECUTION,
      machine: 'recovery',
      name: 'one',
      status: 'SUCCEEDED',
      input: { a: 2, b: 1 },
      output: 'done',
      startedAt: '2025-11-24T16:00:00.000Z',
      stoppedAt: '2025-11-24T16:01:00.500Z',
    });
  });

  test('that AWS does not know, or no longer, is null.', async () => {
    const { engine } = engineOf({ error: 'ExecutionDoesNotExist' }, { error: 'InvalidArn' });
    expect(await engine.describe({ executionId: EXECUTION })).toBeNull();
    expect(await engine.describe({ executionId: 'nothing' })).toBeNull();
  });
});

describe('a history', () => {
  const event = (id: number, type: string, previousEventId: number, more: object = {}): object => ({
    id,
    type,
    previousEventId,
    timestamp: 1_764_000_000,
    ...more,
  });
  const entered = (id: number, previous: number, name: string): object =>
    event(id, 'TaskStateEntered', previous, { stateEnteredEventDetails: { name, input: '{"n":1}' } });

  test('tells of each event the state that it happened in, also beside and after a Map.', async () => {
    const { engine } = engineOf({
      events: [
        event(1, 'ExecutionStarted', 0, { executionStartedEventDetails: { input: '1' } }),
        event(2, 'MapStateEntered', 1, { stateEnteredEventDetails: { name: 'Waves', input: '[]' } }),
        event(3, 'MapStateStarted', 2, { mapStateStartedEventDetails: { length: 2 } }),
        event(4, 'MapIterationStarted', 3, { mapIterationStartedEventDetails: { name: 'Waves', index: 0 } }),
        event(5, 'MapIterationStarted', 3, { mapIterationStartedEventDetails: { name: 'Waves', index: 1 } }),
        entered(6, 4, 'Left'),
        entered(7, 5, 'Right'),
        event(8, 'TaskScheduled', 6, {
          taskScheduledEventDetails: { resource: 'invoke', parameters: '{"Payload":2}' },
        }),
        event(9, 'TaskFailed', 7, { taskFailedEventDetails: { error: 'E', cause: 'why' } }),
        event(10, 'MapStateFailed', 9),
        event(11, 'ExecutionFailed', 10, { executionFailedEventDetails: { error: 'E' } }),
      ],
    });
    const { events } = await engine.history({ executionId: EXECUTION });
    expect(events.map(({ type, state, details }) => [type, state, details])).toEqual([
      ['ExecutionStarted', undefined, { input: 1 }],
      ['MapStateEntered', 'Waves', { input: [] }],
      ['MapStateStarted', 'Waves', { length: 2 }],
      ['MapIterationStarted', 'Waves', { index: 0 }],
      ['MapIterationStarted', 'Waves', { index: 1 }],
      ['TaskStateEntered', 'Left', { input: { n: 1 } }],
      ['TaskStateEntered', 'Right', { input: { n: 1 } }],
      ['TaskScheduled', 'Left', { resource: 'invoke', parameters: { Payload: 2 } }],
      ['TaskFailed', 'Right', { error: 'E', cause: 'why' }],
      ['MapStateFailed', 'Waves', undefined],
      ['ExecutionFailed', 'Waves', { error: 'E' }],
    ]);
  });

  test('pages over what AWS gives in pages, and reads no further than it must.', async () => {
    const first = { events: [event(1, 'ExecutionStarted', 0), entered(2, 1, 'A')], nextToken: 'more' };
    const second = {
      events: [event(3, 'TaskScheduled', 2), event(4, 'TaskStarted', 3)],
      nextToken: 'yet more',
    };
    const { engine, asked } = engineOf(first, first, { error: 'ThrottlingException' }, second);
    const one = await engine.history({ executionId: EXECUTION, limit: 1 });
    expect(one).toMatchObject({ events: [{ id: 1 }], cursor: '1' });
    const two = await engine.history({ executionId: EXECUTION, limit: 2, cursor: '1' });
    expect(two).toMatchObject({ events: [{ id: 2 }, { id: 3, state: 'A' }], cursor: '3' });
    expect(asked.map(({ input }) => input['nextToken'])).toEqual([undefined, undefined, 'more', 'more']);
  });
});
