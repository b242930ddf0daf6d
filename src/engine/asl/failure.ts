import type { RetrierDefinition } from './schema.ts';

/**
 * A state that failed, as the States Language sees it: an error name and a cause. It is how expressions and tasks tell the
 * interpreter of a failure; it never leaves the engine.
 */
export class StateFailure extends Error {
  readonly error: string;
  readonly detail: string;

  constructor(error: string, cause: string) {
    super(cause);
    this.name = error;
    this.error = error;
    this.detail = cause;
  }
}

/** Turns anything thrown inside the interpreter into a failure of the state. Unknown errors are `States.Runtime`. */
export function failureOf(thrown: unknown): StateFailure {
  if (thrown instanceof StateFailure) return thrown;
  return new StateFailure('States.Runtime', thrown instanceof Error ? thrown.message : String(thrown));
}

/**
 * Whether an `ErrorEquals` list matches. `States.ALL` does not match the two terminal errors, `States.TaskFailed` matches all
 * but time-outs, and `States.Timeout` matches a missed heartbeat too.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export function matchesError(names: readonly string[], error: string): boolean {
  return names.some((name) => {
    if (name === error) return error !== 'States.Runtime';
    if (error === 'States.Runtime' || error === 'States.DataLimitExceeded') return false;
    if (name === 'States.ALL') return true;
    if (name === 'States.TaskFailed') return error !== 'States.Timeout';
    return name === 'States.Timeout' && error === 'States.HeartbeatTimeout';
  });
}

/** A compiled retrier: times in milliseconds. */
export interface Retrier {
  readonly errors: readonly string[];
  readonly intervalMs: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelayMs: number;
}

export function compileRetrier(definition: RetrierDefinition): Retrier {
  return {
    errors: definition.ErrorEquals,
    intervalMs: (definition.IntervalSeconds ?? 1) * 1000,
    maxAttempts: definition.MaxAttempts ?? 3,
    backoffRate: definition.BackoffRate ?? 2,
    maxDelayMs: (definition.MaxDelaySeconds ?? Infinity) * 1000,
  };
}

/** How long to wait before retry number `retry` (0 is the first), in whole milliseconds. */
export function retryDelayMs(retrier: Retrier, retry: number): number {
  return Math.round(Math.min(retrier.intervalMs * retrier.backoffRate ** retry, retrier.maxDelayMs));
}
