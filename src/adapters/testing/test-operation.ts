import { describe, expect, test } from 'vitest';
import type { FaultKind, OperationCase } from './operation-case.ts';
import { runOperation, runUndo, type Run } from './run-operation.ts';

/** A fault to try, or two: the rules, and the kind that a case may make an exception for. */
interface Trial {
  readonly kind: FaultKind;
  readonly rules: readonly object[];
}

/** Reads show the world as it was ten seconds ago. */
const STALE = { fault: 'staleReads', by: 'PT10S' };

/**
 * The generic tests of an operation. For every case:
 * 1. every AWS call made twice, and every step made twice, ends the same;
 * 2. a process that dies right after any AWS call or note, and then again, ends the same in the end, with nothing done twice;
 * 3. its undo, if it has one and the case says what it brings about, does so wherever its process dies;
 * 4. each fault of the scenario vocabulary, at each call that the operation makes, ends in an honest outcome.
 */
export function testOperation(cases: readonly OperationCase[]): void {
  describe.each(cases.map((given) => ({ title: titleOf(given), given })))('$title', ({ given }) => {
    test(`ends as ${given.ends ?? 'completed'}`, async () => {
      const run = await runOperation(given);
      expect(summaryOf(given, run)).toEqual(expectedSummary(given));
    });

    test('ends the same when every AWS call is made twice', async () => {
      const run = await runOperation(given, { aroundCall: twice });
      const expected = { ...expectedSummary(given), effects: given.effectsWhenDoubled ?? given.effects };
      expect(summaryOf(given, run)).toEqual(expected);
    });

    test('ends the same, and does nothing twice, when every step is delivered twice', async () => {
      const run = await runOperation(given, { repeatSteps: true });
      expect(summaryOf(given, run)).toEqual(expectedSummary(given));
    });

    test.each([
      { title: 'wherever its process dies', more: [] },
      { title: 'although the process that follows it dies at once, and the next one soon', more: [1, 3] },
    ])('ends the same, and does nothing twice, $title', async ({ more }) => {
      const { points } = await runOperation(given);
      const verdicts: unknown[] = [];
      for (let at = 1; at <= points; at++) {
        const run = await runOperation(given, { crashAt: [at, ...more.map((after) => at + after)] });
        verdicts.push({ at, crashed: run.crashes > 0, verdict: verdictOn(given, 'crash', run) });
      }
      expect(points).toBeGreaterThan(0);
      expect(verdicts).toEqual(verdicts.map((_, i) => ({ at: i + 1, crashed: true, verdict: 'honest' })));
    });

    test.runIf(given.undone)('is undone, wherever the process that undoes it dies', async () => {
      const { is, effects } = given.undone!;
      const { points } = await runUndo(given);
      const ends: unknown[] = [];
      for (let crashAt = 0; crashAt <= points; crashAt++) {
        const { status, simulation } = await runUndo(given, { crashAt: [crashAt] });
        ends.push({ crashAt, status, undone: is(simulation), effects: given.countEffects(simulation) });
      }
      const end = { status: 'completed', undone: true, effects: given.effects + effects };
      expect(ends).toEqual(ends.map((_, crashAt) => ({ crashAt, ...end })));
    });

    test('is honest about how it ended when everything goes wrong at once', async () => {
      const verdicts: unknown[] = [];
      for (const seed of CHAOS_SEEDS) {
        const run = await runOperation(given, { seed, faults: CHAOS, crashAt: [3 + seed, 11 + 2 * seed] });
        verdicts.push({ seed, verdict: verdictOn(given, 'chaos', run) });
      }
      expect(verdicts).toEqual(CHAOS_SEEDS.map((seed) => ({ seed, verdict: 'honest' })));
    });

    test('is honest about how it ended, whatever fault it meets', async () => {
      const trials = trialsFor(given, await runOperation(given));
      const verdicts: unknown[] = [];
      for (const trial of trials) {
        const run = await runOperation(given, { faults: trial.rules });
        verdicts.push({ rules: trial.rules, verdict: verdictOn(given, trial.kind, run) });
      }
      expect(verdicts).toEqual(trials.map(({ rules }) => ({ rules, verdict: 'honest' })));
    });
  });
}

const CHAOS_SEEDS = [1, 2, 3, 4, 5, 6];
const CHAOS = [
  { fault: 'throttle', probability: 0.2 },
  { fault: 'error', code: 'InternalFailure', httpStatus: 500, probability: 0.1 },
  { fault: 'responseLost', probability: 0.1 },
  { fault: 'staleReads', by: 'PT10S', probability: 0.2 },
];

function titleOf({ operation, name }: OperationCase): string {
  return `${operation.technology}/${operation.operation}: ${name}`;
}

interface Summary {
  readonly status: Run['status'];
  readonly effects: number;
  readonly done: boolean;
  readonly why?: unknown;
}

/** `done` is only asked where the operation says so. */
function summaryOf(given: OperationCase, run: Run): Summary {
  const ends = given.ends ?? 'completed';
  return {
    status: run.status,
    effects: given.countEffects(run.simulation),
    done: run.status !== 'completed' || given.isDone(run.simulation),
    ...(run.status === ends ? {} : { why: run.error ?? run.outcomes }),
  };
}

function expectedSummary(given: OperationCase): Summary {
  return { status: given.ends ?? 'completed', effects: given.effects, done: true };
}

async function twice(run: () => Promise<unknown>): Promise<unknown> {
  await run().catch(() => {});
  return run();
}

/** Each fault at each call that a run without faults has made; and, at no call in particular, stale reads and Regions that are down. */
function trialsFor(given: OperationCase, clean: Run): Trial[] {
  const called = new Map(
    clean.simulation.stats.log.map((call) => [`${call.service}.${call.operation}`, call] as const),
  );
  const atCalls = [...called.values()].flatMap(({ service, operation, tookEffect }): Trial[] => {
    const at = { service, operation };
    const lost = { fault: 'responseLost', ...at, times: 1 };
    const trials: Trial[] = [
      { kind: 'throttle', rules: [{ fault: 'throttle', ...at, times: 3 }] },
      { kind: 'throttle', rules: [{ fault: 'throttle', ...at, after: 'PT1M', for: 'PT3M' }] },
      {
        kind: 'error',
        rules: [{ fault: 'error', code: 'InternalFailure', httpStatus: 500, ...at, times: 1 }],
      },
      { kind: 'responseLost', rules: [lost] },
    ];
    if (!tookEffect) return trials;
    // The effect is there, its answer is lost, and whoever looks does not see it yet.
    const unseen: Trial = { kind: 'responseLost', rules: [lost, STALE] };
    return [...trials, unseen, { kind: 'quota', rules: [{ fault: 'quota', ...at, times: 2 }] }];
  });
  const regions = [...Object.keys(given.estate.regions), ...(given.estate.route53 ? ['global'] : [])];
  const down = regions.flatMap((region): Trial[] =>
    ['PT1M', 'PT1M2S', 'PT1M15S'].map((after) => ({
      kind: 'regionDown',
      rules: [{ fault: 'regionDown', region, after, for: 'PT3M' }],
    })),
  );
  return [...atCalls, { kind: 'staleReads', rules: [STALE] }, ...down];
}

/** What befell a run; `chaos` is everything at once. */
type Trouble = FaultKind | 'crash' | 'chaos';

/** `honest`, or what is wrong. */
export function verdictOn(given: OperationCase, kind: Trouble, run: Run): string {
  const ends = given.ends ?? 'completed';
  const effects = given.countEffects(run.simulation);
  if (run.status === 'stuck') return 'never ended';
  if (run.status === 'completed' && !given.isDone(run.simulation)) return 'completed, but not done';
  const isExact = run.status === 'completed';
  if (isExact ? effects !== given.effects : effects > given.effects)
    return `${effects} effects instead of ${given.effects}`;
  if (run.status === ends) return 'honest';
  const reasons = [run.error, ...run.outcomes.map(({ error }) => error)].filter((error) => error?.message);
  if (reasons.length === 0) return `${run.status} without a reason`;
  const excused = Object.keys(given.mayFailAfter ?? {});
  if (kind === 'chaos' ? excused.length > 0 : excused.includes(kind)) return 'honest';
  return `${run.status}, although the trouble passed: ${reasons.map((reason) => reason?.message).join('; ')}`;
}
