import type { AuditEntry } from '#control/audit-log.ts';
import type { IdentitySettings } from '#control/identity-settings.ts';
import type { PlaneDeps } from '#control/plane-deps.ts';
import { keptAudit } from '#control/testing/kept-audit.ts';
import { createTokens } from '#control/tokens.ts';
import { memoryStore } from '#store/memory-store.ts';
import { createHash } from 'node:crypto';
import { createAuthenticator } from './create-authenticator.ts';
import type { AskSts } from './iam-proof.ts';

export const NOON = Date.parse('2026-03-01T12:00:00Z');

/** Tokens and an authenticator on a memory store, at a time that the test sets. No network. */
export function identityFor(
  given: { settings?: IdentitySettings; fetch?: typeof fetch; askSts?: AskSts } = {},
) {
  const time = { now: NOON };
  const now = () => time.now;
  const trail: AuditEntry[] = [];
  const audit = keptAudit(trail);
  let ids = 0;
  const store = memoryStore();
  const deps = {
    store,
    audit,
    realNow: now,
    hash: (text: string) => createHash('sha256').update(text).digest('hex'),
    newId: (prefix: string) => `${prefix}t${++ids}`,
    newSecret: () => `${++ids}`.padStart(43, 's'),
  } as unknown as PlaneDeps;
  const tokens = createTokens(deps);
  const nowhere = async () => Promise.reject(new TypeError('no network in tests'));
  const current = { revision: 1, value: given.settings ?? {} };
  const authenticator = createAuthenticator({
    tokens,
    settings: async () => ({ ...current }),
    oidc: { fetch: given.fetch ?? nowhere, now },
    iam: { serverId: 'bw-1', askSts: given.askSts ?? nowhere, now },
    denials: {
      noteFailure: async ({ why, address }) =>
        void trail.push({
          action: 'auth.failed',
          by: 'anonymous',
          target: `address/${address}`,
          data: { why, address },
        }),
    },
  });
  const login = (headers: Record<string, string>, address = '192.0.2.1') =>
    authenticator.authenticate({ headers, address, requestId: 'req-1' });
  const bearer = (token: string, address?: string) => login({ authorization: `Bearer ${token}` }, address);
  return { tokens, store, time, trail, current, authenticator, login, bearer };
}

export const ADMIN = { id: 'local:ada', kind: 'local', name: 'ada', roles: ['Admin'] } as const;
export const REFUSED = { code: 'Unauthenticated', message: 'what was presented proves no identity' };
