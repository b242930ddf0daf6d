import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { unreachable } from './refused.ts';

const KEEP_MS = 10 * 60_000;
/** Keys are asked for at most this often: tokens with unknown keys are cheap to send. */
const COOLDOWN_MS = 30_000;
const TIMEOUT_MS = 5_000;

export interface RemoteKeysParams {
  /** Where the keys are; may have to be asked for. */
  readonly url: () => Promise<string>;
  readonly fetch: typeof fetch;
  readonly now: () => number;
}

/** An issuer's public keys, kept for ten minutes, and fetched anew when a token names one that is not among them. */
export function remoteKeys({ url, fetch, now }: RemoteKeysParams): JWTVerifyGetKey {
  let keys: JWTVerifyGetKey | null = null;
  let fetchedAt = -Infinity;
  let fetching: Promise<JWTVerifyGetKey> | null = null;
  const load = async (): Promise<JWTVerifyGetKey> => {
    const set = await fetchJson(fetch, await url());
    keys = createLocalJWKSet(set as unknown as JSONWebKeySet);
    fetchedAt = now();
    return keys;
  };
  const reload = (): Promise<JWTVerifyGetKey> => {
    fetching ??= load().finally(() => (fetching = null));
    return fetching;
  };
  return async (header, token) => {
    const known = keys !== null && now() - fetchedAt < KEEP_MS ? keys : await reload();
    try {
      return await known(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || now() - fetchedAt < COOLDOWN_MS) throw error;
      return (await reload())(header, token);
    }
  };
}

/** An object from there. Redirects are not followed. Throws `unreachable`. */
export async function fetchJson(ask: typeof fetch, url: string): Promise<Record<string, unknown>> {
  try {
    const answer = await ask(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (answer.ok) return (await answer.json()) as Record<string, unknown>;
  } catch {
    // The same to the caller as an error status.
  }
  throw unreachable(`${url} does not answer with JSON`);
}
