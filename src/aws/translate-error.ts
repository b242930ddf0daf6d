import type { ErrorCode } from '#core/error-codes.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import {
  ERROR_RULES,
  NEVER_SENT,
  SENT_WITHOUT_ANSWER,
  STATUS_RULES,
  UNKNOWN_KEY,
  type ErrorClass,
} from './errors-table.ts';
import { isKnownRegion } from './known-regions.ts';

/** Which call failed. `accountId` undefined: the caller's own account. */
export interface CallPlace {
  readonly service: string;
  readonly operation: string;
  /** Such as `drs:StartRecovery`. */
  readonly iamAction: string;
  readonly accountId: string | undefined;
  readonly region: string;
}

export interface Judgement {
  readonly code: ErrorCode;
  readonly class: ErrorClass;
  /** True if AWS may have acted although no answer, or none of use, came back. */
  readonly ambiguous: boolean;
  /** The least that AWS asks to wait, in ms; 0 if it does not say. */
  readonly retryAfterMs: number;
}

/** What the table says of an error that the SDK has thrown. */
export function judgeError(error: unknown, region: string): Judgement {
  const thrown = readThrown(error);
  const retryAfterMs = 1_000 * (thrown.retryAfterSeconds ?? 0);
  const final = (code: ErrorCode): Judgement => ({ code, class: 'final', ambiguous: false, retryAfterMs });
  if (thrown.status === undefined) {
    if (/CredentialsProviderError|TokenProviderError/.test(thrown.name)) {
      return final(/expired/i.test(thrown.message) ? 'AwsCredentialsExpired' : 'AwsCredentialsMissing');
    }
    if (thrown.systemCode === 'ENOTFOUND' && !isKnownRegion(region)) return final('AwsRegionInvalid');
    const never = NEVER_SENT.has(thrown.systemCode);
    const lost = SENT_WITHOUT_ANSWER.has(thrown.systemCode) || SENT_WITHOUT_ANSWER.has(thrown.name);
    if (never || lost) return { code: 'AwsUnreachable', class: 'transient', ambiguous: !never, retryAfterMs };
  }
  // A Region that does not exist, behind an endpoint that is not the Region's own.
  if (UNKNOWN_KEY.has(thrown.name) && !isKnownRegion(region)) return final('AwsRegionInvalid');
  const rule =
    ERROR_RULES.find(({ match }) =>
      typeof match === 'string' ? match === thrown.name : match.test(thrown.name),
    ) ??
    STATUS_RULES.find(
      ({ from, to }) => thrown.status !== undefined && from <= thrown.status && thrown.status <= to,
    )?.rule;
  if (rule === undefined) return final('Bug');
  return { code: rule.code, class: rule.class, ambiguous: rule.class === 'transient', retryAfterMs };
}

/** How often a call was sent, and whether an attempt before the last may have taken effect. */
interface Tries {
  readonly attempts: number;
  readonly afterLostAnswer: boolean;
}

/** The `BreakwaterError` for an error of the SDK that is final, or was repeated in vain `attempts` times. */
export function translateError(
  error: unknown,
  place: CallPlace,
  judgement: Judgement,
  { attempts, afterLostAnswer }: Tries,
): BreakwaterError {
  const thrown = readThrown(error);
  const where = `account ${place.accountId ?? 'of the caller'}, region ${place.region}`;
  const tries = attempts > 1 ? ` after ${attempts} attempts` : '';
  const awsError = thrown.systemCode || thrown.name;
  const words = thrown.message === '' ? awsError : `${awsError}: ${thrown.message}`;
  const details: Record<string, Json> = {
    service: place.service,
    operation: place.operation,
    iamAction: place.iamAction,
    accountId: place.accountId ?? null,
    region: place.region,
    awsError,
    awsMessage: thrown.message,
    requestId: thrown.requestId,
    httpStatus: thrown.status ?? null,
    ambiguous: judgement.ambiguous,
    ...(afterLostAnswer ? { afterLostAnswer } : {}),
  };
  if (thrown.quotaCode !== null) details['quotaCode'] = thrown.quotaCode;
  return new BreakwaterError(judgement.code, `${place.iamAction} failed${tries} (${where}): ${words}`, {
    details,
  });
}

/** The id that AWS gave a request, from the SDK's output or from what the SDK threw; `null`: no answer came. */
export function requestIdOf(result: unknown): string | null {
  return readThrown(result).requestId;
}

interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly systemCode: string;
  readonly status: number | undefined;
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | undefined;
  readonly quotaCode: string | null;
}

/** The members of an SDK error that the door reads, whatever was thrown. */
function readThrown(error: unknown): Thrown {
  const members = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly [key: string]: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
    readonly $response?: { readonly statusCode?: number };
  };
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const seconds = Number(members['retryAfterSeconds']);
  return {
    name: text(members['name']) || 'Error',
    message: firstLine(text(members['message']) || (typeof error === 'string' ? error : '')),
    systemCode: text(members['code']),
    status: members.$metadata?.httpStatusCode ?? members.$response?.statusCode,
    requestId: members.$metadata?.requestId ?? null,
    retryAfterSeconds: Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 300) : undefined,
    quotaCode: text(members['quotaCode']) || null,
  };
}

/** Signature errors go on with the canonical request, session token included: that must not reach a log. */
function firstLine(message: string): string {
  const line = message.split('\n', 1)[0]!.trim();
  return line.length > 1_000 ? `${line.slice(0, 1_000)}…` : line;
}
