import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chaosCase } from './chaos/chaos-case.ts';
import { runCase, type Harm } from './chaos/run-case.ts';

/** Random plans on random estates, with random faults, people and deaths, until each execution has ended. */
const RUNS = Number(process.env['CHAOS_RUNS'] ?? 40);
const SEED = Number(process.env['CHAOS_SEED'] ?? 20_260_107);
const MOST_MS = 80_000;

test(
  'whatever goes wrong, every execution ends, says what became of each resource, and does nothing twice',
  { timeout: 4 * MOST_MS },
  async () => {
    const harms: Harm[] = [];
    await fc.assert(
      fc.asyncProperty(chaosCase, async (chaos) => void harms.push(await runCase(chaos))),
      { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: MOST_MS, endOnFailure: true },
    );
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
    expect(sum(harms.map(({ deaths }) => deaths.length)), 'deaths').toBeGreaterThan(harms.length);
    expect(sum(harms.map(({ faults }) => faults)), 'faults').toBeGreaterThan(harms.length);
    expect(sum(harms.map(({ acts }) => acts)), 'acts of people').toBeGreaterThan(harms.length);
    expect(new Set(harms.map(({ status }) => status)).size, 'ways to end').toBeGreaterThan(1);
  },
);
