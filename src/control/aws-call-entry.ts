import type { AwsCallRecord } from '#aws/options.ts';
import type { AuditEntry } from './audit-log.ts';

/** True for an operation that changes nothing, by the words that AWS begins the names of such with. */
export function isReading({ iamAction }: AwsCallRecord): boolean {
  return /^[^:]+:(Describe|Get|List|Search|Lookup|BatchGet|Select)/.test(iamAction);
}

/** What the trail says of one attempt of a call. `executionId` `null`: it was made for no execution. */
export function entryOfCall(executionId: string | null, call: AwsCallRecord): AuditEntry {
  const {
    service,
    operation,
    iamAction,
    accountId,
    region,
    attempt,
    startedAt,
    durationMs,
    error,
    requestId,
  } = call;
  return {
    action: 'aws.call',
    by: 'breakwater',
    target: iamAction,
    ...(executionId === null ? {} : { executionId }),
    data: {
      service,
      operation,
      accountId: accountId ?? null,
      region,
      attempt,
      at: new Date(startedAt).toISOString(),
      durationMs,
      outcome: error ?? 'succeeded',
      awsRequestId: requestId,
    },
  };
}
