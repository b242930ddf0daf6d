import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Clock } from '#core/clock.ts';
import { scaledClock } from './scaled.ts';
import { systemClock } from './system.ts';

const START = Date.UTC(2026, 0, 7, 10);
const DAY_MS = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const clocks: readonly { name: string; make: () => Clock; speed: number }[] = [
  { name: 'the system clock', make: systemClock, speed: 1 },
  { name: 'a clock at 60 times', make: () => scaledClock({ startsAt: START, speed: 60 }), speed: 60 },
  { name: 'a clock at half speed', make: () => scaledClock({ startsAt: START, speed: 0.5 }), speed: 0.5 },
];

describe.each(clocks)('$name', ({ make, speed }) => {
  test('begins at its start and runs at its speed', async () => {
    const clock = make();
    expect(clock.now()).toBe(START);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(clock.now()).toBe(START + 1_000 * speed);
  });

  test('fires a timer at its time and not before', async () => {
    const clock = make();
    const fired: number[] = [];
    clock.at(START + 60_000 * speed, () => fired.push(clock.now()));
    await vi.advanceTimersByTimeAsync(59_999);
    expect(fired).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(fired).toEqual([START + 60_000 * speed]);
  });

  test('fires a timer in the past at once, but never synchronously', async () => {
    const clock = make();
    let fired = 0;
    clock.at(START - DAY_MS, () => fired++);
    expect(fired).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(fired).toBe(1);
  });

  test('fires a timer that lies beyond the longest delay of setTimeout (24.8 days) once, at its time', async () => {
    const clock = make();
    let fired = 0;
    clock.at(START + 60 * DAY_MS * speed, () => fired++);
    await vi.advanceTimersByTimeAsync(60 * DAY_MS - 1);
    expect(fired).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(fired).toBe(1);
  });

  test('cancels a timer, also after it was armed anew', async () => {
    const clock = make();
    let fired = 0;
    const cancel = clock.at(START + 60 * DAY_MS * speed, () => fired++);
    await vi.advanceTimersByTimeAsync(30 * DAY_MS);
    cancel();
    await vi.advanceTimersByTimeAsync(60 * DAY_MS);
    expect(fired).toBe(0);
  });

  test('sleeps, and wakes with the reason when the signal aborts', async () => {
    const clock = make();
    const controller = new AbortController();
    const slept = clock.sleep(1_000 * speed);
    const aborted = clock.sleep(5_000 * speed, controller.signal);
    const outcome = expect(aborted).rejects.toThrow('stop');
    await vi.advanceTimersByTimeAsync(1_000);
    await slept;
    controller.abort(new TypeError('stop'));
    await outcome;
  });

  test('is not held by a hold', async () => {
    const clock = make();
    const release = clock.hold();
    await vi.advanceTimersByTimeAsync(10);
    expect(clock.now()).toBe(START + 10 * speed);
    release();
  });
});

test('a scaled clock starts where it was told, whatever the time of day is', () => {
  expect(scaledClock({ startsAt: 5, speed: 60 }).now()).toBe(5);
});

test('a scaled clock counts whole milliseconds and never goes back', async () => {
  const clock = scaledClock({ startsAt: 0, speed: 0.3 });
  let last = 0;
  for (let i = 0; i < 50; i++) {
    await vi.advanceTimersByTimeAsync(1);
    expect(Number.isInteger(clock.now())).toBe(true);
    expect(clock.now()).toBeGreaterThanOrEqual(last);
    last = clock.now();
  }
});

test('a system clock that is set back does not fire a timer early', async () => {
  const clock = systemClock();
  let fired = 0;
  clock.at(START + 10_000, () => fired++);
  vi.setSystemTime(START - 60_000);
  await vi.advanceTimersByTimeAsync(69_999);
  expect(fired).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(fired).toBe(1);
});
