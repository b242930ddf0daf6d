import type { Clock } from '#core/clock.ts';
import { BreakwaterError, isBreakwaterError, messageOf } from '#core/errors.ts';
import type { Json, JsonObject } from '#core/json.ts';
import { listField, objectOf, textField } from './loose-fields.ts';

/** Real ms. API Gateway gives up after 29 s. */
const TIMEOUT_MS = 35_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** Causes of a failed `fetch` with which nothing can have reached the other side. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_.*|.*_CERT.*|ERR_TLS_.*)$/;

export interface SolutionPlace {
  /** As the settings name it, for messages. */
  readonly name: string;
  readonly url: string;
  /** Headers that prove who asks. Throws `SolutionDenied` when it has nothing to prove it with. */
  readonly authorize: (request: SignableRequest) => Promise<Readonly<Record<string, string>>>;
  /** Follows no redirect. Throws `RequestInvalid`, before anything is sent, where a name leads to what must not be asked. */
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>;
  readonly clock: Clock;
}

export interface SignableRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

export interface Question {
  readonly method: 'GET' | 'POST';
  /** From the solution's own URL on; its parts are encoded already. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks the solution once. `null`: it answered 404. Throws as `SolutionDoor` says. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<JsonObject | null>;

/** The one way over the network to a solution. It follows no redirects, waits 35 s, and reads 16 MiB at most. */
export function askSolution(place: SolutionPlace): Ask {
  return async (question, signal) => {
    // Virtual time stands still meanwhile.
    const release = place.clock.hold();
    try {
      const { response, text } = await send(place, question, signal);
      return read(place, question, response, text);
    } finally {
      release();
    }
  };
}

async function send(
  place: SolutionPlace,
  { method, path, query = {}, body, headers = {} }: Question,
  signal: AbortSignal,
): Promise<{ response: Response; text: string }> {
  const url = new URL(place.url.replace(/\/$/, '') + path);
  for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, value);
  const text = body === undefined ? '' : JSON.stringify(body);
  const proof = await place.authorize({ method, url, body: text });
  try {
    const response = await place.fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      headers: {
        accept: 'application/json',
        'user-agent': 'breakwater',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
        ...proof,
      },
      ...(body === undefined ? {} : { body: text }),
    });
    return { response, text: await readBody(response) };
  } catch (error) {
    if (isBreakwaterError(error) && error.code === 'RequestInvalid')
      throw refused(place, `must not be asked: ${error.message}`, {});
    const { code, message } = causeOf(error);
    throw unreachable(place, `does not answer: ${message}`, { ambiguous: !NEVER_SENT.test(code) }, error);
  }
}

async function readBody({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ['', 0];
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES)
      throw new BreakwaterError('RequestTooLarge', `its answer has more than ${MOST_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function read(
  place: SolutionPlace,
  { method }: Question,
  response: Response,
  text: string,
): JsonObject | null {
  const { status, headers } = response;
  const body = parse(text);
  const said = saidIn(body);
  const details = { status, ...(said.code === '' ? {} : { code: said.code }) };
  if (status === 404) return null;
  if (status >= 200 && status < 300) {
    if (body !== null) return body;
    throw unreachable(place, `answers ${status} with something that is no JSON object`, { ambiguous: true });
  }
  if (status === 401 || status === 403) {
    const message = `${place.name} does not let this server in (${status}): ${said.message}`;
    throw new BreakwaterError('SolutionDenied', message, { details });
  }
  if (status === 429 || status === 408) {
    const retryAfterMs = Math.min(Number(headers.get('retry-after') ?? 0) * 1_000 || 0, 3_600_000);
    throw unreachable(place, `is busy (${status}): ${said.message}`, {
      ...details,
      ambiguous: false,
      retryAfterMs,
    });
  }
  if (status >= 500)
    throw unreachable(place, `has trouble (${status}): ${said.message}`, { ...details, ambiguous: true });
  if (status < 400) {
    const to = headers.get('location') ?? 'nowhere';
    const message = `redirects to ${to.slice(0, 200)}, which is not followed: put the right url into the settings`;
    throw refused(place, message, details, method);
  }
  throw refused(place, `refuses (${status}): ${said.message}`, details, method);
}

/** A read that is refused has changed nothing: it may be tried again, while the execution there goes on. */
function refused(
  place: SolutionPlace,
  message: string,
  details: JsonObject,
  method = 'POST',
): BreakwaterError {
  const retry = method === 'GET' ? ({ retry: 'paused' } as const) : {};
  return new BreakwaterError('SolutionRefused', `${place.name} ${message}`, { details, ...retry });
}

export function unreachable(
  { name }: Pick<SolutionPlace, 'name'>,
  message: string,
  details: JsonObject,
  cause?: unknown,
): BreakwaterError {
  return new BreakwaterError('SolutionUnreachable', `${name} ${message}`, {
    details,
    ...(cause === undefined ? {} : { cause }),
  });
}

function parse(text: string): JsonObject | null {
  try {
    const value = JSON.parse(text) as Json;
    // Some routes answer a bare list.
    return Array.isArray(value) ? { items: value } : objectOf(value);
  } catch {
    return null;
  }
}

/** In problem+json, and as the public solution puts it: `{error, message}`. */
function saidIn(body: JsonObject | null): { code: string; message: string } {
  if (body === null) return { code: '', message: 'without a word' };
  const code = textField(body, 'code', 'error') ?? '';
  const message = textField(body, 'detail', 'message') ?? code;
  const findings = listField(body, 'findings')
    .slice(0, 3)
    .flatMap((finding) => textField(finding, 'message') ?? []);
  return { code, message: [message, ...findings].join('; ').slice(0, 500) || 'without a word' };
}

function causeOf(error: unknown): { code: string; message: string } {
  if (isBreakwaterError(error)) return { code: '', message: error.message };
  const cause = (error as { cause?: { code?: unknown } }).cause ?? error;
  const { code, name } = cause as { code?: unknown; name?: unknown };
  if (name === 'TimeoutError') return { code: '', message: `nothing within ${TIMEOUT_MS / 1_000} s` };
  const word = typeof code === 'string' ? code : '';
  return { code: word, message: word === '' ? messageOf(cause) : word };
}
