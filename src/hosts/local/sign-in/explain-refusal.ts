import { BreakwaterError, isBreakwaterError } from '#core/errors.ts';

/** What the errors of the user pool mean to the person who signs in. */
const MEANINGS: Readonly<Record<string, string>> = {
  NotAuthorizedException: 'user or password is wrong, the user is disabled, or the session has expired',
  UserNotFoundException: 'user or password is wrong',
  UserNotConfirmedException: 'the user has not been confirmed: an administrator of the user pool can do so',
  PasswordResetRequiredException: 'the password has to be reset: an administrator of the user pool can do so',
  InvalidPasswordException: 'the new password does not meet the rules of the user pool',
  CodeMismatchException: 'the code is wrong',
  EnableSoftwareTokenMFAException: 'the code of the authenticator is wrong',
  ExpiredCodeException: 'the code has expired',
  ResourceNotFoundException: 'there is no such app client: check --user-pool-client-id and --user-pool-id',
  InvalidParameterException:
    'the user pool does not take this: its app client must allow ALLOW_USER_SRP_AUTH and ALLOW_REFRESH_TOKEN_AUTH, and have no secret',
};

/**
 * `SignInFailed` for what the user pool refuses; anything else as it is. Nothing that AWS says is repeated of a refusal: it may hold
 * what was typed.
 */
export function explainRefusal(error: unknown): unknown {
  const name = awsErrorOf(error);
  if (name === null) return error;
  return new BreakwaterError('SignInFailed', MEANINGS[name] ?? `the user pool refuses: ${name}`, {
    details: { awsError: name },
  });
}

/** True where the user pool has refused, and will refuse the same again. */
export function isRefusal(error: unknown): boolean {
  return awsErrorOf(error) !== null;
}

/** The name of a final refusal by AWS; `null` for what may pass, and for errors of our own. */
function awsErrorOf(error: unknown): string | null {
  if (!isBreakwaterError(error) || error.retry === 'retryable') return null;
  const name = error.details['awsError'];
  return typeof name === 'string' && error.code !== 'SignInFailed' ? name : null;
}
