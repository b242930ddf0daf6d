import { describe, expect, test } from 'vitest';
import { BreakwaterError } from '#core/errors.ts';
import { serverOf, unreachable, type FakeSolution } from '../testing/fake-solution.ts';
import { INPUT, stage } from '../testing/remote-stage.ts';
import { recovery } from './recovery.ts';
import { contextIn, statuses } from './testing.ts';

const MARK = 'breakwater/exec-1/w1/t0/a1';

const count = (calls: readonly string[], name: string): number => calls.filter((one) => one === name).length;

describe('a plan of a solution', () => {
  test('is started in the mode of this execution under its mark, and its servers are recovered here', async () => {
    const { solution, run } = stage();
    const { end, outcomes } = await run({ mode: 'recovery' });
    expect([...solution.executions.values()].map(({ order }) => order)).toEqual([
      { planId: 'plan-1', mode: 'recovery', mark: MARK },
    ]);
    expect(end).toMatchObject({
      status: 'completed',
      results: {
        integration: 'api',
        solution: 'core-dr',
        drsExecutionId: 'there-1',
        launched: 2,
        failed: 0,
        isDrill: false,
        executionTime: 'PT10M',
        drsExportData: { execution: { executionId: 'there-1', status: 'COMPLETED' } },
      },
    });
    expect(outcomes.get('s-1')).toMatchObject({
      status: 'completed',
      result: { recoveryInstanceId: 'i-new-s-1', region: 'us-west-2' },
    });
    expect(outcomes.get('plan-1')).toMatchObject({ status: 'completed' });
  });

  test('is looked at no more often than its solution bears', async () => {
    const { solution, run } = stage();
    const { elapsedMs } = await run();
    expect(count(solution.calls, 'read')).toBeLessThanOrEqual(elapsedMs / 15_000 + 1);
  });

  test('is not completed because the solution says so, when a server was not launched', async () => {
    const { solution, run } = stage();
    solution.tell = {
      waves: [
        { name: 'Web', statusThere: 'COMPLETED', servers: [serverOf('s-1'), serverOf('s-2', 'pending')] },
      ],
    };
    const { end, outcomes } = await run();
    expect(end).toMatchObject({
      status: 'failed',
      error: {
        code: 'RecoveryFailed',
        message: 'execution there-1 at core-dr: 1 of 2 servers were not launched there',
      },
    });
    expect(outcomes.get('s-2')?.error?.message).toBe('it was not launched: its status there is PENDING');
    // Nothing is wrong with the plan but what is wrong with its servers.
    expect(statuses(outcomes)).toEqual({ completed: 2, failed: 1 });
  });

  test.each([
    {
      name: 'a wave without a server',
      tell: {
        waves: [
          { name: 'Web', statusThere: 'COMPLETED', servers: [serverOf('s-1')] },
          { name: 'App', statusThere: 'COMPLETED', servers: [] },
        ],
      },
      why: 'wave App is COMPLETED there without a single server',
    },
    {
      name: 'no server at all',
      tell: { waves: [] },
      why: 'it is COMPLETED there, but has launched no server at all',
    },
  ])('is not completed with $name, unless the plan here allows that', async ({ tell, why }) => {
    const [strict, lenient] = [stage(), stage()];
    strict.solution.tell = lenient.solution.tell = tell;
    const { end, outcomes } = await strict.run();
    expect(end).toMatchObject({
      status: 'failed',
      error: { message: `execution there-1 at core-dr: ${why}` },
    });
    expect(outcomes.get('plan-1')).toMatchObject({ status: 'failed', error: { message: why } });
    expect((await lenient.run({}, { allowEmptyWaves: true })).end.status).toBe('completed');
  });

  test('is not completed when waves of it do not show', async () => {
    const { solution, run } = stage();
    solution.tell = { totalWaves: 3 };
    expect((await run()).end).toMatchObject({
      error: { message: expect.stringContaining('only 1 of its 3 waves show') },
    });
  });

  test('that ended PARTIAL has failed, by its servers', async () => {
    const { solution, run } = stage();
    solution.tell = {
      status: 'partial',
      statusThere: 'PARTIAL',
      waves: [{ name: 'Web', statusThere: 'FAILED', servers: [serverOf('s-1'), serverOf('s-2', 'failed')] }],
    };
    const { end, outcomes } = await run();
    expect([end.status, outcomes.get('s-1')?.status, outcomes.get('s-2')?.status]).toEqual([
      'failed',
      'completed',
      'failed',
    ]);
  });

  test('that was cancelled there has failed', async () => {
    const { solution, run } = stage();
    solution.tell = { status: 'cancelled', statusThere: 'CANCELLED', message: 'by ana' };
    expect((await run()).end).toMatchObject({
      error: { message: expect.stringContaining('it ended CANCELLED there: by ana') },
    });
  });

  test('that the solution has forgotten has failed after a while, since nobody knows what became of it', async () => {
    const { solution, run } = stage();
    solution.mishaps.read = [];
    const { end } = await run({
      solution: async () => ({ ...solution, read: async () => null }),
    });
    expect(end).toMatchObject({
      status: 'failed',
      results: { drsExecutionId: 'there-1' },
      error: { message: expect.stringContaining('does not know execution there-1 any more') },
    });
  });
});

describe('the start', () => {
  test('whose answer was lost is found again, and not sent again', async () => {
    const { solution, run } = stage();
    solution.mishaps.start = ['lost'];
    const { end } = await run();
    expect([end.status, solution.executions.size, count(solution.calls, 'start')]).toEqual([
      'completed',
      1,
      1,
    ]);
  });

  test('whose answer was lost is sent again after a while in which it does not show', async () => {
    const { solution, run } = stage();
    solution.mishaps.start = [unreachable(true)];
    const { end, elapsedMs } = await run();
    expect([end.status, solution.executions.size]).toEqual(['completed', 1]);
    expect(elapsedMs).toBeGreaterThan(600_000 + 180_000);
  });

  test('that does not show is sent again at once where the same mark starts nothing twice', async () => {
    const { solution, run } = stage({ startsOnce: true });
    solution.mishaps.start = [unreachable(true)];
    const { end, elapsedMs } = await run();
    expect([end.status, solution.executions.size, count(solution.calls, 'start')]).toEqual([
      'completed',
      1,
      2,
    ]);
    expect(elapsedMs).toBeLessThan(600_000 + 60_000);
  });

  test('that may have taken effect has not failed because the token is not believed any more', async () => {
    const { solution, run } = stage({ startsOnce: true });
    solution.mishaps.start = [unreachable(true), new BreakwaterError('SolutionDenied', 'expired')];
    const { end } = await run();
    expect([end.status, solution.executions.size]).toEqual(['completed', 1]);
  });

  test('that reached nobody is sent again without waiting for it to show', async () => {
    const { solution, run } = stage();
    solution.mishaps.start = [unreachable(false), unreachable(false, { retryAfterMs: 60_000 })];
    const { end, elapsedMs } = await run();
    expect([end.status, count(solution.calls, 'find')]).toEqual(['completed', 0]);
    expect(elapsedMs).toBeGreaterThan(600_000 + 60_000);
    expect(elapsedMs).toBeLessThan(600_000 + 180_000);
  });

  test.each([
    new BreakwaterError('SolutionRefused', 'core-dr refuses (409): 2 servers are in active executions'),
    new BreakwaterError('SolutionDenied', 'core-dr does not let this server in (403): no'),
  ])('that is refused fails with what the solution said: $message', async (error) => {
    const { solution, run } = stage();
    solution.mishaps.start = [error];
    const { end, outcomes } = await run();
    const said = { code: error.code, message: error.message };
    expect([end.status, end.status === 'failed' && end.error, outcomes.get('plan-1')?.error]).toEqual([
      'failed',
      said,
      said,
    ]);
  });
});

describe('while it runs there', () => {
  const poll = async (tell: object, before: (solution: FakeSolution) => void = () => {}) => {
    const { world, solution } = stage();
    const context = contextIn(world, { solution: async () => solution });
    const begun = await recovery.start(context, INPUT);
    if (begun.status !== 'in_progress') throw new TypeError('it has not begun');
    const running = await recovery.poll(context, INPUT, begun.state);
    if (running.status !== 'in_progress') throw new TypeError('it does not run');
    before(solution);
    solution.tell = tell;
    const told = {
      ...solution,
      read: async () => ({ ...(await solution.read('there-1', context.signal))!, ...tell }),
    };
    const seen = { ...context, solution: async () => told };
    return {
      progress: recovery.poll(seen, INPUT, running.state),
      context: seen,
      state: running.state,
      solution,
    };
  };

  test('servers are reported once each time they change', async () => {
    const waves = [
      { name: 'Web', statusThere: 'LAUNCHING', servers: [serverOf('s-1'), serverOf('s-2', 'pending')] },
    ];
    const { progress, context } = await poll({ waves });
    const first = await progress;
    expect(first).toMatchObject({
      outcomes: [
        { resourceId: 's-1', status: 'completed' },
        { resourceId: 's-2', status: 'in_progress' },
      ],
      detail: 'core-dr: execution there-1 is RUNNING there: 1 launched, 0 failed, 1 waiting',
    });
    if (first.status !== 'in_progress') return;
    expect(await recovery.poll(context, INPUT, first.state)).toMatchObject({ outcomes: [] });
  });

  test('a pause there is shown, with where somebody has to act', async () => {
    const { progress } = await poll({
      status: 'waiting',
      statusThere: 'PAUSED',
      message: 'paused before wave 2',
    });
    expect(await progress).toMatchObject({
      status: 'in_progress',
      detail: expect.stringContaining(
        'somebody has to act there (paused before wave 2): https://core-dr.example.com/executions/there-1',
      ),
    });
  });

  test('a status that is not known counts as running, and is told', async () => {
    const { progress } = await poll({ statusThere: 'REHYDRATING', isKnown: false });
    expect(await progress).toMatchObject({
      status: 'in_progress',
      detail: expect.stringContaining(
        'is REHYDRATING there: 0 launched, 0 failed, 2 waiting; this status is not known',
      ),
    });
  });

  test.each(['SolutionUnreachable', 'SolutionDenied'] as const)(
    '%s is trouble that may pass, for the workflow to wait out',
    async (code) => {
      const { progress } = await poll({}, (solution) => {
        solution.mishaps.read = [new BreakwaterError(code, 'not now')];
      });
      await expect(progress).rejects.toMatchObject({
        code,
        retry: expect.stringMatching(/retryable|paused/),
      });
    },
  );

  test('a solution that asks to be left alone is left alone', async () => {
    const { progress } = await poll({}, (solution) => {
      solution.mishaps.read = [unreachable(false, { retryAfterMs: 90_000 })];
    });
    expect(await progress).toMatchObject({ status: 'in_progress', waitMs: 90_000 });
  });

  test('a cancel cancels there, and says that jobs go on', async () => {
    const { context, state, solution } = await poll({});
    expect(await recovery.cancel!(context, INPUT, state)).toBe(
      'core-dr was told to cancel execution there-1; DRS jobs that run there go on',
    );
    expect(solution.executions.get('there-1')?.cancelled).toBe(true);
    expect(await recovery.cancel!(context, INPUT, state)).toBe(
      'execution there-1 at core-dr had ended already',
    );
  });

  test('a cancel that is refused there says that it goes on there', async () => {
    const { context, state } = await poll({}, (solution) => {
      solution.mishaps.cancel = [new BreakwaterError('SolutionDenied', 'no right')];
    });
    expect(await recovery.cancel!(context, INPUT, state)).toBe(
      'core-dr does not cancel execution there-1, which goes on there: no right',
    );
  });
});

test.each([{ startsOnce: true }, { startsOnce: false }])(
  'a cancel finds by its mark what was started and never answered (startsOnce: $startsOnce)',
  async ({ startsOnce }) => {
    const { world, solution } = stage({ startsOnce });
    const context = contextIn(world, { solution: async () => solution });
    const begun = await recovery.start(context, INPUT);
    if (begun.status !== 'in_progress') throw new TypeError('it has not begun');
    expect(await recovery.cancel!(context, INPUT, begun.state)).toBe(
      'core-dr knows of no execution of this mark: nothing runs there',
    );
    solution.mishaps.start = [unreachable(true), 'lost'];
    await recovery.poll(context, INPUT, begun.state);
    await expect(recovery.cancel!(context, INPUT, begun.state)).rejects.toMatchObject({
      code: 'SolutionUnreachable',
      message: 'core-dr does not show what came of a start whose answer was lost',
    });
    await world.clock.sleep(180_000);
    await recovery.poll(context, INPUT, begun.state);
    expect(await recovery.cancel!(context, INPUT, begun.state)).toMatch(
      /^core-dr was told to cancel execution there-1/,
    );
  },
);

describe('a retry', () => {
  test('after a failure there starts the plan there anew, under a mark of its own', async () => {
    const { solution, run } = stage();
    solution.tell = { status: 'failed', statusThere: 'FAILED' };
    await run();
    solution.tell = {};
    solution.executions.get('there-1')!.cancelled = true;
    expect((await run({ attempt: 2 })).end.status).toBe('completed');
    expect([...solution.executions.values()].map(({ order }) => order.mark)).toEqual([
      MARK,
      'breakwater/exec-1/w1/t0/a2',
    ]);
  });

  test('goes on with what an earlier attempt has started and was not waited for', async () => {
    const { world, solution, run } = stage();
    world.intents.set('1/0/1', { mark: MARK, sentAt: 1, executionId: 'there-1' });
    await solution.start({ planId: 'plan-1', mode: 'drill', mark: MARK }, new AbortController().signal);
    // The second attempt never got so far as to write a note.
    const { end } = await run({ attempt: 3 });
    expect([end.status, end.results['drsExecutionId'], solution.executions.size]).toEqual([
      'completed',
      'there-1',
      1,
    ]);
  });

  test('looks for what an earlier attempt may have started', async () => {
    const { world, solution, run } = stage();
    world.intents.set('1/0/1', { mark: MARK, sentAt: world.clock.now(), executionId: null });
    await solution.start({ planId: 'plan-1', mode: 'drill', mark: MARK }, new AbortController().signal);
    const { end } = await run({ attempt: 2 });
    expect([end.status, solution.executions.size]).toEqual(['completed', 1]);
  });
});

describe('the export', () => {
  test('that is too large is left out, with where it is', async () => {
    const { solution, run } = stage();
    const data = { execution: 'x'.repeat(200_001) };
    const { end } = await run({
      solution: async () => ({
        ...solution,
        export: async (id, signal) => ({ ...(await solution.export(id, signal)), data }),
      }),
    });
    expect([end.status, end.results['drsExportData']]).toEqual([
      'completed',
      {
        omitted: true,
        reason: 'the export has 200017 characters; at most 200000 are kept',
        availableAt: 'https://core-dr.example.com/executions/there-1',
      },
    ]);
  });

  test('that does not come is waited for, and in the end missed', async () => {
    const { solution, run } = stage();
    solution.mishaps.export = Array.from({ length: 100 }, () => unreachable(false));
    const { end, elapsedMs } = await run();
    expect([end.status, end.results['drsExportData']]).toEqual([
      'completed',
      expect.objectContaining({ omitted: true, reason: expect.stringContaining('core-dr does not answer') }),
    ]);
    expect(elapsedMs).toBeGreaterThan(600_000 + 120_000);
  });
});

test('a recovery there is not undone', async () => {
  const { undo } = recovery;
  if (!('run' in undo)) throw new TypeError('it cannot be undone');
  const { world, solution } = stage();
  const context = contextIn(world, { solution: async () => solution });
  expect(await undo.run(context, INPUT, { isDrill: false, drsExecutionId: 'there-1' })).toMatchObject({
    status: 'failed',
    error: { message: expect.stringContaining('going back is a failback') },
  });
});
