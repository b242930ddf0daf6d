import { AsyncLocalStorage } from 'node:async_hooks';
import { createApp } from '#api/app.ts';
import type { Authenticator } from '#api/identity/authenticator.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Api } from '../api-of.ts';
import { logError } from './log.ts';

/** A request that is in this process already. */
export interface InsideRequest {
  readonly method: 'DELETE' | 'GET' | 'HEAD' | 'OPTIONS' | 'PATCH' | 'POST' | 'PUT';
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string | Buffer;
  /** Of whoever asks, as the host knows it. */
  readonly remoteAddress: string;
}

/** Its whole answer. */
export interface InsideAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly body: string;
}

/** Asks the API. Who asks, the authenticator says that comes with the request. */
export type AskInside = (request: InsideRequest, as: Authenticator) => Promise<InsideAnswer>;

/**
 * The API within this process. How a request is authenticated goes beside it and never in it: no header can claim to be somebody,
 * and requests that are under way at once cannot be mistaken for one another.
 */
export async function insideOf(api: Pick<Api, 'routes' | 'denials' | 'metrics'>): Promise<AskInside> {
  const current = new AsyncLocalStorage<Authenticator>();
  const app = await createApp({
    routes: api.routes,
    authenticator: {
      authenticate: async (credentials) => {
        const authenticator = current.getStore();
        if (authenticator === undefined) throw new BreakwaterError('Bug', 'nobody says who asks');
        return authenticator.authenticate(credentials);
      },
    },
    onForbidden: (denial) => api.denials.note(denial),
    watch: (watched) => api.metrics.watch(watched),
    onError: (error, requestId) => logError(`request ${requestId}`, error),
  });
  return (request, as) => current.run(as, async () => app.inject({ ...request }));
}
