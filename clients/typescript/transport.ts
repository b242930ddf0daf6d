import type { Problem } from './breakwater.ts';

export interface ClientParams {
  /** Of the server: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** A local token or one of OIDC; a function is asked before each call, so that it can be a fresh one. */
  readonly token?: string | (() => string | Promise<string>);
  /** Sent with each call, such as `x-breakwater-iam-proof`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the global `fetch`. */
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Such as `x-request-id`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer<T> {
  readonly status: number;
  readonly data: T;
  /** Of what was read, for `ifMatch`; empty if it has none. */
  readonly etag: string;
  readonly headers: Headers;
}

/** An answer that is no success. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly headers: Headers;
  /** What the server says; `null` if something between has answered. */
  readonly problem: Problem | null;

  constructor(what: string, response: Response, problem: Problem | null) {
    const said = problem === null ? response.statusText : `${problem.code}: ${problem.detail}`;
    super(`${what} answered ${response.status}: ${said}`);
    this.status = response.status;
    this.headers = response.headers;
    this.problem = problem;
  }

  /** What programs branch on; empty if the server has not said any. */
  get code(): string {
    return this.problem?.code ?? '';
  }
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, Parameter | readonly Parameter[]>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly options?: CallOptions | undefined;
}

type Parameter = string | number | boolean | undefined;

/** Sends calls and reads answers; knows nothing of operations. */
export class Transport {
  readonly #params: ClientParams;

  constructor(params: ClientParams) {
    this.#params = params;
  }

  /** Throws `ProblemError`; what `fetch` throws when there is no answer comes through as it is. */
  protected async call<T>(call: Call): Promise<Answer<T>> {
    const response = await this.send(call);
    const text = await response.text();
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      data: (text === '' ? undefined : isJson ? JSON.parse(text) : text) as T,
      etag: response.headers.get('etag') ?? '',
      headers: response.headers,
    };
  }

  /** As `call`, and leaves the body to be read. */
  async send(call: Call): Promise<Response> {
    const { method, path, body, options = {} } = call;
    const { url, fetch: ask = fetch } = this.#params;
    const response = await ask(`${url.replace(/\/$/, '')}${path}${queryText(call.query)}`, {
      method,
      headers: await this.#headers(call),
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    if (!response.ok) throw new ProblemError(`${method} ${path}`, response, await problemIn(response));
    return response;
  }

  async #headers({ headers = {}, body, options }: Call): Promise<Headers> {
    const { token, headers: always } = this.#params;
    const bearer = typeof token === 'function' ? await token() : token;
    const all = new Headers({ accept: 'application/json, */*', ...always });
    if (bearer !== undefined) all.set('authorization', `Bearer ${bearer}`);
    if (body !== undefined)
      all.set('content-type', typeof body === 'string' ? 'application/yaml' : 'application/json');
    for (const [name, value] of Object.entries({ ...headers, ...options?.headers }))
      if (value !== undefined) all.set(name, value);
    return all;
  }
}

function queryText(query: Call['query'] = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().flatMap((one): [string, string][] => (one === undefined ? [] : [[name, String(one)]])),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

async function problemIn(response: Response): Promise<Problem | null> {
  const text = await response.text();
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json');
  return isProblem ? (JSON.parse(text) as Problem) : null;
}
