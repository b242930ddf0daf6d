import { isBreakwaterError } from '#core/errors.ts';

/** True for a `ValidationException` whose message says this: DynamoDB has one name for all that it finds wrong with a request. */
export function isInvalid(error: unknown, words: RegExp): boolean {
  if (!isBreakwaterError(error) || error.details['awsError'] !== 'ValidationException') return false;
  const { awsMessage } = error.details;
  return typeof awsMessage === 'string' && words.test(awsMessage);
}
