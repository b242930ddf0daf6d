import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { problemOf } from '#api/problem.ts';
import { invokerIdOf } from '#control/token-records.ts';
import { ERROR_CODES, type ErrorCode } from '#core/error-codes.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import type { Principal, Role } from '#core/permissions.ts';
import { answerTooLarge, excessBytes } from './answer-size.ts';
import { logError } from './log.ts';
import { readInvocation, routeNamed, urlOf, type Invocation } from './invocation.ts';
import type { InsideAnswer } from './inside.ts';
import type { LambdaApi } from './open-api.ts';

/** What an alias lets its callers do. Whom IAM lets invoke it is its whole protection. */
export interface DirectAlias {
  readonly name: string;
  readonly role: Role;
  /** Operations that it performs; `undefined`: all. */
  readonly only?: readonly string[];
}

/** The answer to a direct invoke. */
export interface DirectAnswer {
  readonly status: number;
  readonly body?: Json;
  /** In place of `body`, when that is too large for Lambda: its text in gzip, in base64. */
  readonly bodyGzip?: string;
  readonly revision?: number;
}

type DirectApi = Pick<LambdaApi, 'ask' | 'routes' | 'denials'>;

/** Where requests come from that came by no network address. */
const ADDRESS = 'lambda';

/**
 * Performs an operation of the API that the event names. A refusal is an answer too; with `mustSucceed` it is thrown, under the name
 * of its code, so that whoever invoked hears of it as of a failed function.
 */
export async function performDirectly(
  api: DirectApi,
  alias: DirectAlias,
  event: Json,
): Promise<DirectAnswer> {
  const requestId = randomUUID();
  const answer = await answerTo(api, alias, { event, requestId }).catch((error: unknown): DirectAnswer => {
    const problem = problemOf(error, requestId);
    // The answer says that the log has more.
    if (problem.status >= 500) logError(`request ${requestId}`, error);
    return { status: problem.status, body: problem as unknown as Json };
  });
  const mustSucceed = (event as { mustSucceed?: Json } | null)?.mustSucceed === true;
  if (mustSucceed && answer.status >= 400) throw refusalOf(answer);
  return answer;
}

async function answerTo(
  api: DirectApi,
  alias: DirectAlias,
  { event, requestId }: { readonly event: Json; readonly requestId: string },
): Promise<DirectAnswer> {
  const invocation = readInvocation(event);
  const route = routeNamed(api.routes, invocation.operation);
  const principal = principalOf(alias, invocation);
  await refuseOthers(api, alias, { operationId: route.operationId, principal, requestId });
  const { ifMatch, idempotencyKey, body, pick } = invocation;
  const answered = await api.ask(
    {
      method: route.method,
      url: urlOf(route, invocation),
      headers: {
        'x-request-id': requestId,
        ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      remoteAddress: ADDRESS,
    },
    { authenticate: async () => principal },
  );
  return answerOf(answered, pick);
}

function principalOf({ name, role }: DirectAlias, { by = name }: Invocation): Principal {
  return { id: invokerIdOf(by), kind: 'iam', name: by, roles: [role] };
}

async function refuseOthers(
  { denials }: DirectApi,
  { name, only }: DirectAlias,
  asked: { readonly operationId: string; readonly principal: Principal; readonly requestId: string },
): Promise<void> {
  const { operationId, principal, requestId } = asked;
  if (only === undefined || only.includes(operationId)) return;
  const why = `the alias ${name} performs ${only.join(', ')}, and not ${operationId}: that is for break-glass`;
  await denials.note({ by: principal.id, route: operationId, why, address: ADDRESS, requestId });
  throw new BreakwaterError('Forbidden', why);
}

function answerOf({ statusCode, headers, body }: InsideAnswer, pick?: readonly string[]): DirectAnswer {
  const revision = /^"(\d+)"$/.exec(String(headers['etag'] ?? ''))?.[1];
  const isJson = /\bjson\b/.test(String(headers['content-type'] ?? ''));
  const answer = {
    status: statusCode,
    ...(body === ''
      ? {}
      : { body: isJson ? picked(JSON.parse(body) as Json, statusCode < 400 ? pick : undefined) : body }),
    ...(revision === undefined ? {} : { revision: Number(revision) }),
  };
  return excessBytes(answer) === null ? answer : packed(answer, body);
}

/** A problem is never picked from. */
function picked(body: Json, pick: readonly string[] | undefined): Json {
  if (pick === undefined || body === null || typeof body !== 'object' || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([name]) => pick.includes(name)));
}

/** JSON and reports shrink to a tenth. */
function packed({ body: _, ...rest }: DirectAnswer, text: string): DirectAnswer {
  const answer = { ...rest, bodyGzip: gzipSync(text).toString('base64') };
  const excess = excessBytes(answer);
  if (excess !== null) throw answerTooLarge(excess);
  return answer;
}

function refusalOf({ status, body }: DirectAnswer): BreakwaterError {
  const { code, detail, remedy, requestId } = body as Record<string, string>;
  const known = code !== undefined && code in ERROR_CODES ? (code as ErrorCode) : 'Bug';
  return new BreakwaterError(known, `${detail}. ${remedy} (status ${status}, request ${requestId})`);
}
