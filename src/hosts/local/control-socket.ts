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
    server.listen(socketPath, () => resolve(server));
  });
}

type Answer = { readonly result: unknown } | { readonly error: ReturnType<typeof reportOf> };

async function answer(control: Control, incoming: IncomingMessage): Promise<Answer> {
  try {
    const method = METHODS.find((name) => incoming.url === `/${name}`);
    if (method === undefined)
      throw new BreakwaterError('UsageInvalid', `there is no function ${String(incoming.url)}`);
    const params = JSON.parse(await textOf(incoming)) as never;
    return { result: (await control[method](params)) ?? null };
  } catch (error) {
    return { error: reportOf(error) };
  }
}

/** A `Control` that speaks to the process behind the socket. A process that has gone is `ExecutionNotRunning`. */
export function connectControl(socketPath: string): Control {
  const call = async (method: string, params: unknown): Promise<unknown> => {
    const body = JSON.parse(await post(socketPath, method, JSON.stringify(params ?? {}))) as Answer;
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
      textOf(response).then(resolve, reject);
    });
    outgoing.once('error', (cause) =>
      reject(
        new BreakwaterError('ExecutionNotRunning', 'the process that runs the executions cannot be reached', {
          cause,
        }),
      ),
    );
    outgoing.end(body);
  });
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
