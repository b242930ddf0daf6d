import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from '#core/json.ts';
import type { TaskHandler } from '#engine/port.ts';

/** AWS Lambda's Invoke API over handlers in this process, as its Node.js runtime would answer. */
export interface LambdaServer {
  readonly url: string;
  /** Handlers by the name of their function; may be changed at any time. */
  readonly functions: Map<string, TaskHandler>;
  close(): Promise<void>;
}

export async function startLambdaServer(): Promise<LambdaServer> {
  const functions = new Map<string, TaskHandler>();
  const server = createServer((request, response) => void answer(functions, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    functions,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
async function answer(
  functions: LambdaServer['functions'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-amzn-requestid': randomUUID(),
      ...headers,
    });
    response.end(JSON.stringify(body));
  };
  const body = await textOf(request);
  const target = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '')?.[1];
  const name = functionName(decodeURIComponent(target ?? ''));
  const handler = functions.get(name);
  if (handler === undefined) {
    const Message = `Function not found: ${name}`;
    send(404, { Type: 'User', Message }, { 'x-amzn-errortype': 'ResourceNotFoundException' });
    return;
  }
  const version = { 'x-amz-executed-version': '$LATEST' };
  try {
    send(200, (await handler(JSON.parse(body === '' ? '{}' : body) as Json)) ?? null, version);
  } catch (thrown) {
    // What is thrown is no failure of the service: the answer is 200, and says so in a header.
    send(200, errorOf(thrown), { ...version, 'x-amz-function-error': 'Unhandled' });
  }
}

/** A name, or an ARN that ends in it (`…:function:name:$LATEST` too). */
function functionName(target: string): string {
  return target.startsWith('arn:') ? (target.split(':')[6] ?? '') : target;
}

function errorOf(thrown: unknown): Json {
  const errorType = thrown instanceof Error ? thrown.name : typeof thrown;
  const errorMessage = thrown instanceof Error ? thrown.message : String(thrown);
  return { errorType, errorMessage, trace: [`${errorType}: ${errorMessage}`] };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
