import { BreakwaterError } from '#core/errors.ts';

const WINDOW_MS = 5 * 60_000;
const FREE_FAILURES = 10;
const FIRST_WAIT_MS = 1_000;
const MOST_KEYS = 10_000;

interface Failures {
  count: number;
  last: number;
}

export interface FailureBrake {
  /** Throws `TooManyRequests` if any of these has to wait. */
  refuseIfBraked(keys: readonly string[]): void;
  note(keys: readonly string[]): void;
}

/**
 * Slows down who fails to prove an identity: after ten failures within five minutes of each other, an address or a token id
 * waits a second, then two, four … up to five minutes. Others are not touched.
 */
export function failureBrake(now: () => number): FailureBrake {
  const failures = new Map<string, Failures>();
  const recent = (key: string): Failures | undefined => {
    const found = failures.get(key);
    if (found !== undefined && now() - found.last > WINDOW_MS) failures.delete(key);
    return failures.get(key);
  };
  const leftMs = (key: string): number => {
    const found = recent(key);
    if (found === undefined || found.count < FREE_FAILURES) return 0;
    return found.last + Math.min(WINDOW_MS, FIRST_WAIT_MS * 2 ** (found.count - FREE_FAILURES)) - now();
  };
  return {
    refuseIfBraked(keys) {
      const left = Math.max(0, ...keys.map(leftMs));
      if (left <= 0) return;
      throw new BreakwaterError('TooManyRequests', 'too many failed attempts to prove an identity', {
        details: { retryAfterSeconds: Math.ceil(left / 1_000) },
      });
    },
    note(keys) {
      for (const key of keys) {
        const count = (recent(key)?.count ?? 0) + 1;
        failures.delete(key);
        failures.set(key, { count, last: now() });
      }
      while (failures.size > MOST_KEYS) failures.delete(failures.keys().next().value!);
    },
  };
}
