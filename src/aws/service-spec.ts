import type { OperationSpec } from './operation-spec.ts';

/** Settings that every SDK client takes; the door fills them in. */
export interface ClientConfig {
  readonly region: string;
  readonly maxAttempts: number;
  readonly endpoint?: string;
  readonly credentials?: AwsCredentials | (() => Promise<AwsCredentials>);
  /** A `RequestHandler`, or the timeouts of the SDK's own: the releases of the SDK agree on this type alone. */
  readonly requestHandler?: Record<string, unknown>;
  readonly disableClockSkewCorrection?: boolean;
  readonly disableHostPrefix?: boolean;
  readonly useDualstackEndpoint?: boolean;
  readonly useFipsEndpoint?: boolean;
  readonly retryMode?: string;
  readonly defaultsMode?: 'standard';
  readonly authSchemePreference?: string[];
  readonly userAgentAppId?: string;
  readonly defaultUserAgentProvider?: () => Promise<[string][]>;
  readonly ignoreConfiguredEndpointUrls?: boolean;
}

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What carries a signed request to an answer, as the SDK defines it: in-process simulated AWS is one. */
export interface RequestHandler {
  handle(request: never, options?: never): Promise<unknown>;
}

/** A client of the SDK, as far as the door uses it. */
export interface SdkClient {
  send(command: never, options: { readonly abortSignal?: AbortSignal }): Promise<unknown>;
}

/** A service of AWS as data. */
export interface ServiceSpec {
  /** As IAM actions begin: `drs`, `elasticloadbalancing`. */
  readonly iamPrefix: string;
  /** IAM actions that are not named like their operations. */
  readonly iamNames?: Readonly<Record<string, string>>;
  /** True if it has one endpoint and one rate limit for all Regions. */
  readonly global?: boolean;
  /** How long an answer over HTTP may take, in real ms; longer counts as lost. Default 30 s. */
  readonly answerTimeoutMs?: number;
  readonly newClient: (config: ClientConfig) => SdkClient;
  readonly operations: Readonly<Record<string, OperationSpec<never, unknown>>>;
}
