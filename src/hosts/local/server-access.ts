import { ERROR_CODES, type ErrorCode } from '#core/error-codes.ts';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { BreakwaterError, hasCode } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';

/** A Breakwater server elsewhere. */
export interface ServerAccess {
  /** Such as `https://breakwater.example.com`, or `https://x.execute-api.eu-west-1.amazonaws.com/v1`. */
  readonly url: string;
  /** Headers that prove who asks, made for each request. */
  readonly identity: (request: SentRequest) => Promise<Readonly<Record<string, string>>>;
  /** What to look at when the server does not believe them. */
  readonly hint?: string;
  readonly fetch?: typeof fetch;
  /** How long an answer may take: default two minutes, a check of a large plan included. */
  readonly patienceMs?: number;
  /** Default: real time. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** A request as it goes out. Without a body: the empty text. */
export interface SentRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

export interface Request {
  readonly body?: object;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks for JSON. Throws what the server throws; a server out of reach is `ServerUnreachable`. */
export type Ask = <T>(method: string, path: string, request?: Request) => Promise<T>;

export function askServer(access: ServerAccess): Ask {
  const { sleep = (ms) => sleepFor(ms) } = access;
  let hasAnswered = false;
  const once = async (request: Sending): Promise<unknown> => {
    const answer = await send(access, request);
    hasAnswered = true;
    return answer;
  };
  return async <T>(method: string, path: string, request: Request = {}): Promise<T> => {
    // What acts is not asked again: it may have taken effect.
    for (const waitMs of method === 'GET' ? WAITS_MS : []) {
      try {
        return (await once({ method, path, ...request })) as T;
      } catch (error) {
        if (!mayPass(error, hasAnswered)) throw error;
        await sleep(waitMs);
      }
    }
    return (await once({ method, path, ...request })) as T;
  };
}

/** Before each further try. A server that starts anew, or a gateway that throttles, is there again within this time. */
const WAITS_MS = [500, 1_000, 2_000, 4_000];

/** An answer that was put off, or lost by a server that has answered before: at first, the address may just be wrong. */
function mayPass(error: unknown, hasAnswered: boolean): boolean {
  if (hasCode(error, 'TooManyRequests') || hasCode(error, 'NotReady')) return true;
  if (!hasCode(error, 'ServerUnreachable')) return false;
  const { status } = error.details;
  return typeof status === 'number' ? status >= 500 : hasAnswered;
}

interface Sending extends Request {
  readonly method: string;
  readonly path: string;
}

async function send(
  { url, identity, hint, fetch: fetchIt = fetch, patienceMs = 120_000 }: ServerAccess,
  { method, path, body, query = {}, headers }: Sending,
): Promise<unknown> {
  const place = new URL(`${url.replace(/\/$/, '')}${path}`);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) place.searchParams.set(name, String(value));
  // As it is signed. A plus that is meant is %2B here already.
  place.search = place.search.replaceAll('+', '%20');
  const text = body === undefined ? '' : JSON.stringify(body);
  const proof = await identity({ method, url: place, body: text });
  const signal = AbortSignal.timeout(patienceMs);
  let answer: Response;
  let said: string;
  try {
    answer = await fetchIt(place, {
      method,
      signal,
      headers: {
        accept: 'application/json',
        ...proof,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: text }),
    });
    said = await answer.text();
  } catch (cause) {
    const waited = signal.aborted ? ` in ${patienceMs / 1_000} s` : '';
    const mayBeDone =
      signal.aborted && method !== 'GET' ? '; it may have been done: look before you repeat' : '';
    throw new BreakwaterError('ServerUnreachable', `no answer from ${url}${waited}${mayBeDone}`, { cause });
  }
  if (answer.status === 204) return undefined;
  const { status } = answer;
  if (answer.ok) return readJson(said, { url, status });
  const problem = problemOf(readJson(said, { url, status }), status);
  const unproved = problem.code === 'Unauthenticated' && hint !== undefined;
  throw errorOf({ ...problem, ...(unproved ? { hint } : {}) }, status, url);
}

/** What API Gateway itself answers is no problem of ours, but `{"message": "…"}`. */
const GATEWAY_CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'Unauthenticated',
  403: 'Unauthenticated',
  413: 'RequestTooLarge',
  429: 'TooManyRequests',
};

function problemOf(body: unknown, status: number): Partial<ServerProblem> {
  const said = (typeof body === 'object' && body !== null ? body : {}) as Partial<ServerProblem> & {
    readonly message?: unknown;
    readonly Message?: unknown;
  };
  const message = said.message ?? said.Message;
  if (said.code !== undefined || typeof message !== 'string') return said;
  // A refused signature is told with the whole canonical request, session token included.
  const words = message.split('\n', 1)[0]!.slice(0, 300);
  const doubt = NO_PLACE.has(words) ? '; the address may be wrong: it holds the stage, such as /v1' : '';
  return { code: GATEWAY_CODES[status] ?? '', detail: `the gateway answered ${status}: ${words}${doubt}` };
}

/** What API Gateway says of a stage that is not there, and of a path. */
const NO_PLACE = new Set(['Forbidden', 'Missing Authentication Token']);

interface ServerProblem {
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly findings: JsonObject[];
  readonly causes: readonly string[];
}

function errorOf(
  { code = '', detail, requestId, findings, causes, hint }: Partial<ServerProblem> & { hint?: string },
  status: number,
  url: string,
): BreakwaterError {
  const known = code in ERROR_CODES ? (code as ErrorCode) : 'ServerUnreachable';
  const said = detail ?? `${url} answered ${status}, which is no answer of Breakwater`;
  const message = hint === undefined ? said : `${said}; ${hint}`;
  return new BreakwaterError(known, message, {
    details: {
      status,
      ...(requestId === undefined ? {} : { requestId }),
      ...(findings === undefined ? {} : { findings }),
    },
    ...(causes === undefined || causes.length === 0
      ? {}
      : { cause: new BreakwaterError(known, causes.join(': ')) }),
  });
}

function readJson(text: string, { url, status }: { url: string; status: number }): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BreakwaterError('ServerUnreachable', `${url} answers, but is no Breakwater`, {
      cause,
      details: { status },
    });
  }
}
