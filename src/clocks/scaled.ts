import type { Clock } from '#core/clock.ts';
import { realTimer } from './real-timer.ts';
import { sleepWith } from './sleep.ts';

/**
 * A clock that starts at `startsAt` (ms since 1970) and runs `speed` times as fast as real time. Only real time that
 * this process lives through counts: after a restart, pass the last time that was seen.
 */
export function scaledClock({ startsAt, speed }: { startsAt: number; speed: number }): Clock {
  const realStart = performance.now();
  const now = (): number => Math.floor(startsAt + (performance.now() - realStart) * speed);
  const clock: Clock = {
    now,
    at: (timeMs, callback) => realTimer(() => (timeMs - now()) / speed, callback),
    sleep: (ms, signal) => sleepWith(clock, ms, signal),
    hold: () => () => {},
  };
  return clock;
}
