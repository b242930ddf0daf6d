import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen, type Listening } from '../../support/listen.ts';

/** Which function, by its ARN. */
export interface InvokeTarget {
  readonly region: string;
  readonly name: string;
  /** `''`: none. */
  readonly alias: string;
}

/** How an invocation ended: as `Payload` and `FunctionError` of Lambda's Invoke say it. */
export interface Invoked {
  readonly payload: unknown;
  readonly isError: boolean;
}

/** `throttled`, `unknown`: the service has not taken it. */
export type InvokeAnswer = Invoked | 'throttled' | 'unknown';

/**
 * AWS Lambda's Invoke API, for functions by their ARNs.
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function startInvokeApi(
  invoke: (target: InvokeTarget, event: unknown) => Promise<InvokeAnswer>,
): Promise<Listening> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const arn = arnIn(request);
    const target = targetOf(arn);
    const body = await text(request);
    const invoked = await invoke(target, JSON.parse(body === '' ? '{}' : body));
    const executedVersion = target.alias === '' ? '$LATEST' : '1';
    send(response, invoked, { arn, executedVersion });
  };
  return listen((request, response) => void answer(request, response));
}

function arnIn({ url = '' }: IncomingMessage): string {
  const [, target = ''] = /^\/2015-03-31\/functions\/([^/?]+)\/invocations$/.exec(url) ?? [];
  return decodeURIComponent(target);
}

/** `arn:aws:lambda:REGION:ACCOUNT:function:NAME:ALIAS` */
function targetOf(arn: string): InvokeTarget {
  const [, , , region = '', , , name = '', alias = ''] = arn.split(':');
  return { region, name, alias };
}

function send(
  response: ServerResponse,
  invoked: InvokeAnswer,
  { arn, executedVersion }: { arn: string; executedVersion: string },
): void {
  const write = (status: number, body: unknown, headers: Record<string, string>): void => {
    const common = { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID() };
    response.writeHead(status, { ...common, ...headers });
    response.end(JSON.stringify(body));
  };
  if (invoked === 'unknown') {
    const refusal = { Type: 'User', Message: `Function not found: ${arn}` };
    write(404, refusal, { 'x-amzn-errortype': 'ResourceNotFoundException' });
  } else if (invoked === 'throttled') {
    const Reason = 'ReservedFunctionConcurrentInvocationLimitExceeded';
    const refusal = { Type: 'User', message: 'Rate Exceeded.', Reason };
    write(429, refusal, { 'x-amzn-errortype': 'TooManyRequestsException' });
  } else {
    // What a function throws is no failure of the service: the answer is 200, and says so in a header.
    const failed = invoked.isError && { 'x-amz-function-error': 'Unhandled' };
    write(200, invoked.payload, { 'x-amz-executed-version': executedVersion, ...failed });
  }
}
