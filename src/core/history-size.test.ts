import { expect, test } from 'vitest';
import { checkHistory, masterEvents } from './history-size.ts';
import { Plan } from './plan.ts';

const technology = { type: 'drs', operation: 'recovery', resources: {} };
const planOf = (waves: number, technologies: number, more: object = {}): Plan =>
  Plan.parse({
    waves: Array.from({ length: waves }, (_, index) => ({
      waveNumber: index + 1,
      name: 'w',
      technologies: Array.from({ length: technologies }, () => technology),
    })),
    ...more,
  });

test('the history of the master grows with waves, technologies and gates', () => {
  expect(masterEvents(planOf(1, 1))).toBe(67);
  expect(masterEvents(planOf(2, 3))).toBe(152);
  const approval = { required: 1 };
  const wave = { waveNumber: 1, name: 'w', technologies: [technology], approval, pauseAfterWave: true };
  expect(masterEvents(Plan.parse({ waves: [wave], approval }))).toBe(99);
});

test('a plan that leaves a fifth of the history for what fails may run, a larger one may not', () => {
  expect(checkHistory(planOf(443, 1), 25_000)).toEqual([]);
  expect(checkHistory(planOf(444, 1), 25_000)).toEqual([
    {
      level: 'error',
      rule: 'PlanTooLarge',
      path: 'waves',
      message:
        '444 waves make a history of 20002 events; the engine keeps at most 25000, and a fifth of them is for what fails',
      remedy: 'Split the plan, or put more resources into each technology.',
    },
  ]);
});

test('an engine without a limit takes any plan', () => {
  expect(checkHistory(planOf(1_000, 1), undefined)).toEqual([]);
});
