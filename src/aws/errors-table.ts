import type { ErrorCode } from '#core/error-codes.ts';

/**
 * How the door treats an error of AWS.
 *
 * - `throttled`: AWS refused before doing anything; repeated with back-off, whatever the operation.
 * - `contended`: so too, because another write of the same items was under way: that is over soon.
 * - `transient`: nobody knows whether it took effect; repeated with back-off if the operation may be repeated.
 * - `final`: handed to the caller at once.
 */
export type ErrorClass = 'throttled' | 'contended' | 'transient' | 'final';

export interface ErrorRule {
  /** The name that the SDK gives the error, or a pattern for families of names. */
  readonly match: string | RegExp;
  readonly code: ErrorCode;
  readonly class: ErrorClass;
}

/** Full jitter: the n-th wait is random between 0 and `min(longestMs, firstMs * 2^n)`. */
export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** The SDK waits 1,000 ms * 2^i for throttling and 50 ms * 2^i for the rest, at most 20 s (measured, standard mode). */
export const BACKOFF: Readonly<Record<Exclude<ErrorClass, 'final'>, Backoff>> = {
  throttled: { firstMs: 1_000, longestMs: 20_000 },
  contended: { firstMs: 50, longestMs: 2_000 },
  transient: { firstMs: 200, longestMs: 10_000 },
};

/** First match wins; what no line matches is judged by HTTP status (`STATUS_RULES`). */
export const ERROR_RULES: readonly ErrorRule[] = [
  // Throttling: the names of botocore's `_retry.json` and of the SDK's `THROTTLING_ERROR_CODES`.
  throttled('Throttling'),
  throttled('ThrottlingException'),
  throttled('ThrottledException'),
  throttled('RequestThrottled'),
  throttled('RequestThrottledException'),
  throttled('RequestLimitExceeded'), // EC2, with status 503: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
  throttled('EC2ThrottledException'), // Lambda in a VPC
  throttled('TooManyRequestsException'), // Lambda, Service Quotas
  throttled('ProvisionedThroughputExceededException'),
  throttled('BandwidthLimitExceeded'),
  throttled('SlowDown'),
  throttled('PriorRequestNotComplete'), // Route 53: one change batch of a zone at a time
  // DynamoDB: another transaction works on the item, or this one, whose answer was lost, still does
  contended('TransactionConflictException'),
  contended('TransactionInProgressException'),
  throttled('KmsThrottlingException'), // Step Functions, of a key that encrypts an execution
  // Credentials
  final('ExpiredToken', 'AwsCredentialsExpired'), // query protocols
  final('ExpiredTokenException', 'AwsCredentialsExpired'), // JSON protocols
  final('RequestExpired', 'AwsCredentialsExpired'), // EC2; also a clock that is wrong by more than 5 minutes
  final('TokenRefreshRequired', 'AwsCredentialsExpired'),
  final('CredentialsProviderError', 'AwsCredentialsMissing'), // the SDK's own: no source of credentials
  final('TokenProviderError', 'AwsCredentialsMissing'), // the SDK's own: SSO
  final('InvalidClientTokenId', 'AwsCredentialsMissing'), // query protocols: key unknown
  final('UnrecognizedClientException', 'AwsCredentialsMissing'), // JSON protocols: key unknown
  final('AuthFailure', 'AwsCredentialsMissing'), // EC2: key or signature wrong
  final('SignatureDoesNotMatch', 'AwsCredentialsMissing'),
  final('InvalidSignatureException', 'AwsCredentialsMissing'),
  final('IncompleteSignature', 'AwsCredentialsMissing'),
  final('MissingAuthenticationToken', 'AwsCredentialsMissing'),
  final('MissingAuthenticationTokenException', 'AwsCredentialsMissing'),
  // Rights and Regions
  final('AccessDenied', 'AwsAccessDenied'), // query protocols
  final('AccessDeniedException', 'AwsAccessDenied'), // JSON protocols
  final('UnauthorizedOperation', 'AwsAccessDenied'), // EC2
  final('NotAuthorized', 'AwsAccessDenied'),
  final('OptInRequired', 'AwsRegionInvalid'), // a Region that the account has not enabled
  final('RegionDisabledException', 'AwsRegionInvalid'), // STS
  final('InvalidRegion', 'AwsRegionInvalid'),
  final('UninitializedAccountException', 'AwsNotInitialized'), // DRS, status 400, per account and Region
  // Capacity and quotas
  final('ServiceQuotaExceededException', 'AwsQuotaExceeded'), // DRS, with status 402, `quotaCode` and `serviceCode`
  final('LimitExceededException', 'AwsQuotaExceeded'), // SSM, Lambda: a quota, although the SDK repeats it
  final(/^Insufficient\w*Capacity/, 'AwsQuotaExceeded'), // EC2 and RDS: another zone or class may have some
  final(/(Quota|Limits?)Exceeded/, 'AwsQuotaExceeded'), // LimitsExceeded, InstanceLimitExceeded, VcpuLimitExceeded, InstanceQuotaExceeded …
  final(/^TooMany/, 'AwsQuotaExceeded'), // ELB TooManyTargets …
  // Something else is going on with the resource
  final('ConflictException', 'AwsConflict'), // DRS 409: a server is in another job
  final('ResourceConflictException', 'AwsConflict'), // Lambda
  final('ResourceInUseException', 'AwsConflict'),
  final('IncorrectInstanceState', 'AwsConflict'), // EC2
  final('DuplicateInstanceId', 'AwsRejected'), // SSM
  final(/^Invalid\w*State(Fault|Exception)?$/, 'AwsConflict'), // RDS InvalidDBClusterStateFault and family
  final(/AlreadyExists/, 'AwsConflict'),
  // Nothing there
  final(/NotFound/, 'AwsNotFound'), // RDS …NotFoundFault, EC2 InvalidInstanceID.NotFound, ELB, Lambda, DRS
  final(/^NoSuch/, 'AwsNotFound'), // Route 53 NoSuchHostedZone, NoSuchChange
  final('InvocationDoesNotExist', 'AwsNotFound'), // SSM: the waiter of AWS repeats it, just after SendCommand
  final('StateMachineDoesNotExist', 'AwsNotFound'), // Step Functions, status 400
  final('InvalidInstanceId', 'AwsNotFound'), // SSM: not managed, or not yet
  final('InvalidDocument', 'AwsNotFound'), // SSM
  // Trouble inside AWS, or on the way
  transient(/^Internal(Server|Service)?(Error|Failure|Exception|Fault)/),
  transient('ServiceException'), // Lambda
  transient(/^(ServiceUnavailable|Unavailable)/),
  transient(/^RequestTimeout/),
];

/** By HTTP status, when the name says nothing. An unknown 4xx is not repeated. */
export const STATUS_RULES: readonly {
  readonly from: number;
  readonly to: number;
  readonly rule: ErrorRule;
}[] = [
  { from: 429, to: 429, rule: throttled('') },
  { from: 402, to: 402, rule: final('', 'AwsQuotaExceeded') },
  { from: 403, to: 403, rule: final('', 'AwsAccessDenied') },
  { from: 404, to: 404, rule: final('', 'AwsNotFound') },
  { from: 409, to: 409, rule: final('', 'AwsConflict') },
  { from: 501, to: 501, rule: final('', 'AwsRejected') },
  { from: 500, to: 599, rule: transient('') },
  { from: 200, to: 399, rule: transient('') }, // an answer that cannot be read
  { from: 400, to: 499, rule: final('', 'AwsRejected') },
];

/** How AWS answers a key that it does not know, or does not know in a Region that the account has not enabled. */
export const UNKNOWN_KEY = new Set(['InvalidClientTokenId', 'UnrecognizedClientException', 'AuthFailure']);

/** Names and codes of failures before a connection stood: AWS cannot have seen the request. */
export const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
]);

/** Names and codes of failures after that: nobody knows whether AWS acted. */
export const SENT_WITHOUT_ANSWER = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'ECONNABORTED',
  'TimeoutError',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

function contended(match: string): ErrorRule {
  return { match, code: 'AwsConflict', class: 'contended' };
}

function throttled(match: string): ErrorRule {
  return { match, code: 'AwsThrottled', class: 'throttled' };
}

function transient(match: string | RegExp): ErrorRule {
  return { match, code: 'AwsFailed', class: 'transient' };
}

function final(match: string | RegExp, code: ErrorCode): ErrorRule {
  return { match, code, class: 'final' };
}
