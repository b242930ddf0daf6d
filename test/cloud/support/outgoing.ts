import { request as httpRequest, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listen, type Listening } from '../../support/listen.ts';

/** A call to AWS that a process makes. */
export interface Outgoing {
  /** As requests are signed: `dynamodb`, `states`, `drs` … */
  readonly service: string;
  readonly operation: string;
  readonly body: string;
}

/** Where the services are, by the name that requests are signed for; `*` is all others. */
export type Endpoints = Readonly<Record<string, string>> & { readonly '*': string };

/** Told of each call, before it takes effect and after. What it answers as `false` is never carried, or its answer is lost. */
export type OnCall = (call: Outgoing, moment: 'before' | 'after') => boolean | Promise<boolean>;

/** All of AWS as one process sees it: its `AWS_ENDPOINT_URL`. Nothing is changed on the way, so signatures stay right. */
export function openGateway(endpoints: Endpoints, onCall: OnCall): Promise<Listening> {
  return listen((incoming, outgoing) => {
    void (async () => {
      const body = await buffer(incoming);
      const call = callOf(incoming, body);
      if (!(await onCall(call, 'before'))) return outgoing.destroy();
      const answer = await carry(endpoints[call.service] ?? endpoints['*'], incoming, body);
      if (answer === null || !(await onCall(call, 'after'))) return outgoing.destroy();
      outgoing.writeHead(answer.status, answer.headers);
      outgoing.end(answer.body);
    })().catch(() => outgoing.destroy());
  });
}

interface Carried {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** `null`: the service broke the connection. */
function carry(endpoint: string, incoming: IncomingMessage, body: Buffer): Promise<Carried | null> {
  return new Promise((resolve) => {
    const { method, url, headers } = incoming;
    const sent = httpRequest(new URL(url!, endpoint), { method, headers }, (answer) => {
      buffer(answer).then(
        (read) => resolve({ status: answer.statusCode!, headers: answer.headers, body: read }),
        () => resolve(null),
      );
    });
    sent.on('error', () => resolve(null));
    sent.end(body);
  });
}

/** By the protocols of AWS: a header, a member of the form, or the path. */
function callOf({ headers, method, url }: IncomingMessage, body: Buffer): Outgoing {
  const [, service = '*'] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  const target = headers['x-amz-target'];
  const text = body.toString();
  if (target !== undefined) return { service, operation: String(target).split('.')[1] ?? '', body: text };
  const action = String(headers['content-type']).startsWith('application/x-www-form-urlencoded')
    ? new URLSearchParams(text).get('Action')
    : null;
  return { service, operation: action ?? `${method} ${url}`, body: text };
}
