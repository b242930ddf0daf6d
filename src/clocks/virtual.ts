import type { Clock } from '#core/clock.ts';
import { sleepWith } from './sleep.ts';

/**
 * A clock that jumps to the next timer as soon as nothing is in flight.
 *
 * Nothing is in flight when no hold is open and the event loop has come round once, so every promise that could go on
 * has gone on. Invariants:
 * 1. time never goes back, and moves only to the time of a timer;
 * 2. timers fire in order of time, and of creation within one instant: the same program gives the same history;
 * 3. one timer fires per turn of the event loop, so what it sets going runs before the next.
 */
export function virtualClock({ startsAt }: { startsAt: number }): VirtualClock {
  const timers = new TimerHeap();
  let now = startsAt;
  let sequence = 0;
  let holds = 0;
  let turn: NodeJS.Immediate | null = null;

  const schedule = (): void => {
    if (turn === null && holds === 0 && timers.size > 0) turn = setImmediate(step);
  };
  const step = (): void => {
    turn = null;
    if (holds > 0) return;
    const next = timers.pop();
    if (next === undefined) return;
    now = Math.max(now, next.timeMs);
    next.callback();
    schedule();
  };
  const clock: VirtualClock = {
    now: () => now,
    at: (timeMs, callback) => {
      const timer = { timeMs, sequence: sequence++, callback, cancelled: false };
      timers.push(timer);
      schedule();
      return () => timers.cancel(timer);
    },
    sleep: (ms, signal) => sleepWith(clock, ms, signal),
    hold: () => {
      holds++;
      let released = false;
      return () => {
        if (released) return;
        released = true;
        holds--;
        schedule();
      };
    },
    pending: () => timers.size,
  };
  return clock;
}

export interface VirtualClock extends Clock {
  /** How many timers are set: for tests that look for leaks. */
  pending(): number;
}

interface Timer {
  readonly timeMs: number;
  readonly sequence: number;
  readonly callback: () => void;
  cancelled: boolean;
}

/** A binary heap; cancelled timers stay until they reach the top. */
class TimerHeap {
  readonly #items: Timer[] = [];
  #live = 0;

  get size(): number {
    return this.#live;
  }

  push(timer: Timer): void {
    this.#live++;
    const items = this.#items;
    let index = items.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (before(items[parent]!, timer)) break;
      items[index] = items[parent]!;
      index = parent;
    }
    items[index] = timer;
  }

  cancel(timer: Timer): void {
    if (timer.cancelled) return;
    timer.cancelled = true;
    this.#live--;
  }

  pop(): Timer | undefined {
    for (;;) {
      const top = this.#removeTop();
      if (top === undefined || !top.cancelled) {
        if (top !== undefined) {
          top.cancelled = true;
          this.#live--;
        }
        return top;
      }
    }
  }

  #removeTop(): Timer | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && before(items[child + 1]!, items[child]!)) child++;
      if (before(last, items[child]!)) break;
      items[index] = items[child]!;
      index = child;
    }
    items[index] = last;
    return top;
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.sequence < b.sequence);
}
