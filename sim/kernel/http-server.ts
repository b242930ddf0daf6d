import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WireRequest } from './codec/wire.ts';
import { SIMULATED_HEADER } from './simulated-header.ts';
import type { SimulationCore } from './simulation.ts';
import { isConnectionError } from './wire-errors.ts';

export interface Listener {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves a simulation on 127.0.0.1; `port` 0 takes a free one. Signatures are checked. The Date header is real time:
 * SDK clients correct their clocks by it. Rejects if the port is taken.
 */
export function listen(simulation: SimulationCore, { port = 0 }: { port?: number } = {}): Promise<Listener> {
  const server = createServer((incoming, outgoing) => void serve(simulation, incoming, outgoing));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address() as AddressInfo;
      resolve({
        url: `http://127.0.0.1:${address.port}`,
        port: address.port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}

async function serve(
  simulation: SimulationCore,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  try {
    const request = await toWireRequest(incoming);
    const { status, headers, body } = simulation.handle(request, { overHttp: true });
    outgoing.writeHead(status, {
      ...headers,
      ...SIMULATED_HEADER,
      'content-length': String(Buffer.byteLength(body)),
    });
    outgoing.end(body);
  } catch (error) {
    fail(outgoing, error);
  }
}

/** Connection errors break the connection; everything else is a mistake in the simulation, and says so. */
function fail(outgoing: ServerResponse, error: unknown): void {
  if (isConnectionError(error)) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(500, { 'content-type': 'text/plain', ...SIMULATED_HEADER });
  outgoing.end(`mistake in the simulated AWS: ${error instanceof Error ? error.stack : String(error)}\n`);
}

async function toWireRequest(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(',') : (value ?? '');
  }
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? [] : [...new URLSearchParams(url.slice(mark + 1))],
    headers,
    body: Buffer.concat(chunks),
  };
}
