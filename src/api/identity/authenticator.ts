import type { Principal } from '#core/permissions.ts';

/** The parts of a request that prove who asks. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Of the caller, for slowing down failed logins. */
  readonly address: string;
  readonly requestId: string;
  /** Of the caller, where a gateway of AWS has verified their signature: the host says so, and no header does. */
  readonly arn?: string | undefined;
}

/** Finds out who asks. Throws `Unauthenticated`, or `TooManyRequests` after many failures. */
export interface Authenticator {
  authenticate(credentials: Credentials): Promise<Principal>;
}
