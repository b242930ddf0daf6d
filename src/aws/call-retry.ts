import type { Clock } from '#core/clock.ts';
import { isBreakwaterError } from '#core/errors.ts';
import { BACKOFF, type ErrorClass } from './errors-table.ts';
import { judgeError, translateError, type CallPlace } from './translate-error.ts';

/** How long, from the first failure, the door goes on before it hands the error to the caller, who may come back later. */
const BUDGET_MS = 45_000;
const MOST_ATTEMPTS = 8;

export interface RetryParams {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly place: CallPlace;
  readonly repeatable: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `attempt` until it succeeds, fails for good, or the time is up. Throws `BreakwaterError`, or the signal's reason
 * if that aborts. A call that may not be repeated, and may have taken effect, fails at once with `details.ambiguous`.
 */
export async function callWithRetry<T>(
  params: RetryParams,
  attempt: (number: number) => Promise<T>,
): Promise<T> {
  const { clock, place, signal } = params;
  let firstFailureAt: number | null = null;
  let afterLostAnswer = false;
  for (let number = 1; ; number++) {
    signal?.throwIfAborted();
    try {
      return await attempt(number);
    } catch (error) {
      signal?.throwIfAborted();
      // Already judged: the role could not be assumed, the account is unknown.
      if (isBreakwaterError(error)) throw error;
      firstFailureAt ??= clock.now();
      const judgement = judgeError(error, place.region);
      const hopeless = judgement.class === 'final' || (judgement.ambiguous && !params.repeatable);
      const waitMs = hopeless
        ? 0
        : waitBefore(number, judgement.class, judgement.retryAfterMs, params.random);
      const late = clock.now() + waitMs - firstFailureAt > BUDGET_MS || number >= MOST_ATTEMPTS;
      if (hopeless || late)
        throw translateError(error, place, judgement, { attempts: number, afterLostAnswer });
      afterLostAnswer ||= judgement.ambiguous;
      await clock.sleep(waitMs, signal);
    }
  }
}

/** Full jitter, but never less than AWS asks for. */
function waitBefore(
  attempt: number,
  errorClass: ErrorClass,
  retryAfterMs: number,
  random: () => number,
): number {
  if (errorClass === 'final') return 0;
  const { firstMs, longestMs } = BACKOFF[errorClass];
  return retryAfterMs + Math.ceil(random() * Math.min(longestMs, firstMs * 2 ** (attempt - 1)));
}
