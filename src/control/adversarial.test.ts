import { beforeEach, describe, expect, test } from 'vitest';
import type { Progress } from '#adapters/contract.ts';
import { virtualClock } from '#clocks/virtual.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Json, JsonObject } from '#core/json.ts';
import { Plan } from '#core/plan.ts';
import type { GateAction, GateKind } from '#core/view.ts';
import { ExecutionRepository } from '#store/executions.ts';
import { storedTurns } from '#store/turns.ts';
import { cleanUpExecution } from '#workflow/execution.ts';
import { receiveGate } from '#workflow/gates.ts';
import { failTechnology, pollTechnology, startTechnology } from '#workflow/technologies.ts';
import { completed, failed, planOf, underWay, workbench, type Bench } from '#workflow/testing/bench.ts';
import { abortWave, applyDecision, completeWave, validateWaveCompletion } from '#workflow/waves.ts';
import { validateWave } from '#workflow/wave-validation.ts';

/** What people and crashes can do to an execution between any two of its steps. */

const HOUR_MS = 3_600_000;

let bench: Bench;
beforeEach(() => {
  bench = workbench();
});

const wave = (executionId: string, waveNumber = 1) => ({ executionId, waveNumber });
const place = (executionId: string, technologyIndex = 0) => ({ ...wave(executionId), technologyIndex });
const start = (id: string, index = 0): Promise<Json> => startTechnology(bench.services, place(id, index));
const poll = (id: string, index = 0): Promise<Json> => pollTechnology(bench.services, place(id, index));
const record = (id: string, index = 0) => bench.services.executions.technology(id, 1, index);
const view = (executionId: string) => bench.control.getExecution({ executionId });
const judge = (id: string): Promise<Json> => validateWaveCompletion(bench.services, wave(id));
const gate = (executionId: string, kind: GateKind, waveNumber = 1, taskToken = `${kind}-${waveNumber}`) =>
  receiveGate(bench.services, { executionId, waveNumber, kind, taskToken });

/** A person decides, and the state machine does what follows. */
async function decide(id: string, action: GateAction, gateId = 'w1-decision'): Promise<void> {
  await bench.control.decide({ executionId: id, gateId, action, by: 'ana', reason: 'because' });
  await applyDecision(bench.services, { ...wave(id), action, reason: 'because' });
}

function partly(status: 'in_progress' | 'failed'): Progress<JsonObject> {
  const outcomes = [
    { resourceId: 'r-1', status: 'completed' },
    { resourceId: 'r-2', status },
    { resourceId: 'r-3', status: 'in_progress' },
  ] as const;
  return status === 'failed'
    ? { status: 'failed', outcomes, results: {} }
    : { status: 'in_progress', outcomes, state: { n: 1 }, waitMs: 1_000 };
}

describe('a retry', () => {
  test('works after a timeout: the new attempt has the whole time', async () => {
    const id = await bench.start(planOf([{ timeout: 'PT10M' }]));
    bench.answers.push(underWay({ n: 1 }), underWay({ n: 1 }));
    await validateWave(bench.services, wave(id));
    await start(id);
    bench.now += 11 * 60_000;
    expect(await poll(id)).toMatchObject({ status: 'failed' });
    await judge(id);
    await gate(id, 'decision');
    await decide(id, 'retry');
    await validateWave(bench.services, wave(id));
    expect(await start(id)).toMatchObject({ status: 'completed' });
    expect(await record(id)).toMatchObject({ status: 'completed', attempt: 2 });
  });

  test('works when the person has taken longer to decide than the technology may take', async () => {
    const id = await bench.start(planOf([{ timeout: 'PT4H' }]));
    bench.answers.push(failed('r-1'));
    await validateWave(bench.services, wave(id));
    await start(id);
    await judge(id);
    await gate(id, 'decision');
    bench.now += 5 * HOUR_MS;
    await decide(id, 'retry');
    await validateWave(bench.services, wave(id));
    expect(await start(id)).toMatchObject({ status: 'completed' });
  });

  test('by itself has the whole time too', async () => {
    const id = await bench.start(
      planOf([{ timeout: 'PT10M', retry: { maxAttempts: 1, interval: 'PT30S' } }]),
    );
    bench.answers.push(underWay({ n: 1 }), failed('r-1'));
    await start(id);
    bench.now += 595_000;
    expect(await poll(id)).toEqual({ status: 'restart', waitSeconds: 30 });
    bench.now += 30_000;
    expect(await start(id)).toMatchObject({ status: 'completed' });
  });

  test('is announced again when the poll that granted it died before it could say so', async () => {
    const id = await bench.start(planOf([{ retry: { maxAttempts: 2, interval: 'PT10S', backoffRate: 3 } }]));
    bench.answers.push(underWay({ n: 1 }), failed('r-1'), underWay({ n: 2 }), completed('r-1'));
    await start(id);
    expect(await poll(id)).toEqual({ status: 'restart', waitSeconds: 10 });
    expect(await poll(id)).toEqual({ status: 'restart', waitSeconds: 10 });
    await start(id);
    expect(await poll(id)).toMatchObject({ status: 'completed' });
    expect(await record(id)).toMatchObject({ status: 'completed', attempt: 2 });
  });

  test('that was granted and could not begin is a failure that can be skipped', async () => {
    const id = await bench.start(planOf([{ retry: { maxAttempts: 1 } }]));
    bench.answers.push(failed('r-1'));
    await validateWave(bench.services, wave(id));
    expect(await start(id)).toMatchObject({ status: 'restart' });
    await failTechnology(bench.services, {
      ...place(id),
      failure: { Error: 'StoreCorrupt', Cause: 'no row' },
    });
    expect(await judge(id)).toMatchObject({ verdict: 'ask' });
    await gate(id, 'decision');
    await decide(id, 'skip');
    expect(await validateWave(bench.services, wave(id))).toEqual({ technologies: [] });
    expect(await record(id)).toMatchObject({ status: 'skipped' });
  });

  test.each([
    {
      name: 'after a timeout',
      more: partly('in_progress'),
      lateMs: 11 * 60_000,
    },
    {
      name: 'after an error that ended everything',
      more: new BreakwaterError('AwsAccessDenied', 'no'),
      lateMs: 0,
    },
    { name: 'after a failure', more: partly('failed'), lateMs: 0 },
    { name: 'after a bug', more: new BreakwaterError('Bug', 'impossible'), lateMs: 0 },
  ])('$name leaves alone what was done, and does all that was not', async ({ more, lateMs }) => {
    const id = await bench.start(planOf([{ timeout: 'PT10M' }]));
    bench.answers.push(partly('in_progress'), more);
    await validateWave(bench.services, wave(id));
    await start(id);
    bench.now += lateMs;
    await poll(id).catch(() => failTechnology(bench.services, { ...place(id), failure: { Error: 'Bug' } }));
    expect(await record(id)).toMatchObject({ status: 'failed' });
    await judge(id);
    await gate(id, 'decision');
    await decide(id, 'retry');
    await validateWave(bench.services, wave(id));
    bench.answers.push(completed('r-2', 'r-3'));
    await start(id);
    expect(bench.asked.at(-1)).toBe('start a2 only r-2,r-3');
    const [technology] = (await view(id)).waves[0]!.technologies;
    expect(technology!.outcomes.map(({ resourceId, status }) => `${resourceId} ${status}`)).toEqual([
      'r-1 completed',
      'r-2 completed',
      'r-3 completed',
    ]);
  });

  test('that succeeds leaves no failure of an earlier attempt behind', async () => {
    const id = await bench.start(planOf([{}]));
    bench.answers.push(failed('start.sh'));
    await validateWave(bench.services, wave(id));
    await start(id);
    await judge(id);
    await gate(id, 'decision');
    await decide(id, 'retry');
    await validateWave(bench.services, wave(id));
    bench.answers.push(completed('start.sh@i-1'));
    await start(id);
    expect((await bench.services.executions.head(id)).exceptions).toBe(0);
    const [technology] = (await view(id)).waves[0]!.technologies;
    expect(technology!.outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
  });
});

test('a handler that the state machine gave up and the one after it work one after the other', async () => {
  const id = await bench.start(planOf([{}]));
  const answers = await Promise.all([start(id), start(id), poll(id)]);
  expect(answers.map((answer) => (answer as { status: string }).status)).toEqual([
    'completed',
    'completed',
    'completed',
  ]);
  expect(bench.asked).toEqual(['assess', 'start a1']);
});

test('on Lambda, where the one after it is another process, they do so too', async () => {
  const id = await bench.start(planOf([{}]));
  const { store } = bench.deps;
  const processes = ['lost', 'next'].map((holder) => {
    const clock = virtualClock({ startsAt: bench.now });
    const turns = storedTurns({ store, clock, newId: () => holder });
    const executions = new ExecutionRepository({ store, now: () => bench.now, turns });
    return { ...bench.services, executions };
  });
  await Promise.all(processes.map((services) => startTechnology(services, place(id))));
  expect(bench.asked).toEqual(['assess', 'start a1']);
});

test('a technology that was done while the process was away is looked at before it is called late', async () => {
  const id = await bench.start(planOf([{ timeout: 'PT4H' }]));
  bench.answers.push(underWay({ n: 1 }), completed('r-1'));
  await start(id);
  bench.now += 9 * HOUR_MS;
  expect(await poll(id)).toMatchObject({ status: 'completed' });
});

test('a technology of which nothing has begun does not begin after its time', async () => {
  const id = await bench.start(planOf([{ timeout: 'PT4H' }]));
  bench.answers.push(new BreakwaterError('AwsUnreachable', 'us-west-2 is down'));
  await start(id);
  bench.now += 5 * HOUR_MS;
  expect(await poll(id)).toMatchObject({ status: 'failed' });
  expect(bench.asked).toEqual(['assess', 'start a1']);
  expect((await record(id)).error?.code).toBe('TechnologyTimeout');
});

test('trouble that does not pass ends with the timeout, and says what it was', async () => {
  const id = await bench.start(planOf([{ timeout: 'PT10M' }]));
  bench.answers.push(underWay({ n: 1 }), new BreakwaterError('AwsUnreachable', 'us-west-2 is down'));
  await start(id);
  bench.now += 11 * 60_000;
  expect(await poll(id)).toMatchObject({ status: 'failed' });
  expect((await record(id)).error).toEqual({
    code: 'TechnologyTimeout',
    message: 'not done after PT10M (AwsUnreachable: us-west-2 is down)',
  });
});

test('a handler that broke without words leaves the name of what happened', async () => {
  const id = await bench.start(planOf([{}]));
  await failTechnology(bench.services, { ...place(id), failure: { Error: 'States.Timeout', Cause: '' } });
  expect((await record(id)).error).toEqual({ code: 'States.Timeout', message: 'States.Timeout' });
});

describe('a gate at which nobody acts', () => {
  const timeout = { Error: 'States.Timeout', Cause: '' };

  test('is closed as expired, and the wave fails because nobody answered', async () => {
    const id = await bench.start(planOf([{}], [{}]));
    await gate(id, 'dependencies');
    await gate(id, 'dependencies', 2);
    bench.answers.push(failed('r-1'));
    await validateWave(bench.services, wave(id));
    await start(id);
    await judge(id);
    await gate(id, 'decision');
    bench.now += 7 * 24 * HOUR_MS;
    await abortWave(bench.services, { ...wave(id), failure: timeout });
    await abortWave(bench.services, { ...wave(id, 2), failure: null });
    await cleanUpExecution(bench.services, { executionId: id });
    const after = await view(id);
    expect(after).toMatchObject({ status: 'failed', waves: [{ status: 'failed' }, { status: 'cancelled' }] });
    expect(after.gates).toMatchObject([
      {
        gateId: 'w1-decision',
        status: 'closed',
        closedAt: '2026-01-14T10:00:00.000Z',
        resolution: { action: 'expired', by: 'breakwater', reason: 'nobody answered within 7 days' },
      },
    ]);
    const events = await bench.control.listEvents({ executionId: id });
    expect(events.find(({ code }) => code === 'WaveFailed')?.message).toBe(
      'wave 1 (Wave 1) failed: nobody answered within 7 days',
    );
    expect(events.filter(({ code }) => code === 'GateClosed')).toHaveLength(1);
  });

  test('says the same when the closing is repeated', async () => {
    const id = await bench.start(planOf([{}]));
    await gate(id, 'dependencies');
    await validateWave(bench.services, wave(id));
    await gate(id, 'pause');
    await abortWave(bench.services, { ...wave(id), failure: timeout });
    const events = (await bench.control.listEvents({ executionId: id })).length;
    await abortWave(bench.services, { ...wave(id), failure: timeout });
    expect(await bench.control.listEvents({ executionId: id })).toHaveLength(events);
  });
});

describe('onFailure', () => {
  const finding = { level: 'error', rule: 'Unhealthy', path: '', message: 'stalled', remedy: '' } as const;

  test('continue lets the others of the wave start although one cannot', async () => {
    const id = await bench.start(planOf([{ onFailure: 'continue' }, {}]));
    bench.findings.push(finding);
    expect(await validateWave(bench.services, wave(id))).toMatchObject({
      technologies: [{ technologyIndex: 1 }],
    });
    await start(id, 1);
    expect(await judge(id)).toMatchObject({ verdict: 'complete' });
    await completeWave(bench.services, wave(id));
    expect(await cleanUpExecution(bench.services, { executionId: id })).toEqual({ status: 'completed' });
    expect((await view(id)).outcome).toBe('with_exceptions');
  });

  test('a failed optional technology stays an exception when a cancel comes between verdict and completion', async () => {
    const id = await bench.start(planOf([{ criticality: 'optional' }, {}]));
    bench.answers.push(failed('r-1'));
    await validateWave(bench.services, wave(id));
    await start(id);
    await start(id, 1);
    expect(await judge(id)).toMatchObject({ verdict: 'complete' });
    await bench.control.cancel({ executionId: id, by: 'ana' });
    await completeWave(bench.services, wave(id));
    await cleanUpExecution(bench.services, { executionId: id });
    expect(await view(id)).toMatchObject({ status: 'completed', outcome: 'with_exceptions' });
  });
});

describe('before a wave', () => {
  test('trouble that may pass is written down on the technology while the state machine tries again', async () => {
    const id = await bench.start(planOf([{ resources: { trouble: 'AwsUnreachable' } }]));
    await expect(validateWave(bench.services, wave(id))).rejects.toMatchObject({ code: 'AwsUnreachable' });
    expect(await record(id)).toMatchObject({
      status: 'pending',
      detail: 'AwsUnreachable: trouble; trying again',
    });
  });

  test('trouble that does not pass is a failure, about which a person decides', async () => {
    const id = await bench.start(planOf([{ resources: { trouble: 'AwsUnreachable' } }]));
    expect(await validateWave(bench.services, { ...wave(id), retryCount: 30 })).toEqual({ technologies: [] });
    expect(await judge(id)).toMatchObject({ verdict: 'ask' });
    expect((await record(id)).error).toEqual({ code: 'AwsUnreachable', message: 'trouble' });
  });

  test('a cancel ends the trying', async () => {
    const id = await bench.start(planOf([{ resources: { trouble: 'AwsUnreachable' } }]));
    await bench.control.cancel({ executionId: id, by: 'ana' });
    expect(await validateWave(bench.services, wave(id))).toEqual({ technologies: [] });
    expect(await judge(id)).toMatchObject({ verdict: 'cancelled' });
  });
});

describe('the end', () => {
  test('of a state machine that broke leaves no gate open and no wave under way', async () => {
    const id = await bench.start(planOf([{}], [{}]));
    await gate(id, 'dependencies');
    await gate(id, 'dependencies', 2);
    bench.answers.push(underWay({ n: 1 }));
    await validateWave(bench.services, wave(id));
    await start(id);
    await gate(id, 'pause');
    await cleanUpExecution(bench.services, {
      executionId: id,
      failure: { Error: 'States.Runtime', Cause: 'broke' },
    });
    const after = await view(id);
    expect(after).toMatchObject({
      status: 'failed',
      error: { code: 'States.Runtime', message: 'broke' },
      waves: [{ status: 'failed', technologies: [{ status: 'failed' }] }, { status: 'cancelled' }],
      gates: [{ status: 'closed' }],
    });
    const gates = await bench.services.executions.gates(id);
    expect(gates.filter(({ status }) => status === 'open')).toEqual([]);
  });
});

test('a resume that is beaten to a gate opens all the others', async () => {
  for (const order of ['resume first', 'decision first']) {
    bench = workbench();
    const id = await bench.start(planOf([{}], [{}], [{}]));
    await gate(id, 'pause', 1);
    await gate(id, 'pause', 2);
    await bench.control.pause({ executionId: id, by: 'ana' });
    await bench.services.executions.change(id, async (change) => {
      change.putWave({ ...(await change.wave(2)), status: 'completed' });
    });
    await gate(id, 'dependencies', 3);
    const resume = () => bench.control.resume({ executionId: id, by: 'ben' });
    const decision = () =>
      bench.control
        .decide({ executionId: id, gateId: 'w1-pause', action: 'resume', by: 'eve' })
        .catch(() => {});
    await Promise.all(order === 'resume first' ? [resume(), decision()] : [decision(), resume()]);
    expect(bench.completed.map(({ token }) => token).toSorted(), order).toEqual([
      'dependencies-3',
      'pause-1',
      'pause-2',
    ]);
  }
});

describe('a cancel at a gate', () => {
  test('that is closed, or not there, is refused and cancels nothing', async () => {
    const id = await bench.start(planOf([{}]));
    await gate(id, 'pause');
    await bench.control.resume({ executionId: id, by: 'ana' });
    for (const gateId of ['w1-pause', 'nowhere']) {
      await expect(
        bench.control.decide({ executionId: id, gateId, action: 'cancel', by: 'ana' }),
      ).rejects.toMatchObject({ code: 'GateNotOpen' });
    }
    expect((await view(id)).cancelRequested).toBe(false);
  });

  test('that is open cancels the execution', async () => {
    const id = await bench.start(planOf([{}]));
    bench.answers.push(failed('r-1'));
    await validateWave(bench.services, wave(id));
    await start(id);
    await judge(id);
    await gate(id, 'decision');
    await bench.control.decide({ executionId: id, gateId: 'w1-decision', action: 'cancel', by: 'ana' });
    expect(bench.completed.at(-1)).toMatchObject({ output: { proceed: false, action: 'cancel' } });
    await applyDecision(bench.services, { ...wave(id), action: 'cancel', reason: '' });
    expect(await judge(id)).toMatchObject({ verdict: 'cancelled' });
    await abortWave(bench.services, { ...wave(id), failure: null });
    expect(await cleanUpExecution(bench.services, { executionId: id })).toEqual({ status: 'cancelled' });
  });
});

describe('an idempotency key', () => {
  const params = () =>
    ({
      plan: Plan.parse(planOf([{}])),
      mode: 'recovery',
      initiatedBy: 'ana',
      idempotencyKey: 'order-1',
    }) as const;

  test('that comes again answers the same execution, and leaves what it has done', async () => {
    const { executionId: id } = await bench.control.startExecution(params());
    await validateWave(bench.services, wave(id));
    await start(id);
    await completeWave(bench.services, wave(id));
    expect(await bench.control.startExecution(params())).toMatchObject({ executionId: id });
    expect((await view(id)).waves).toMatchObject([
      { status: 'completed', technologies: [{ status: 'completed' }] },
    ]);
  });

  test('that comes again after the end answers the same execution, whatever the estate is like now', async () => {
    const { executionId: id } = await bench.control.startExecution(params());
    await cleanUpExecution(bench.services, { executionId: id, failure: { Error: 'X' } });
    bench.findings.push({ level: 'error', rule: 'Gone', path: '', message: 'gone', remedy: '' });
    expect(await bench.control.startExecution(params())).toMatchObject({ executionId: id });
  });

  test('that comes many times at once starts one execution', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => bench.control.startExecution(params())),
    );
    expect(new Set(answers.map(({ executionId }) => executionId)).size).toBe(1);
    expect((await bench.control.listExecutions()).executions).toHaveLength(1);
    const events = await bench.control.listEvents({ executionId: answers[0]!.executionId });
    expect(events.map(({ code }) => code)).toEqual(['ExecutionStarted']);
  });
});
