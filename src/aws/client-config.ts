import type { Holds } from './holds.ts';
import type { AwsOptions } from './options.ts';
import type { AwsCredentials, ClientConfig, RequestHandler } from './service-spec.ts';

/** Real milliseconds; only for HTTP. */
const CONNECTION_TIMEOUT_MS = 3_000;
const ANSWER_TIMEOUT_MS = 30_000;

interface ClientConfigParams {
  readonly options: Pick<AwsOptions, 'endpoint' | 'requestHandler'>;
  readonly holds: Holds;
  readonly region: string;
  readonly answerTimeoutMs: number | undefined;
  readonly credentials: AwsCredentials | undefined;
}

/** The settings of one SDK client. The SDK's own retries are off: the door repeats calls by its tables and its clock. */
export function clientConfig({ options, holds, region, ...service }: ClientConfigParams): ClientConfig {
  const { endpoint, requestHandler } = options;
  const { credentials, answerTimeoutMs = ANSWER_TIMEOUT_MS } = service;
  const timeouts = {
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: answerTimeoutMs,
    // Without it, the SDK writes a warning to stderr and waits on.
    throwOnRequestTimeout: true,
  };
  return {
    region,
    maxAttempts: 1,
    ...(endpoint === undefined ? {} : { endpoint, disableHostPrefix: true }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(requestHandler === undefined
      ? { requestHandler: timeouts }
      : inProcess(requestHandler, holds, endpoint)),
  };
}

/**
 * Settings that the SDK would otherwise look for in files and in the environment are given: what is set on a machine
 * has no say in a rehearsal.
 */
function inProcess(
  handler: RequestHandler,
  holds: Holds,
  endpoint = 'http://aws.simulated',
): Partial<ClientConfig> {
  const handle: RequestHandler['handle'] = (request, options) =>
    holds.pause(() => handler.handle(request, options));
  return {
    endpoint,
    requestHandler: { handle },
    disableClockSkewCorrection: true,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    retryMode: 'standard',
    defaultsMode: 'standard',
    authSchemePreference: ['sigv4'],
    userAgentAppId: 'breakwater',
    defaultUserAgentProvider: async () => [['breakwater']],
    ignoreConfiguredEndpointUrls: true,
  };
}
