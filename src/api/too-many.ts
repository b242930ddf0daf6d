import { BreakwaterError } from '#core/errors.ts';

/** The refusal of a request that came too soon after others; `ttlMs`: until the next may come. */
export function tooMany(ttlMs: number): BreakwaterError {
  const seconds = Math.max(1, Math.ceil(ttlMs / 1_000));
  return new BreakwaterError('TooManyRequests', `too many requests; try again in ${seconds} s`, {
    details: { retryAfterSeconds: seconds },
  });
}
