import type { Denial } from '#control/denials.ts';
import type { FastifyInstance } from 'fastify';
import type { Authenticator } from './identity/authenticator.ts';
import type { AnyRoute } from './route.ts';

export interface AppParams {
  readonly routes: readonly AnyRoute[];
  readonly authenticator: Authenticator;
  /** Told of what is our own fault, with the request's id. */
  readonly onError: (error: unknown, requestId: string) => void;
  /** Told of requests that are refused for lack of a permission; the answer waits for it. */
  readonly onForbidden?: (denial: Denial) => Promise<void>;
  readonly limits?: Partial<AppLimits>;
  /** Sees every request, for metrics. */
  readonly watch?: (app: FastifyInstance) => void;
  /** Parses each answer by its schema, and fails if it does not fit: for tests. */
  readonly checkAnswers?: boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Addresses and CIDR ranges of proxies: what they say in `X-Forwarded-For` is believed, of nobody else. Default: nobody. */
  readonly trustProxy?: readonly string[];
  /** `referencePage`, where it is wanted. */
  readonly page?: (app: FastifyInstance) => Promise<void>;
}

export interface AppLimits {
  readonly bodyBytes: number;
  /** From the first byte of a request to its last. */
  readonly requestMs: number;
  readonly perAddressAMinute: number;
  readonly perPrincipalAMinute: number;
}

export const LIMITS: AppLimits = {
  bodyBytes: 8 * 1024 * 1024,
  requestMs: 30_000,
  perAddressAMinute: 60_000,
  perPrincipalAMinute: 30_000,
};
