import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { readInvocation } from '../../src/hosts/lambda/invocation.ts';
import { runbooks } from '../src/automation/documents.ts';
import { runAutomation, type AutomationResult, type InvokeLambda } from './support/automation.ts';

const ROLE = 'arn:aws:iam::111122223333:role/breakwater-automation';
const AUTOMATION = '4105a4fc-f944-11e6-9d32-0123456789ab';
const START = 'Breakwater-StartExecution';
const WAIT = 'Breakwater-StartExecutionAndWait';

const contentOf = (name: string) =>
  JSON.parse(JSON.stringify(runbooks(ROLE).find((one) => one.name === name)!.content)) as Record<
    string,
    Json
  >;

type Answer = ReturnType<InvokeLambda>;
const answer = (status: number, body: Json): Answer => ({ Payload: { status, body } });
const LOOK = ['Sleep', 'Look', 'Read'];
const STARTED = answer(202, { executionId: 'exec-1', joined: false });
const REFUSED: Answer = {
  FunctionError: 'Unhandled',
  Payload: {
    errorType: 'NotFound',
    errorMessage: 'there is no plan shop. Look at GET /plans (status 404, request r)',
  },
};
const is = (status: string, more: object = {}): Answer => answer(200, { status, ...more });

class Throttled extends Error {
  override readonly message = 'Rate Exceeded (TooManyRequestsException)';
}

/** An API function: events are held against the very schema of the alias, and answers are given in turn; the last again and again. */
function fakeApi(...answers: (Answer | Throttled)[]) {
  const events: Record<string, Json>[] = [];
  const invoke: InvokeLambda = ({ FunctionName, Qualifier, Payload }) => {
    expect([FunctionName, Qualifier]).toEqual(['breakwater-api', 'trigger']);
    readInvocation(Payload);
    const given = answers[Math.min(events.length, answers.length - 1)]!;
    events.push(Payload as Record<string, Json>);
    if (given instanceof Throttled) throw given;
    return given;
  };
  return { events, invoke };
}

function run(
  name: string,
  invoke: InvokeLambda,
  parameters: Readonly<Record<string, string>> = {},
  errorsFail = true,
): AutomationResult {
  return runAutomation({
    content: contentOf(name),
    parameters: { PlanId: 'shop', Mode: 'drill', ...parameters },
    executionId: AUTOMATION,
    invoke,
    errorsFail,
  });
}

/** The alias as it is. By names, not by types: those of `src` hold with its own strictness alone, not with that of the CDK. */
async function invokeReally(event: Json): Promise<unknown> {
  const lambda = path.join(import.meta.dirname, '../../src/hosts/lambda');
  const { lambdaApi } = (await import(`${lambda}/testing/lambda-world.ts`)) as {
    lambdaApi: () => Promise<unknown>;
  };
  const { performDirectly } = (await import(`${lambda}/direct.ts`)) as {
    performDirectly: (api: unknown, alias: object, event: Json) => Promise<unknown>;
  };
  const alias = { name: 'trigger', role: 'Operator', only: ['startExecution'] };
  return performDirectly(await lambdaApi(), alias, event);
}

describe('the runbook that starts', () => {
  test('answers the execution, under the name and the key of the automation', () => {
    const { events, invoke } = fakeApi(STARTED);
    expect(run(START, invoke, { Reason: "Ana's drill: Q4" })).toEqual({
      status: 'Success',
      outputs: { 'ReadStart.ExecutionId': 'exec-1' },
      seconds: 0,
      steps: ['Start', 'ReadStart'],
    });
    expect(events).toEqual([
      {
        operation: 'startExecution',
        body: { planId: 'shop', mode: 'drill', reason: "Ana's drill: Q4" },
        idempotencyKey: `ssm/${AUTOMATION}`,
        by: `ssm/${AUTOMATION}`,
        mustSucceed: true,
      },
    ]);
  });

  test.each([true, false])(
    'fails with what the refusal says (Lambda errors fail steps: %s)',
    (errorsFail) => {
      const { status, failure } = run(START, fakeApi(REFUSED).invoke, {}, errorsFail);
      expect(status).toBe('Failed');
      expect(failure).toContain('there is no plan shop. Look at GET /plans (status 404, request r)');
    },
  );

  test('is not put off by a throttle, and repeats the very same event', () => {
    const { events, invoke } = fakeApi(new Throttled(), STARTED);
    expect(run(START, invoke)).toMatchObject({
      status: 'Success',
      outputs: { 'ReadStart.ExecutionId': 'exec-1' },
    });
    expect(events).toHaveLength(2);
    expect(events[1]).toEqual(events[0]);
  });

  test('gives up when the throttle does not end', () => {
    const { events, invoke } = fakeApi(new Throttled());
    expect(run(START, invoke)).toMatchObject({
      status: 'Failed',
      failure: 'Start: Rate Exceeded (TooManyRequestsException)',
    });
    expect(events).toHaveLength(5);
  });

  test.each([
    { PlanId: 'shop","mode":"recovery' },
    { PlanId: '' },
    { Mode: 'real' },
    { Reason: 'a "quote"' },
    { Reason: 'two\nlines' },
    { Reason: '{{ PlanId }}' },
    { Reason: 'back\\slash' },
  ] as Record<string, string>[])('takes no parameter that could say something else: %j', (parameters) => {
    const { events, invoke } = fakeApi(STARTED);
    expect(() => run(START, invoke, parameters)).toThrow(/^parameter (PlanId|Mode|Reason) /);
    expect(events).toEqual([]);
  });

  test('is understood by the function that it invokes, which refuses a plan that is not there', async () => {
    const { events, invoke } = fakeApi(STARTED);
    run(START, invoke);
    await expect(invokeReally(events[0]!)).rejects.toThrow(/^there is no recovery plan "shop"/);
  });
});

describe('the runbook that waits', () => {
  test('ends when the execution has completed, and says how', () => {
    const done = is('completed', { outcome: 'with_exceptions' });
    const { events, invoke } = fakeApi(STARTED, is('planning'), is('in_progress'), done);
    expect(run(WAIT, invoke)).toEqual({
      status: 'Success',
      outputs: { 'ReadStart.ExecutionId': 'exec-1', 'Judge.Outcome': 'with_exceptions' },
      seconds: 900,
      steps: ['Start', 'ReadStart', 'Wait', ...LOOK, ...LOOK, ...LOOK, 'LookAtEnd', 'Judge'],
    });
    expect(events[1]).toEqual({
      operation: 'getExecution',
      params: { executionId: 'exec-1' },
      pick: ['status', 'outcome', 'error'],
      by: `ssm/${AUTOMATION}`,
    });
  });

  test('does not wait for what has not started', () => {
    expect(run(WAIT, fakeApi(REFUSED).invoke)).toMatchObject({
      status: 'Failed',
      seconds: 0,
      steps: ['Start'],
    });
  });

  test('fails with what the execution says', () => {
    const failed = is('failed', {
      error: { code: 'WaveFailed', message: 'wave 1 failed: 2 servers did not start' },
    });
    expect(run(WAIT, fakeApi(STARTED, is('in_progress'), failed).invoke)).toMatchObject({
      status: 'Failed',
      failure: 'Judge: Exception: execution exec-1 failed: wave 1 failed: 2 servers did not start',
      outputs: { 'ReadStart.ExecutionId': 'exec-1', 'Judge.Outcome': null },
    });
  });

  test('fails when the execution is cancelled', () => {
    expect(run(WAIT, fakeApi(STARTED, is('cancelled')).invoke)).toMatchObject({
      status: 'Failed',
      failure: 'Judge: Exception: execution exec-1 cancelled',
      seconds: 300,
    });
  });

  test('goes on waiting while a gate does', () => {
    const looks = [
      ...Array.from({ length: 40 }, () => is('paused')),
      is('in_progress'),
      is('completed', { outcome: 'clean' }),
    ];
    expect(run(WAIT, fakeApi(STARTED, ...looks).invoke)).toMatchObject({
      status: 'Success',
      outputs: { 'Judge.Outcome': 'clean' },
      seconds: 42 * 300,
    });
  });

  test('waits no longer than it says, and says that the execution goes on', () => {
    const { events, invoke } = fakeApi(STARTED, is('paused'));
    expect(run(WAIT, invoke, { LookEvery: 'PT15M' })).toMatchObject({
      status: 'Failed',
      failure:
        'Judge: Exception: execution exec-1 is still paused after 100 looks; it goes on without this automation',
      seconds: 100 * 900,
    });
    expect(events).toHaveLength(102);
  });

  test('is not put off by a look that is throttled or fails', () => {
    const broken: Answer = {
      FunctionError: 'Unhandled',
      Payload: { errorMessage: 'Task timed out after 60.00 seconds' },
    };
    const busy = answer(503, { code: 'StoreUnavailable', detail: 'the records cannot be read' });
    const looks = [new Throttled(), is('in_progress'), busy, broken, is('completed', { outcome: 'clean' })];
    for (const errorsFail of [true, false])
      expect(run(WAIT, fakeApi(STARTED, ...looks).invoke, {}, errorsFail)).toMatchObject({
        status: 'Success',
      });
  });

  test('does not wait on when it may not look', () => {
    const gone = answer(404, { code: 'NotFound', detail: 'there is no execution exec-1' });
    expect(run(WAIT, fakeApi(STARTED, gone).invoke)).toMatchObject({
      status: 'Failed',
      failure: 'Judge: Exception: cannot look at execution exec-1: there is no execution exec-1',
      seconds: 300,
    });
  });
});
