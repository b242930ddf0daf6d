import { beforeEach, describe, expect, test } from 'vitest';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import { receiveGate } from './gates.ts';
import { failTechnology, pollTechnology, startTechnology } from './technologies.ts';
import { completed, failed, planOf, STARTS_AT, underWay, workbench, type Bench } from './testing/bench.ts';
import { completeWave, validateWaveCompletion } from './waves.ts';
import { validateWave } from './wave-validation.ts';

let bench: Bench;
beforeEach(() => {
  bench = workbench();
});

const place = (executionId: string) => ({ executionId, waveNumber: 1, technologyIndex: 0 });
const start = (id: string): Promise<Json> => startTechnology(bench.services, place(id));
const poll = (id: string): Promise<Json> => pollTechnology(bench.services, place(id));
const record = (id: string) => bench.services.executions.technology(id, 1, 0);
const codes = async (id: string): Promise<string[]> =>
  (await bench.control.listEvents({ executionId: id })).map(({ code }) => code);

describe('the way of a technology', () => {
  test('starts, waits as long as the adapter says, is polled with its state, and completes', async () => {
    const id = await bench.start(planOf([{}]));
    bench.answers.push(underWay({ n: 1 }, 12_400), underWay({ n: 2 }, 1), completed('r-1'));
    expect(await start(id)).toEqual({ status: 'in_progress', waitSeconds: 13 });
    expect(await poll(id)).toEqual({ status: 'in_progress', waitSeconds: 1 });
    bench.now += 90_000;
    expect(await poll(id)).toEqual({ status: 'completed', waitSeconds: 0 });
    expect(bench.asked.slice(1)).toEqual(['start a1', 'poll {"n":1}', 'poll {"n":2}']);
    expect(await record(id)).toMatchObject({
      status: 'completed',
      results: { done: true },
      startedAt: '2026-01-07T10:00:00.000Z',
      completedAt: '2026-01-07T10:01:30.000Z',
      resources: ['r-1'],
    });
    expect(await codes(id)).toEqual([
      'ExecutionStarted',
      'TechnologyStarted',
      'TechnologyProgressed',
      'TechnologyCompleted',
    ]);
  });

  test('a start that is repeated after it has completed does not start again', async () => {
    const id = await bench.start(planOf([{}]));
    await start(id);
    expect(await start(id)).toEqual({ status: 'completed', waitSeconds: 0 });
    expect(bench.asked).toEqual(['assess', 'start a1']);
    expect(await codes(id)).toEqual(['ExecutionStarted', 'TechnologyStarted', 'TechnologyCompleted']);
  });

  test('a start that is repeated because its answer was lost says only once that it started', async () => {
    const id = await bench.start(planOf([{}]));
    bench.answers.push(underWay({ n: 1 }), underWay({ n: 1 }));
    await start(id);
    await start(id);
    expect((await codes(id)).filter((code) => code === 'TechnologyStarted')).toHaveLength(1);
  });
});

describe('trouble', () => {
  test.each(['AwsThrottled', 'AwsUnreachable', 'AwsQuotaExceeded', 'AwsCredentialsExpired'] as const)(
    '%s is written down and the step comes again with the same state',
    async (code) => {
      const id = await bench.start(planOf([{}]));
      bench.answers.push(underWay({ n: 1 }), new BreakwaterError(code, 'not now'), completed('r-1'));
      await start(id);
      expect(await poll(id)).toEqual({ status: 'in_progress', waitSeconds: 15 });
      expect(await record(id)).toMatchObject({ detail: `${code}: not now; trying again`, state: { n: 1 } });
      expect((await bench.control.listEvents({ executionId: id })).at(-1)).toMatchObject({
        code: 'TechnologyTroubled',
        level: 'warning',
        message: `scripted/run: ${code}: not now; trying again`,
      });
      expect(await poll(id)).toMatchObject({ status: 'completed' });
      expect(bench.asked.at(-1)).toBe('poll {"n":1}');
    },
  );

  test('trouble at the start is followed by another start, not by a poll', async () => {
    const id = await bench.start(planOf([{}]));
    bench.answers.push(new BreakwaterError('AwsThrottled', 'not now'));
    await start(id);
    expect(await poll(id)).toMatchObject({ status: 'completed' });
    expect(bench.asked).toEqual(['assess', 'start a1', 'start a1']);
  });

  test('an error that will not pass fails the technology with its code and message', async () => {
    const id = await bench.start(planOf([{}]));
    bench.answers.push(new BreakwaterError('AwsAccessDenied', 'drs:StartRecovery is not allowed'));
    expect(await start(id)).toEqual({ status: 'failed', waitSeconds: 0 });
    expect(await record(id)).toMatchObject({
      status: 'failed',
      error: { code: 'AwsAccessDenied', message: 'drs:StartRecovery is not allowed' },
    });
  });

  test('a bug is not hidden: it goes to the state machine, which records it', async () => {
    const id = await bench.start(planOf([{}]));
    bench.answers.push(new BreakwaterError('Bug', 'impossible'));
    await expect(start(id)).rejects.toThrow('impossible');
    const failure = { Error: 'Bug', Cause: JSON.stringify({ errorMessage: 'impossible', errorType: 'Bug' }) };
    await failTechnology(bench.services, { ...place(id), failure });
    expect(await record(id)).toMatchObject({
      status: 'failed',
      error: { code: 'Bug', message: 'impossible' },
    });
  });

  test('a technology that is not done in time fails, and says what it was doing', async () => {
    const id = await bench.start(planOf([{ timeout: 'PT10M' }]));
    const answer = underWay({ n: 1 }, 1_000, '3 of 4 servers launched');
    bench.answers.push(answer, answer);
    await start(id);
    bench.now = STARTS_AT + 10 * 60_000 + 1;
    expect(await poll(id)).toEqual({ status: 'failed', waitSeconds: 0 });
    expect(await record(id)).toMatchObject({
      error: { code: 'TechnologyTimeout', message: 'not done after PT10M (3 of 4 servers launched)' },
    });
  });
});

describe('failure', () => {
  test('the failed resources are named', async () => {
    const id = await bench.start(planOf([{}]));
    bench.answers.push(failed('r-1', 'r-2'));
    expect(await start(id)).toEqual({ status: 'failed', waitSeconds: 0 });
    expect((await record(id)).error).toEqual({ code: 'X', message: 'r-1: broken; r-2: broken' });
  });

  test('resources that may fail do not fail the technology, and are counted as exceptions', async () => {
    const id = await bench.start(planOf([{ optionalResources: ['r-2'] }]));
    bench.answers.push(failed('r-2'));
    expect(await start(id)).toMatchObject({ status: 'completed' });
    expect((await bench.services.executions.head(id)).exceptions).toBe(1);
  });

  test('the plan’s automatic retries work on what failed, with growing waits, and then it has failed', async () => {
    const id = await bench.start(planOf([{ retry: { maxAttempts: 2, interval: 'PT10S', backoffRate: 3 } }]));
    bench.answers.push(failed('r-1'), failed('r-1'), failed('r-1'));
    expect(await start(id)).toEqual({ status: 'restart', waitSeconds: 10 });
    expect(await start(id)).toEqual({ status: 'restart', waitSeconds: 30 });
    expect(await start(id)).toEqual({ status: 'failed', waitSeconds: 0 });
    expect(bench.asked).toEqual(['assess', 'start a1', 'start a2 only r-1', 'start a3 only r-1']);
    expect(await record(id)).toMatchObject({ status: 'failed', attempt: 3, due: false });
  });
});

describe('cancel', () => {
  test('at the next poll AWS is told to stop, where it can be', async () => {
    const id = await bench.start(planOf([{ operation: 'cancellable' }]));
    bench.answers.push(underWay({ n: 1 }));
    await start(id);
    await bench.control.cancel({ executionId: id, by: 'ana' });
    expect(await poll(id)).toEqual({ status: 'failed', waitSeconds: 0 });
    expect(bench.asked.at(-1)).toBe('cancel');
    expect(await record(id)).toMatchObject({
      status: 'cancelled',
      detail: 'AWS was told to stop what was running',
    });
  });

  test('where it cannot, the record says what was still running', async () => {
    const id = await bench.start(planOf([{}]));
    bench.answers.push(underWay({ n: 1 }, 1_000, 'job drsjob-1 launches 4 servers'));
    await start(id);
    await bench.control.cancel({ executionId: id, by: 'ana' });
    await poll(id);
    expect((await record(id)).detail).toBe(
      'AWS offers no way to stop it: what was running goes on (job drsjob-1 launches 4 servers)',
    );
  });

  test('whoever cannot be told now is told later', async () => {
    const id = await bench.start(planOf([{ operation: 'cancellable' }]));
    bench.answers.push(underWay({ n: 1 }), new BreakwaterError('AwsUnreachable', 'no answer'));
    await start(id);
    await bench.control.cancel({ executionId: id, by: 'ana' });
    expect(await poll(id)).toEqual({ status: 'in_progress', waitSeconds: 15 });
    expect(await record(id)).toMatchObject({
      status: 'in_progress',
      detail: 'cancelling: AwsUnreachable: no answer; trying again',
    });
    await poll(id);
    expect(await record(id)).toMatchObject({
      status: 'cancelled',
      detail: 'AWS was told to stop what was running',
    });
  });

  test('a refusal to stop is no failure, and the record says that it goes on', async () => {
    const id = await bench.start(planOf([{ operation: 'cancellable' }]));
    bench.answers.push(underWay({ n: 1 }), new BreakwaterError('AwsAccessDenied', 'no right'));
    await start(id);
    await bench.control.cancel({ executionId: id, by: 'ana' });
    expect(await poll(id)).toEqual({ status: 'failed', waitSeconds: 0 });
    expect(await record(id)).toMatchObject({
      status: 'cancelled',
      detail: 'it could not be told to stop, and what was running goes on (AwsAccessDenied: no right)',
    });
  });

  test('what had not begun never begins', async () => {
    const id = await bench.start(planOf([{}]));
    await bench.control.cancel({ executionId: id, by: 'ana' });
    expect(await start(id)).toEqual({ status: 'failed', waitSeconds: 0 });
    expect(bench.asked).toEqual(['assess']);
    expect(await record(id)).toMatchObject({ status: 'cancelled', detail: 'nothing had been started' });
  });
});

describe('drill', () => {
  test('a technology that a drill must not touch is looked at, and its resources say so', async () => {
    const id = await bench.start(planOf([{ drill: 'assess' }]), 'drill');
    expect(await start(id)).toMatchObject({ status: 'completed' });
    expect(bench.asked).toEqual(['assess', 'assess']);
    const [row] = await bench.services.executions.outcomes(id);
    expect(row?.outcome).toMatchObject({ resourceId: 'r-1', status: 'assessed' });
  });

  test('one that a drill leaves out is not even looked at: it ends as skipped, and is no exception', async () => {
    const id = await bench.start(planOf([{ drill: 'skip' }]), 'drill');
    await validateWave(bench.services, { executionId: id, waveNumber: 1 });
    expect(await start(id)).toMatchObject({ status: 'completed' });
    expect(bench.asked).toEqual([]);
    expect(await record(id)).toMatchObject({ status: 'skipped', results: { drill: 'skip' } });
    await completeWave(bench.services, { executionId: id, waveNumber: 1 });
    expect(await bench.services.executions.head(id)).toMatchObject({ exceptions: 0 });
  });

  test('the wave after one that a drill leaves out begins', async () => {
    const id = await bench.start(planOf([{ drill: 'skip' }], [{}]), 'drill');
    const dependencies = { executionId: id, waveNumber: 2, kind: 'dependencies', taskToken: 'gate-2' };
    await receiveGate(bench.services, dependencies);
    await validateWave(bench.services, { executionId: id, waveNumber: 1 });
    await start(id);
    const judged = await validateWaveCompletion(bench.services, { executionId: id, waveNumber: 1 });
    expect(judged).toMatchObject({ verdict: 'complete' });
    expect(bench.completed).toEqual([]);
    await completeWave(bench.services, { executionId: id, waveNumber: 1 });
    expect(bench.completed).toMatchObject([{ token: 'gate-2', output: { proceed: true } }]);
  });

  test('what a drill finds wrong by looking is a failure of the drill', async () => {
    const id = await bench.start(planOf([{ drill: 'assess' }]), 'drill');
    bench.findings.push({
      level: 'error',
      rule: 'ReplicationUnhealthy',
      path: '',
      message: 's-1 is stalled',
      remedy: '',
    });
    expect(await start(id)).toMatchObject({ status: 'failed' });
    expect((await record(id)).error).toEqual({ code: 'ReplicationUnhealthy', message: 's-1 is stalled' });
  });

  test('a recovery performs it all the same', async () => {
    const id = await bench.start(planOf([{ drill: 'skip' }]), 'recovery');
    await start(id);
    expect(bench.asked).toEqual(['assess', 'start a1']);
  });
});
