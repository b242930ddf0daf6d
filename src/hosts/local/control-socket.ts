import { chmodSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { Control } from '#control/control.ts';
import { ERROR_CODES, type ErrorCode } from '#core/error-codes.ts';
import { BreakwaterError, reportOf } from '#core/errors.ts';

/**
 * How another terminal reaches the process that holds a data directory: each function of `Control` is a POST with JSON
 * over a Unix socket that only the owner of the directory can open.
 */
const METHODS = [
  'validatePlan',
  'startExecution',
  'listExecutions',
  'getExecution',
  'listEvents',
  'pause',
  'resume',
  'decide',
  'cancel',
  'exportExecution',
  'discover',
] as const satisfies readonly (keyof Control)[];

/** Four times the largest plan. */
const MOST_CALL_BYTES = 16 * 1024 * 1024;

/** Serves `control` on a socket path. Resolves when it listens. */
export function serveControl(control: Control, socketPath: string): Promise<Server> {
  const server = createServer((incoming, response) => {
    void answer(control, incoming).then((body) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, () => {
      // The directory may be older than Breakwater, and open to others.
      chmodSync(socketPath, 0o600);
      resolve(server);
    });
  });
}

type Answer = { readonly result: unknown } | { readonly error: ReturnType<typeof reportOf> };

async function answer(control: Control, incoming: IncomingMessage): Promise<Answer> {
  try {
    const text = await textOf(incoming, MOST_CALL_BYTES);
    const method = METHODS.find((name) => incoming.url === `/${name}`);
    if (method === undefined || incoming.method !== 'POST') {
      const what = `${String(incoming.method)} ${String(incoming.url)}`;
      throw new BreakwaterError('UsageInvalid', `there is no function ${what}`);
    }
    return { result: (await control[method](readParams(text))) ?? null };
  } catch (error) {
    return { error: reportOf(error) };
  }
}

function readParams(text: string): never {
  const params = readJson(text);
  if (typeof params === 'object' && params !== null && !Array.isArray(params)) return params as never;
  throw new BreakwaterError('UsageInvalid', 'the parameters of a call are a JSON object');
}

/** `undefined` for what is no JSON. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A `Control` that speaks to the process behind the socket. A process that has gone is `ExecutionNotRunning`. */
export function connectControl(socketPath: string): Control {
  const call = async (method: string, params: unknown): Promise<unknown> => {
    const body = readJson(await post(socketPath, method, JSON.stringify(params ?? {}))) as Answer | undefined;
    if (body === undefined) throw gone();
    if ('result' in body) return body.result;
    const { code, message, details, causes } = body.error;
    const known: ErrorCode = code in ERROR_CODES ? code : 'Bug';
    const cause = causes.length === 0 ? {} : { cause: new BreakwaterError(known, causes.join(': ')) };
    throw new BreakwaterError(known, message, { details, ...cause });
  };
  return Object.fromEntries(
    METHODS.map((method) => [method, (params: unknown) => call(method, params)]),
  ) as unknown as Control;
}

function post(socketPath: string, method: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method: 'POST', path: `/${method}` }, (response) => {
      textOf(response).then(resolve, (cause) => reject(gone(cause)));
    });
    outgoing.once('error', (cause) => reject(gone(cause)));
    outgoing.end(body);
  });
}

function gone(cause?: unknown): BreakwaterError {
  const message = 'the process that runs the executions cannot be reached';
  return new BreakwaterError('ExecutionNotRunning', message, cause === undefined ? {} : { cause });
}

/** Reads to the end, so that an answer finds a reader; what is more than `mostBytes` is not kept. Throws `UsageInvalid`. */
async function textOf(stream: IncomingMessage, mostBytes = Infinity): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += (chunk as Buffer).length;
    if (bytes <= mostBytes) chunks.push(chunk as Buffer);
  }
  if (bytes > mostBytes) {
    throw new BreakwaterError('UsageInvalid', `a call of more than ${mostBytes / 1024 ** 2} MiB`);
  }
  return Buffer.concat(chunks).toString('utf8');
}
