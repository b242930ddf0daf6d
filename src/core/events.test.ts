import { expect, test } from 'vitest';
import { EVENTS } from './events.ts';

const DATA = {
  mode: 'drill',
  planName: 'Core banking',
  initiatedBy: 'ana',
  by: 'ana',
  reason: 'because',
  waveNumber: 2,
  name: 'App',
  message: 'no capacity',
  technology: 'drs/recovery',
  attempt: 1,
  detail: '3 of 4',
  resourceId: 's-1',
  status: 'failed',
  kind: 'pause',
  action: 'resume',
  outcome: 'clean',
  expectedDuration: 'PT9M',
  warnings: 0,
  waves: 3,
};

test('every event says in words what happened, without a hole', () => {
  for (const [code, { describe }] of Object.entries(EVENTS)) {
    const words = (describe as (data: object) => string)(DATA);
    expect(words, code).not.toMatch(/undefined|null|\[object/);
    expect(words.length, code).toBeGreaterThan(5);
  }
});

test('what is optional is left out of the words', () => {
  const { reason: _, detail: __, ...data } = DATA;
  expect(EVENTS.ExecutionCancelRequested.describe(data)).toBe('cancel requested by ana');
  expect(EVENTS.ResourceChanged.describe(data)).toBe('s-1 failed');
  expect(EVENTS.GateClosed.describe(data)).toBe('pause gate of wave 2 closed: resume by ana');
});
