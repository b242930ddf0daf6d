import { describe, expect, test } from 'vitest';
import { Technology } from './plan.ts';
import {
  applyTechnologyEvent,
  applyWaveEvent,
  countApprovalGate,
  countExceptions,
  dependentsOf,
  gateVerdict,
  judgeExecution,
  judgeWave,
  eventNamesOf,
  labelOf,
  requestPause,
} from './progress.ts';
import type { HeadRecord, TechnologyRecord, WaveRecord } from './records.ts';

const T0 = '2026-01-07T10:00:00.000Z';
const T1 = '2026-01-07T10:05:00.000Z';
const T2 = '2026-01-07T10:06:00.000Z';

function headOf(changes: Partial<HeadRecord> = {}): HeadRecord {
  return {
    executionId: 'exec-1',
    planId: 'plan-1',
    planName: 'Plan',
    planHash: 'abc',
    mode: 'drill',
    simulated: false,
    status: 'in_progress',
    currentWave: 0,
    totalWaves: 2,
    startedAt: T0,
    pauseRequested: false,
    cancelRequested: false,
    autoResume: false,
    objectives: {},
    expectedMs: 0,
    initiatedBy: 'me',
    tags: {},
    workingWaves: 0,
    pausedWaves: 0,
    exceptions: 0,
    pauses: [],
    eventCount: 0,
    ...changes,
  };
}

function waveOf(changes: Partial<WaveRecord> = {}): WaveRecord {
  return {
    waveNumber: 1,
    name: 'Database Tier',
    status: 'pending',
    dependencies: [],
    dependents: [],
    definition: { waveNumber: 1, name: 'Database Tier', technologies: [], pauseAfterWave: false },
    expectedMs: 0,
    ...changes,
  };
}

function technologyOf(
  status: TechnologyRecord['status'],
  definition: object = {},
  changes: Partial<TechnologyRecord> = {},
): TechnologyRecord {
  return {
    waveNumber: 1,
    technologyIndex: 0,
    definition: Technology.parse({ type: 'drs', operation: 'recovery', ...definition }),
    status,
    attempt: 1,
    due: status === 'pending',
    only: null,
    expectedMs: 0,
    resources: [],
    ...changes,
  };
}

describe('an execution follows its waves', () => {
  test('the first wave that works puts the execution to work and sets the current wave', () => {
    const { head, wave } = applyWaveEvent(
      headOf({ status: 'planning' }),
      waveOf({ waveNumber: 2 }),
      'work_began',
      T1,
    );
    expect(head).toMatchObject({ status: 'in_progress', workingWaves: 1, currentWave: 2 });
    expect(wave).toMatchObject({ status: 'in_progress', startedAt: T1 });
  });

  test('a wave that waits for a person pauses the execution only when no other works', () => {
    const working = waveOf({ status: 'in_progress', startedAt: T0 });
    expect(applyWaveEvent(headOf({ workingWaves: 2 }), working, 'paused', T1).head.status).toBe(
      'in_progress',
    );
    expect(applyWaveEvent(headOf({ workingWaves: 1 }), working, 'paused', T1).head).toMatchObject({
      status: 'paused',
      workingWaves: 0,
      pausedWaves: 1,
    });
  });

  test('a wave that goes on after a pause keeps the time at which it began', () => {
    const paused = waveOf({ status: 'paused', startedAt: T0 });
    const { head, wave } = applyWaveEvent(
      headOf({ status: 'paused', pausedWaves: 1 }),
      paused,
      'resumed',
      T1,
    );
    expect(head).toMatchObject({ status: 'in_progress', workingWaves: 1, pausedWaves: 0 });
    expect(wave.startedAt).toBe(T0);
  });

  test('the last working wave that completes brings the execution to wave complete', () => {
    const { head, wave } = applyWaveEvent(
      headOf({ workingWaves: 1 }),
      waveOf({ status: 'in_progress' }),
      'completed',
      T1,
    );
    expect(head).toMatchObject({ status: 'wave_complete', workingWaves: 0 });
    expect(wave).toMatchObject({ status: 'completed', completedAt: T1 });
  });

  test('a paused wave that completes leaves a paused execution at wave complete through in progress', () => {
    const { head } = applyWaveEvent(
      headOf({ status: 'paused', pausedWaves: 1 }),
      waveOf({ status: 'paused' }),
      'completed',
      T1,
    );
    expect(head).toMatchObject({ status: 'wave_complete', pausedWaves: 0 });
  });

  test('a wave that completes while a pause is asked for pauses the execution', () => {
    const { head } = applyWaveEvent(
      headOf({ workingWaves: 1, pauseRequested: true }),
      waveOf({ status: 'in_progress' }),
      'completed',
      T1,
    );
    expect(head.status).toBe('paused');
  });

  test('a wave that fails leaves the execution as it is: the end is judged at clean-up', () => {
    const { head } = applyWaveEvent(
      headOf({ workingWaves: 1 }),
      waveOf({ status: 'in_progress' }),
      'failed',
      T1,
    );
    expect(head).toMatchObject({ status: 'in_progress', workingWaves: 0 });
  });

  test('the times in which nothing was at work because a person was awaited are kept', () => {
    const paused = applyWaveEvent(
      headOf({ workingWaves: 1 }),
      waveOf({ status: 'in_progress' }),
      'paused',
      T0,
    );
    expect(paused.head.pauses).toEqual([{ from: T0 }]);
    const resumed = applyWaveEvent(paused.head, paused.wave, 'completed', T1);
    expect(resumed.head.pauses).toEqual([{ from: T0, to: T1 }]);
    const again = requestPause(resumed.head, true, T1);
    expect(again.pauses).toEqual([{ from: T0, to: T1 }, { from: T1 }]);
    expect(requestPause(again, false, T2).pauses).toEqual([
      { from: T0, to: T1 },
      { from: T1, to: T2 },
    ]);
  });

  test('a pause takes effect at once when nothing works, else later, and can be taken back', () => {
    expect(requestPause(headOf(), true, T1)).toMatchObject({ status: 'paused', pauseRequested: true });
    expect(requestPause(headOf({ workingWaves: 1 }), true, T1)).toMatchObject({
      status: 'in_progress',
      pauseRequested: true,
    });
    expect(requestPause(headOf({ status: 'paused', pauseRequested: true }), false, T1)).toMatchObject({
      status: 'in_progress',
    });
  });
});

describe('a technology', () => {
  test('begins, and is not due any more', () => {
    expect(applyTechnologyEvent(technologyOf('pending'), 'work_began', T1)).toMatchObject({
      status: 'in_progress',
      due: false,
      startedAt: T1,
    });
  });

  test('that is retried keeps its first start and has no end', () => {
    const failed = technologyOf('failed', {}, { startedAt: T0, completedAt: T0, due: true });
    const retried = applyTechnologyEvent(failed, 'work_began', T1);
    expect(retried.startedAt).toBe(T0);
    expect(retried).not.toHaveProperty('completedAt');
  });

  test('ends with a time', () => {
    expect(applyTechnologyEvent(technologyOf('in_progress'), 'completed', T1)).toMatchObject({
      status: 'completed',
      completedAt: T1,
    });
  });

  test('is called by its name, else by type and operation', () => {
    expect(labelOf(technologyOf('pending', { name: 'App servers' }))).toBe('App servers');
    expect(labelOf(technologyOf('pending'))).toBe('drs/recovery');
  });

  test('in the data of an event has its type too, of which there are few', () => {
    expect(eventNamesOf(technologyOf('pending', { name: 'App servers' }))).toEqual({
      technology: 'App servers',
      technologyType: 'drs',
    });
  });
});

describe('judgeWave', () => {
  const calm = { cancelRequested: false };
  const failure = { error: { code: 'X', message: 'no capacity' } };

  test.each([
    {
      name: 'all done',
      technologies: [technologyOf('completed')],
      verdict: { kind: 'complete' },
    },
    {
      name: 'something skipped',
      technologies: [technologyOf('completed'), technologyOf('skipped')],
      verdict: { kind: 'complete' },
    },
    {
      name: 'an optional one failed',
      technologies: [technologyOf('failed', { criticality: 'optional' })],
      verdict: { kind: 'complete' },
    },
    {
      name: 'one failed that is to be passed over',
      technologies: [technologyOf('failed', { onFailure: 'continue' })],
      verdict: { kind: 'complete' },
    },
    {
      name: 'a critical one failed',
      technologies: [technologyOf('failed', {}, failure)],
      verdict: { kind: 'ask', reason: 'drs/recovery failed: no capacity' },
    },
    {
      name: 'a critical one failed that stops',
      technologies: [technologyOf('failed', { onFailure: 'stop' }, failure)],
      verdict: { kind: 'stop', reason: 'drs/recovery failed: no capacity' },
    },
    {
      name: 'one was never tried',
      technologies: [technologyOf('pending')],
      verdict: { kind: 'ask', reason: 'drs/recovery was not done' },
    },
  ])('$name', ({ technologies, verdict }) => {
    expect(judgeWave(calm, technologies)).toEqual(verdict);
  });

  test('a cancelled execution cancels the wave unless all was done before', () => {
    expect(judgeWave({ cancelRequested: true }, [technologyOf('failed')])).toEqual({ kind: 'cancelled' });
    expect(judgeWave({ cancelRequested: true }, [technologyOf('completed')])).toEqual({
      kind: 'complete',
    });
  });

  test('of an execution that is ending nobody is asked: the wave stops', () => {
    const ending = { cancelRequested: false, stopRequested: { code: 'X', message: 'y' } };
    expect(judgeWave(ending, [technologyOf('failed', {}, failure)])).toEqual({
      kind: 'stop',
      reason: 'drs/recovery failed: no capacity',
    });
    expect(judgeWave(ending, [technologyOf('completed')])).toEqual({ kind: 'complete' });
  });
});

test('what a wave passed over, failed or skipped, is an exception; what was done is none', () => {
  const technologies = (['completed', 'skipped', 'failed'] as const).map((status) => technologyOf(status));
  expect(countExceptions(technologies)).toBe(2);
});

describe('gateVerdict', () => {
  const calm = headOf();
  const done = { waveNumber: 1, status: 'completed' } as const;

  test('a dependencies gate opens when all it waits for is complete', () => {
    expect(gateVerdict('dependencies', calm, [done])).toEqual({
      proceed: true,
      action: 'opened',
      by: 'breakwater',
    });
    expect(gateVerdict('dependencies', calm, [done, { waveNumber: 2, status: 'in_progress' }])).toBeNull();
    expect(gateVerdict('dependencies', calm, [])).toMatchObject({ proceed: true });
  });

  test('it holds while a pause is asked for', () => {
    expect(gateVerdict('dependencies', headOf({ pauseRequested: true }), [done])).toBeNull();
  });

  test('it opens to say no when a dependency failed or the execution is ending', () => {
    expect(gateVerdict('dependencies', calm, [{ waveNumber: 4, status: 'failed' }])).toMatchObject({
      proceed: false,
      reason: 'wave 4 failed',
    });
    const stopping = headOf({ stopRequested: { code: 'X', message: 'y' } });
    expect(gateVerdict('dependencies', stopping, [done])).toMatchObject({
      proceed: false,
      reason: 'the execution is ending',
    });
  });

  test('a pause gate holds for a person, unless it is to resume by itself or the execution is ending', () => {
    expect(gateVerdict('pause', calm, [])).toBeNull();
    expect(gateVerdict('pause', headOf({ autoResume: true }), [])).toMatchObject({
      proceed: true,
      reason: 'auto-resume',
    });
    const stopping = headOf({ stopRequested: { code: 'X', message: 'y' } });
    expect(gateVerdict('pause', stopping, [])).toMatchObject({
      proceed: true,
      reason: 'the execution is ending',
    });
  });

  test.each(['decision', 'approval'] as const)('a %s gate never opens by itself', (kind) => {
    expect(gateVerdict(kind, headOf({ autoResume: true }), [])).toBeNull();
  });

  test.each(['decision', 'approval'] as const)(
    'a %s gate of an execution that is ending opens to say no',
    (kind) => {
      const stopping = headOf({ stopRequested: { code: 'X', message: 'y' } });
      expect(gateVerdict(kind, stopping, [])).toEqual({
        proceed: false,
        action: 'opened',
        by: 'breakwater',
        reason: 'the execution is ending',
      });
    },
  );

  test.each(['dependencies', 'pause', 'decision', 'approval'] as const)(
    'a %s gate of a cancelled execution opens to say so',
    (kind) => {
      expect(gateVerdict(kind, headOf({ cancelRequested: true }), [])).toMatchObject({
        proceed: false,
        action: 'cancel',
      });
    },
  );
});

describe('judgeExecution', () => {
  const wave = (status: WaveRecord['status']): WaveRecord => waveOf({ status });

  test('all waves complete: clean, or with exceptions', () => {
    expect(judgeExecution(headOf(), [wave('completed')])).toEqual({ event: 'finished', outcome: 'clean' });
    expect(judgeExecution(headOf({ exceptions: 1 }), [wave('completed')])).toEqual({
      event: 'finished',
      outcome: 'with_exceptions',
    });
  });

  test('a cancel that came too late changes nothing', () => {
    expect(judgeExecution(headOf({ cancelRequested: true }), [wave('completed')]).event).toBe('finished');
    expect(judgeExecution(headOf({ cancelRequested: true }), [wave('cancelled')]).event).toBe('cancelled');
  });

  test('an unfinished wave is a failure that names it, or what stopped the execution', () => {
    expect(judgeExecution(headOf(), [wave('failed')])).toEqual({
      event: 'failed',
      reason: 'wave 1 (Database Tier) failed',
    });
    const stopped = headOf({ stopRequested: { code: 'X', message: 'aurora is gone' } });
    expect(judgeExecution(stopped, [wave('failed')])).toEqual({ event: 'failed', reason: 'aurora is gone' });
  });

  test('an error of the machine itself is a failure whatever the waves say', () => {
    const broken = headOf({ error: { code: 'Bug', message: 'handler broke' } });
    expect(judgeExecution(broken, [wave('completed')])).toEqual({ event: 'failed', reason: 'handler broke' });
  });
});

test('dependents are the dependencies turned round', () => {
  const waves = [{ waveNumber: 1 }, { waveNumber: 2 }, { waveNumber: 3, dependencies: [1, 2] }];
  expect(dependentsOf(waves)).toEqual(
    new Map([
      [1, [2, 3]],
      [2, [3]],
      [3, []],
    ]),
  );
});

test('an open approval gate pauses an execution that is not at work, and the last one to close lets it go on', () => {
  const one = countApprovalGate(headOf(), 1, T0);
  const two = countApprovalGate(one, 1, T0);
  expect([one.status, two.pausedWaves, two.pauses]).toEqual(['paused', 2, [{ from: T0 }]]);
  const left = countApprovalGate(two, -1, T1);
  expect(left.status).toBe('paused');
  expect(countApprovalGate(left, -1, T2)).toMatchObject({
    status: 'in_progress',
    pausedWaves: 0,
    pauses: [{ from: T0, to: T2 }],
  });
  expect(countApprovalGate(headOf({ workingWaves: 1 }), 1, T0).status).toBe('in_progress');
});
