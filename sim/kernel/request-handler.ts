import type { WireRequest } from './codec/wire.ts';
import { SIMULATED_HEADER } from './simulated-header.ts';
import type { SimulationCore } from './simulation.ts';

/** A request as SDK clients give it to their `requestHandler`. */
interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface SdkResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** What SDK clients of the JavaScript v3 family take as `requestHandler`. */
export interface InProcessHandler {
  handle(request: SdkRequest): Promise<{ response: SdkResponse }>;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
  destroy(): void;
}

/**
 * Settings that an SDK client would otherwise look for in files and in the environment at its first call. Virtual time
 * does not know that a client is busy with files; and what is set on a machine has no say in a simulation.
 */
export const IN_PROCESS_SETTINGS = {
  endpoint: 'http://aws.simulated',
  /** The SDK's own retries wait in real time. */
  maxAttempts: 1,
  retryMode: 'standard',
  defaultsMode: 'standard',
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  ignoreConfiguredEndpointUrls: true,
  disableClockSkewCorrection: true,
  authSchemePreference: ['sigv4'] as string[],
  userAgentAppId: 'simulated-aws',
  defaultUserAgentProvider: async (): Promise<[string][]> => [['simulated-aws']],
} as const;

/**
 * Answers an SDK client in the same process: no socket, no timer, promises only, so that virtual time works. The account
 * comes from the access key that the client signs with; the signature itself is not checked.
 */
export function createRequestHandler(simulation: Pick<SimulationCore, 'handle'>): InProcessHandler {
  return {
    handle: async (request) => {
      const { status, headers, body } = simulation.handle(toWireRequest(request), { overHttp: false });
      return {
        response: {
          statusCode: status,
          headers: { ...headers, ...SIMULATED_HEADER },
          body: typeof body === 'string' ? Buffer.from(body) : body,
        },
      };
    },
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
    destroy: () => {},
  };
}

function toWireRequest({ method, path, query = {}, headers, body }: SdkRequest): WireRequest {
  const lowerCase: Record<string, string> = {};
  for (const name in headers) lowerCase[name.toLowerCase()] = headers[name]!;
  return { method, path, query: flatten(query), headers: lowerCase, body: bodyOf(body) };
}

function flatten(query: NonNullable<SdkRequest['query']>): [string, string][] {
  return Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as readonly string[]) : [(value as string | null) ?? '']).map(
      (each): [string, string] => [name, each],
    ),
  );
}

function bodyOf(body: unknown): Uint8Array | string {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  throw new TypeError('the simulated AWS takes whole request bodies, not streams');
}
