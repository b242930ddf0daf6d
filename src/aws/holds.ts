import type { Clock } from '#core/clock.ts';

/**
 * Makes virtual time stand still while the SDK or the network works (both may do real I/O), and move while an
 * in-process handler works (which may wait on the clock, and must not hold it).
 *
 * Holds are only counted, so it does not matter whose hold a pause gives back.
 */
export interface Holds {
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Only inside `during`. */
  pause<T>(work: () => Promise<T>): Promise<T>;
}

export function createHolds(clock: Clock): Holds {
  const open: (() => void)[] = [];
  const enter = (): void => void open.push(clock.hold());
  const leave = (): void => open.pop()?.();
  return {
    async during(work) {
      enter();
      return work().finally(leave);
    },
    async pause(work) {
      leave();
      return work().finally(enter);
    },
  };
}
