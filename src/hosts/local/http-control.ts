import type { Control } from '#control/control.ts';
import { ERROR_CODES, type ErrorCode } from '#core/error-codes.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';

export interface ServerAccess {
  /** Such as `https://breakwater.example.com`. */
  readonly url: string;
  readonly token: string | undefined;
  readonly fetch?: typeof fetch;
}

/** A `Control` that asks a Breakwater server over its REST API. A server out of reach is `ServerUnreachable`. */
export function httpControl(access: ServerAccess): Control {
  const ask = <T>(method: string, path: string, request: Request = {}): Promise<T> =>
    send(access, { method, path, ...request }) as Promise<T>;
  const at = (executionId: string): string => `/executions/${encodeURIComponent(executionId)}`;
  const act = async (executionId: string, name: string, reason?: string): Promise<void> => {
    await ask('POST', `${at(executionId)}/${name}`, { body: reasonOf(reason) });
  };
  return {
    validatePlan: (body) => ask('POST', '/recovery-plans/validate', { body }),
    startExecution: ({ initiatedBy: _, idempotencyKey, ...body }) =>
      ask('POST', '/executions', {
        body,
        ...(idempotencyKey === undefined ? {} : { headers: { 'idempotency-key': idempotencyKey } }),
      }),
    listExecutions: async (params = {}) => {
      const page = await ask<{ executions: []; nextCursor?: string }>('GET', '/executions', {
        query: params,
      });
      return {
        executions: page.executions,
        ...(page.nextCursor === undefined ? {} : { cursor: page.nextCursor }),
      };
    },
    getExecution: ({ executionId }) => ask('GET', at(executionId)),
    listEvents: async ({ executionId, ...query }) =>
      (await ask<{ events: [] }>('GET', `${at(executionId)}/events`, { query })).events,
    pause: ({ executionId, reason }) => act(executionId, 'pause', reason),
    resume: ({ executionId, reason }) => act(executionId, 'resume', reason),
    cancel: ({ executionId, reason }) => act(executionId, 'cancel', reason),
    decide: async ({ executionId, gateId, action, reason, changeTicket }) => {
      await ask('POST', `${at(executionId)}/gates/${encodeURIComponent(gateId)}`, {
        body: { action, ...reasonOf(reason), ...(changeTicket === undefined ? {} : { changeTicket }) },
      });
    },
    exportExecution: ({ executionId }) => ask('GET', `${at(executionId)}/export`),
    discover: (body) => ask('POST', '/discovery', { body }),
  };
}

interface Request {
  readonly body?: object;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
}

function reasonOf(reason: string | undefined): { reason?: string } {
  return reason === undefined ? {} : { reason };
}

async function send(
  { url, token, fetch: fetchIt = fetch }: ServerAccess,
  { method, path, body, query = {}, headers }: Request & { method: string; path: string },
): Promise<unknown> {
  const place = new URL(`${url.replace(/\/$/, '')}${path}`);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) place.searchParams.set(name, String(value));
  let answer: Response;
  try {
    answer = await fetchIt(place, {
      method,
      headers: {
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new BreakwaterError('ServerUnreachable', `no answer from ${url}`, { cause });
  }
  if (answer.status === 204) return undefined;
  const text = await answer.text();
  if (answer.ok) return readJson(text, url);
  throw errorOf(readJson(text, url) as Partial<ServerProblem>, answer.status, url);
}

interface ServerProblem {
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly findings: JsonObject[];
  readonly causes: readonly string[];
}

function errorOf(
  { code = '', detail, requestId, findings, causes }: Partial<ServerProblem>,
  status: number,
  url: string,
): BreakwaterError {
  const known = code in ERROR_CODES ? (code as ErrorCode) : 'ServerUnreachable';
  const message = detail ?? `${url} answered ${status}, which is no answer of Breakwater`;
  return new BreakwaterError(known, message, {
    details: {
      ...(requestId === undefined ? {} : { requestId }),
      ...(findings === undefined ? {} : { findings }),
    },
    ...(causes === undefined || causes.length === 0
      ? {}
      : { cause: new BreakwaterError(known, causes.join(': ')) }),
  });
}

function readJson(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BreakwaterError('ServerUnreachable', `${url} answers, but is no Breakwater`, { cause });
  }
}
