import { expect, test } from 'vitest';
import { paceMs } from './poll-pace.ts';

test.each([
  { ageMs: 0, ms: 3_000 },
  { ageMs: 29_000, ms: 3_000 },
  { ageMs: 60_000, ms: 6_000 },
  { ageMs: 3_600_000, ms: 30_000 },
])('after $ageMs ms, the next look comes in $ms ms', ({ ageMs, ms }) => {
  expect(paceMs(ageMs)).toBe(ms);
});
