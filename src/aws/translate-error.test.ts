import { describe, expect, test } from 'vitest';
import { BACKOFF, ERROR_RULES } from './errors-table.ts';
import { judgeError } from './translate-error.ts';

function answered(name: string, status: number, more: object = {}): Error {
  return Object.assign(new Error('words'), { name, $metadata: { httpStatusCode: status }, ...more });
}

function thrown(name: string, code?: string, message = 'words'): Error {
  return Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) });
}

describe('an error of AWS', () => {
  test.each([
    { name: 'DRS throttling', error: answered('ThrottlingException', 429), is: 'AwsThrottled throttled' },
    {
      name: 'EC2 throttling, whose status is 503',
      error: answered('RequestLimitExceeded', 503),
      is: 'AwsThrottled throttled',
    },
    {
      name: 'a Route 53 zone that is being changed',
      error: answered('PriorRequestNotComplete', 400),
      is: 'AwsThrottled throttled',
    },
    {
      name: 'a server in another DRS job',
      error: answered('ConflictException', 409),
      is: 'AwsConflict final',
    },
    {
      name: 'a DRS quota',
      error: answered('ServiceQuotaExceededException', 402),
      is: 'AwsQuotaExceeded final',
    },
    {
      name: 'an EC2 zone without capacity',
      error: answered('InsufficientInstanceCapacity', 500),
      is: 'AwsQuotaExceeded final',
    },
    {
      name: 'an RDS cluster that is busy',
      error: answered('InvalidDBClusterStateFault', 400),
      is: 'AwsConflict final',
    },
    {
      name: 'an RDS cluster that does not exist',
      error: answered('DBClusterNotFoundFault', 404),
      is: 'AwsNotFound final',
    },
    {
      name: 'an EC2 instance that does not exist',
      error: answered('InvalidInstanceID.NotFound', 400),
      is: 'AwsNotFound final',
    },
    { name: 'a zone that does not exist', error: answered('NoSuchHostedZone', 404), is: 'AwsNotFound final' },
    { name: 'a denied action', error: answered('AccessDeniedException', 400), is: 'AwsAccessDenied final' },
    {
      name: 'a denied EC2 action',
      error: answered('UnauthorizedOperation', 403),
      is: 'AwsAccessDenied final',
    },
    {
      name: 'a denied SNS action',
      error: answered('AuthorizationErrorException', 403),
      is: 'AwsAccessDenied final',
    },
    {
      name: 'an expired token',
      error: answered('ExpiredTokenException', 400),
      is: 'AwsCredentialsExpired final',
    },
    {
      name: 'an unknown key',
      error: answered('UnrecognizedClientException', 400),
      is: 'AwsCredentialsMissing final',
    },
    {
      name: 'no credentials at all',
      error: thrown('CredentialsProviderError'),
      is: 'AwsCredentialsMissing final',
    },
    {
      name: 'an expired session of the SSO',
      error: thrown('CredentialsProviderError', undefined, 'The SSO session has expired.'),
      is: 'AwsCredentialsExpired final',
    },
    {
      name: 'a Region that is not enabled',
      error: answered('OptInRequired', 403),
      is: 'AwsRegionInvalid final',
    },
    {
      name: 'an internal error',
      error: answered('InternalServerException', 500),
      is: 'AwsFailed transient ambiguous',
    },
    { name: 'an unknown 5xx', error: answered('Whatever', 502), is: 'AwsFailed transient ambiguous' },
    { name: 'an unknown 4xx', error: answered('ValidationException', 400), is: 'AwsRejected final' },
    {
      name: 'an answer that cannot be read',
      error: answered('SyntaxError', 200),
      is: 'AwsFailed transient ambiguous',
    },
    { name: 'a refused connection', error: thrown('Error', 'ECONNREFUSED'), is: 'AwsUnreachable transient' },
    {
      name: 'a broken connection',
      error: thrown('Error', 'ECONNRESET'),
      is: 'AwsUnreachable transient ambiguous',
    },
    { name: 'a timeout', error: thrown('TimeoutError'), is: 'AwsUnreachable transient ambiguous' },
    {
      name: 'a name that does not resolve in a known Region',
      error: thrown('Error', 'ENOTFOUND'),
      is: 'AwsUnreachable transient',
    },
    { name: 'a mistake of ours', error: thrown('TypeError'), is: 'Bug final' },
  ])('is judged by the table: $name', ({ error, is }) => {
    const { code, class: errorClass, ambiguous } = judgeError(error, 'eu-west-1');
    expect(`${code} ${errorClass}${ambiguous ? ' ambiguous' : ''}`).toBe(is);
  });

  test('is due to the Region when its endpoint does not resolve and nobody knows the Region', () => {
    expect(judgeError(thrown('Error', 'ENOTFOUND'), 'eu-wst-1').code).toBe('AwsRegionInvalid');
  });

  test('may say how long to wait, within reason', () => {
    expect(
      judgeError(answered('ThrottlingException', 429, { retryAfterSeconds: '12' }), 'eu-west-1').retryAfterMs,
    ).toBe(12_000);
    expect(
      judgeError(answered('ThrottlingException', 429, { retryAfterSeconds: 86_400 }), 'eu-west-1')
        .retryAfterMs,
    ).toBe(300_000);
  });
});

test('the table has no name twice', () => {
  const names = ERROR_RULES.map(({ match }) => String(match));
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test('back-off stays within the limits of the SDK: 20 seconds', () => {
  expect(Math.max(...Object.values(BACKOFF).map(({ longestMs }) => longestMs))).toBeLessThanOrEqual(20_000);
});
