import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import { systemClock } from '#clocks/system.ts';
import type { SolutionPlace } from '../ask-solution.ts';

/** A request as the other side sees it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** `hang up`: the connection ends without an answer. */
export type Answered =
  | 'hang up'
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly text?: string;
      readonly headers?: Readonly<Record<string, string>>;
    };

const open: Server[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server on this machine that answers as it is told, until the test ends. Answers its URL. */
export async function serveAnswers(answer: (received: Received) => Answered): Promise<string> {
  const server = createServer((request, response) => {
    void (async () => {
      let text = '';
      for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
      const url = new URL(request.url ?? '/', 'http://here');
      const given = answer({
        method: request.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: request.headers,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
      });
      if (given === 'hang up') return void request.socket.destroy();
      response.writeHead(given.status, { 'content-type': 'application/json', ...given.headers });
      response.end(given.text ?? JSON.stringify(given.body ?? {}));
    })();
  });
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address of this machine at which nobody listens. */
export async function nobodyAt(): Promise<string> {
  const url = await serveAnswers(() => 'hang up');
  await new Promise((resolve) => open.pop()!.close(resolve));
  return url;
}

export function placeAt(url: string, more: Partial<SolutionPlace> = {}): SolutionPlace {
  return {
    name: 'core-dr',
    url,
    authorize: async () => ({ authorization: 'Bearer secret' }),
    fetch,
    clock: systemClock(),
    ...more,
  };
}
