import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { virtualClock } from './virtual.ts';

const START = 1_000_000;

/** Lets a clock run until no timer is left. */
async function runDry(clock: ReturnType<typeof virtualClock>): Promise<void> {
  while (clock.pending() > 0) await turn();
}

describe('invariant 1: time moves only forward, and only to the time of a timer', () => {
  test('time stands still without timers', async () => {
    const clock = virtualClock({ startsAt: START });
    await turn();
    expect(clock.now()).toBe(START);
  });

  test('a timer fires at its time, hours from now, at once in real time', async () => {
    const clock = virtualClock({ startsAt: START });
    await clock.sleep(4 * 3_600_000);
    expect(clock.now()).toBe(START + 14_400_000);
  });

  test('a timer in the past fires without moving time, and never synchronously', async () => {
    const clock = virtualClock({ startsAt: START });
    const fired: number[] = [];
    clock.at(START - 5_000, () => fired.push(clock.now()));
    expect(fired).toEqual([]);
    await runDry(clock);
    expect(fired).toEqual([START]);
  });

  test('a timer set by a timer for the same instant fires in that instant', async () => {
    const clock = virtualClock({ startsAt: START });
    const fired: number[] = [];
    clock.at(START + 10, () => clock.at(START + 10, () => fired.push(clock.now())));
    clock.at(START + 20, () => fired.push(clock.now()));
    await runDry(clock);
    expect(fired).toEqual([START + 10, START + 20]);
  });
});

describe('invariant 2: timers fire in order of time, and of creation within one instant', () => {
  test('any timers, some of them cancelled, fire in the order of a stable sort', async () => {
    const timers = fc.array(fc.record({ delay: fc.integer({ min: -2, max: 8 }), cancelled: fc.boolean() }), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(timers, async (all) => {
        const clock = virtualClock({ startsAt: START });
        const fired: number[] = [];
        const cancels = all.map(({ delay }, i) => clock.at(START + delay, () => fired.push(i)));
        all.forEach(({ cancelled }, i) => cancelled && cancels[i]!());
        await runDry(clock);
        const kept = [...all.entries()].filter(([, timer]) => !timer.cancelled);
        expect(fired).toEqual(kept.toSorted(([, a], [, b]) => a.delay - b.delay).map(([i]) => i));
      }),
      { numRuns: 50 },
    );
  });

  test('two programs that sleep give the same history each time', async () => {
    const history = async (): Promise<string[]> => {
      const clock = virtualClock({ startsAt: 0 });
      const lines: string[] = [];
      const work = async (name: string, ms: number): Promise<void> => {
        for (let i = 0; i < 3; i++) {
          await clock.sleep(ms);
          lines.push(`${clock.now()} ${name}`);
        }
      };
      await Promise.all([work('a', 20), work('b', 30)]);
      return lines;
    };
    const expected = ['20 a', '30 b', '40 a', '60 b', '60 a', '90 b'];
    expect(await history()).toEqual(expected);
    expect(await history()).toEqual(expected);
  });
});

describe('invariant 3: one timer fires per turn, so what it sets going runs before the next', () => {
  test('a chain of promises after a timer ends before time goes on', async () => {
    const clock = virtualClock({ startsAt: START });
    const seen: number[] = [];
    const work = async (): Promise<void> => {
      await clock.sleep(10);
      for (let i = 0; i < 100; i++) await Promise.resolve();
      seen.push(clock.now());
    };
    await Promise.all([work(), clock.sleep(11)]);
    expect(seen).toEqual([START + 10]);
  });

  test('a shorter timer set after a longer one, in the same turn, fires first', async () => {
    const clock = virtualClock({ startsAt: START });
    const fired: string[] = [];
    clock.at(START + 100, () => fired.push('long'));
    await Promise.resolve();
    clock.at(START + 1, () => fired.push('short'));
    await runDry(clock);
    expect(fired).toEqual(['short', 'long']);
  });
});

describe('a hold', () => {
  test('stops time until it is released', async () => {
    const clock = virtualClock({ startsAt: START });
    const release = clock.hold();
    let woke = false;
    void clock.sleep(1).then(() => (woke = true));
    for (let i = 0; i < 5; i++) await turn();
    expect([woke, clock.now()]).toEqual([false, START]);
    release();
    await runDry(clock);
    expect(clock.now()).toBe(START + 1);
  });

  test('taken after a timer is set, even in the turn in which it would fire, stops it', async () => {
    const clock = virtualClock({ startsAt: START });
    clock.at(START + 1, () => {});
    const release = clock.hold();
    await turn();
    await turn();
    expect(clock.now()).toBe(START);
    release();
    await runDry(clock);
    expect(clock.now()).toBe(START + 1);
  });

  test('counts: time goes on when the last of several is released', async () => {
    const clock = virtualClock({ startsAt: START });
    const [first, second] = [clock.hold(), clock.hold()];
    clock.at(START + 1, () => {});
    first();
    await turn();
    await turn();
    expect(clock.now()).toBe(START);
    second();
    await runDry(clock);
    expect(clock.now()).toBe(START + 1);
  });

  test('released twice counts once', async () => {
    const clock = virtualClock({ startsAt: START });
    const [first, second] = [clock.hold(), clock.hold()];
    clock.at(START + 1, () => {});
    first();
    first();
    await turn();
    await turn();
    expect(clock.now()).toBe(START);
    second();
    await runDry(clock);
  });
});

describe('cancelling', () => {
  test('a timer twice, or after it fired, does nothing more', async () => {
    const clock = virtualClock({ startsAt: START });
    const fired: string[] = [];
    const cancelA = clock.at(START + 1, () => fired.push('a'));
    const cancelB = clock.at(START + 2, () => fired.push('b'));
    cancelA();
    cancelA();
    expect(clock.pending()).toBe(1);
    await runDry(clock);
    cancelB();
    expect(clock.pending()).toBe(0);
    expect(fired).toEqual(['b']);
  });

  test('the only timer leaves time where it is', async () => {
    const clock = virtualClock({ startsAt: START });
    clock.at(START + 1, () => {})();
    await turn();
    expect([clock.now(), clock.pending()]).toEqual([START, 0]);
  });

  test('from within another timer of the same instant comes in time', async () => {
    const clock = virtualClock({ startsAt: START });
    const fired: string[] = [];
    clock.at(START + 1, () => cancel());
    const cancel = clock.at(START + 1, () => fired.push('cancelled'));
    await runDry(clock);
    expect(fired).toEqual([]);
  });
});

describe('sleeping', () => {
  test('ends with the reason when the signal aborts, and leaves no timer', async () => {
    const clock = virtualClock({ startsAt: START });
    const release = clock.hold();
    const controller = new AbortController();
    const sleeping = clock.sleep(1_000, controller.signal);
    controller.abort(new TypeError('stop'));
    await expect(sleeping).rejects.toThrow('stop');
    expect(clock.pending()).toBe(0);
    release();
  });

  test('does not begin when the signal has aborted already', async () => {
    const clock = virtualClock({ startsAt: START });
    await expect(clock.sleep(1_000, AbortSignal.abort(new TypeError('stop')))).rejects.toThrow('stop');
    expect(clock.pending()).toBe(0);
  });

  test('to its end leaves no listener on the signal', async () => {
    const clock = virtualClock({ startsAt: START });
    const { signal } = new AbortController();
    const sleeping = clock.sleep(5, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await sleeping;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

test('100,000 timers, half of them cancelled, fire in order within seconds', async () => {
  const clock = virtualClock({ startsAt: 0 });
  let [fired, last] = [0, -1];
  for (let i = 0; i < 100_000; i++) {
    const timeMs = (i * 7_919) % 100_003;
    const cancel = clock.at(timeMs, () => {
      fired++;
      expect(timeMs).toBeGreaterThan(last);
      last = timeMs;
    });
    if (i % 2 === 0) cancel();
  }
  expect(clock.pending()).toBe(50_000);
  await runDry(clock);
  expect(fired).toBe(50_000);
}, 10_000);
