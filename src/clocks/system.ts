import type { Clock } from '#core/clock.ts';
import { realTimer } from './real-timer.ts';
import { sleepWith } from './sleep.ts';

/** Real time. */
export function systemClock(): Clock {
  const clock: Clock = {
    now: () => Date.now(),
    at: (timeMs, callback) => realTimer(() => timeMs - Date.now(), callback),
    sleep: (ms, signal) => sleepWith(clock, ms, signal),
    hold: () => () => {},
  };
  return clock;
}
