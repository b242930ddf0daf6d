import { hasCode, isBreakwaterError, messageOf, type BreakwaterError } from '#core/errors.ts';
import type { Failure } from '#core/outcome.ts';

/** An error as the reason of an outcome: AWS's own name where there is one. */
export function failureOf(error: unknown): Failure {
  if (!isBreakwaterError(error)) return { code: 'Bug', message: messageOf(error) };
  const { service, awsError } = error.details;
  const named = typeof service === 'string' && typeof awsError === 'string';
  return { code: named ? `${service}:${awsError}` : error.code, message: error.message };
}

/** True if the operation cannot go on; false for errors that the workflow answers by calling again. */
export function isFinal(error: unknown): error is BreakwaterError {
  return isBreakwaterError(error) && error.retry === 'terminal';
}

/** True if AWS may have acted although the call failed: look before calling again. */
export function isAmbiguous(error: unknown): boolean {
  return isBreakwaterError(error) && error.details['ambiguous'] === true;
}

/** True if AWS has refused for now: something else is going on, or the quota or the rate is used up. */
export function isBusy(error: unknown): boolean {
  return (
    hasCode(error, 'AwsConflict') || hasCode(error, 'AwsQuotaExceeded') || hasCode(error, 'AwsThrottled')
  );
}
