import { ERROR_CODES, type ErrorCode } from '#core/error-codes.ts';
import { reportOf } from '#core/errors.ts';
import { z } from 'zod';
import { FindingShape } from './shapes/plans.ts';

/** An error as RFC 9457 says it (`application/problem+json`), with our code and what to do. */
export const Problem = z
  .object({
    type: z.string().describe('`urn:breakwater:error:<code>`'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe('One of the error codes in docs/api.md; this is what programs branch on'),
    remedy: z.string().describe('What to do, in a sentence'),
    requestId: z.string(),
    findings: z
      .array(FindingShape)
      .optional()
      .describe('Every problem of the input, with path, value and remedy'),
    causes: z.array(z.string()).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

/** HTTP status by code; all others are 400 if the user can mend them, else 500. */
const STATUSES: Partial<Record<ErrorCode, number>> = {
  Unauthenticated: 401,
  Forbidden: 403,
  RouteNotFound: 404,
  MethodNotAllowed: 405,
  MediaTypeUnsupported: 415,
  NotFound: 404,
  ExecutionNotFound: 404,
  AlreadyExists: 409,
  InUse: 409,
  ExecutionNotRunning: 409,
  GateNotOpen: 409,
  ResourceLocked: 409,
  RevisionConflict: 409,
  IdempotencyKeyReused: 409,
  ApprovalRefused: 409,
  PreconditionFailed: 412,
  PreconditionMissing: 428,
  RequestTooSlow: 408,
  RequestTooLarge: 413,
  RecordTooLarge: 413,
  AnswerTooLarge: 413,
  PlanInvalid: 422,
  ValidationFailed: 422,
  TooManyRequests: 429,
  // What AWS said is not the caller's fault, nor ours.
  AwsCredentialsMissing: 424,
  AwsCredentialsExpired: 424,
  AwsAccessDenied: 424,
  AwsRejected: 424,
  AwsUnreachable: 502,
  AwsThrottled: 503,
  AwsFailed: 502,
  AwsConflict: 409,
  AwsQuotaExceeded: 409,
  AwsNotFound: 404,
  // What a solution that this server drives has said.
  SolutionDenied: 424,
  SolutionRefused: 424,
  SolutionUnreachable: 502,
  EngineClosed: 503,
  NotReady: 503,
};

export function statusOf(code: ErrorCode): number {
  return STATUSES[code] ?? (ERROR_CODES[code].source === 'user' ? 400 : 500);
}

/** What is no fault of the request: its words may name accounts, roles, tables or files. */
export function isOfInside(code: ErrorCode): boolean {
  return statusOf(code) >= 500 || code.startsWith('Aws');
}

/** Turns any thrown value into a problem. What is our own fault says no more than its code, and to nobody in particular neither does what AWS has said. */
export function problemOf(error: unknown, requestId: string, { isPublic = false } = {}): Problem {
  const { code, message, remedy, details, causes } = reportOf(error);
  const status = statusOf(code);
  const { findings } = details;
  const isOurs = ERROR_CODES[code].retry === 'bug' || (isPublic && isOfInside(code));
  return {
    type: `urn:breakwater:error:${code}`,
    title: code.replace(/(?<!^)([A-Z])/g, ' $1').toLowerCase(),
    status,
    detail: isOurs ? 'something went wrong inside; the log has more under this request id' : message,
    code,
    remedy,
    requestId,
    ...(Array.isArray(findings) ? { findings } : {}),
    ...(isOurs || causes.length === 0 ? {} : { causes: [...causes] }),
  };
}
