import type { Clock } from '#core/clock.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { TargetAccount } from './role-credentials.ts';
import type { AwsCredentials, RequestHandler } from './service-spec.ts';
import type { AwsServices } from './services/all.ts';

/** What the door is opened with. */
export interface AwsOptions {
  readonly clock: Clock;
  /** Those that will be called; a call of another is a `Bug`. Tools and hosts that load everything anyway give `ALL_SERVICES`. */
  readonly services: AwsServices;
  /** The Region when a target does not say. */
  readonly region: string;
  /** Simulated AWS or another emulator. Default: AWS, or what `AWS_ENDPOINT_URL` says. */
  readonly endpoint?: string;
  /** Answers requests in this process. Default: HTTP. */
  readonly requestHandler?: RequestHandler;
  /** Of the caller's own account. Default: the SDK's chain (environment, profile, role). */
  readonly credentials?: AwsCredentials;
  /** The role to assume in an account; `null` if it is not a target account. Not asked for the caller's own. */
  readonly accounts: (accountId: string) => Promise<TargetAccount | null>;
  /**
   * Names the sessions of assumed roles: it holds the execution id, so that CloudTrail shows who did what for which
   * execution.
   */
  readonly sessionName: string;
  /** Pass one to several doors that work in the same accounts. Default: one of its own, by `LIMITS`. */
  readonly rateLimiter?: RateLimiter;
  /** In [0, 1), for the jitter of back-off. Default: drawn from the session name. */
  readonly random?: () => number;
  /**
   * Told of each attempt of each call, when it has ended. Nothing waits for it, not even for a promise that it returns, and it
   * must not throw: who writes records down puts them in a queue of his own.
   */
  readonly onCall?: (record: AwsCallRecord) => void;
}

/** One attempt of one call, after its end. `error` is the name that AWS or the network gave; `null`: it succeeded. */
export interface AwsCallRecord {
  readonly service: string;
  readonly operation: string;
  /** Such as `drs:StartRecovery`. */
  readonly iamAction: string;
  readonly accountId: string | undefined;
  readonly region: string;
  readonly attempt: number;
  /** By the clock port. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly error: string | null;
  /** As AWS knows the attempt; `null`: no answer came. */
  readonly requestId: string | null;
  /** The answer said that it came from simulated AWS. False if none came. */
  readonly simulated: boolean;
}
