import { expect, test } from 'vitest';
import { compileRetrier, matchesError, retryDelayMs } from './failure.ts';

test.each([
  { names: ['Mine'], error: 'Mine', matches: true },
  { names: ['Mine'], error: 'Yours', matches: false },
  { names: ['States.ALL'], error: 'Yours', matches: true },
  { names: ['States.ALL'], error: 'States.Timeout', matches: true },
  { names: ['States.ALL'], error: 'States.DataLimitExceeded', matches: false },
  { names: ['States.DataLimitExceeded'], error: 'States.DataLimitExceeded', matches: true },
  { names: ['States.ALL'], error: 'States.Runtime', matches: false },
  { names: ['States.Runtime'], error: 'States.Runtime', matches: false },
  { names: ['States.TaskFailed'], error: 'Yours', matches: true },
  { names: ['States.TaskFailed'], error: 'States.Timeout', matches: false },
  { names: ['States.Timeout'], error: 'States.HeartbeatTimeout', matches: true },
  { names: ['States.HeartbeatTimeout'], error: 'States.Timeout', matches: false },
])('$names matches $error: $matches.', ({ names, error, matches }) => {
  expect(matchesError(names, error)).toBe(matches);
});

test('Retry is three times after 1, 2 and 4 seconds unless said otherwise.', () => {
  const retrier = compileRetrier({ ErrorEquals: ['X'] });
  expect(retrier.maxAttempts).toBe(3);
  expect([0, 1, 2].map((retry) => retryDelayMs(retrier, retry))).toEqual([1000, 2000, 4000]);
});
