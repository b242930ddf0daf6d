import type { SessionEvidence } from '#cli/host.ts';
import { askServer, type ServerAccess } from './server-access.ts';

/** The audit trail of a server elsewhere; who asks needs `audit:read` there. The server itself verifies its chain: it holds it. */
export function httpEvidence(access: ServerAccess): SessionEvidence {
  const ask = askServer(access);
  return {
    list: (query) => ask('GET', '/audit', { query: { ...query } }),
    verify: (part) => ask('POST', '/audit/verify', part === undefined ? {} : { query: { ...part } }),
    bundle: (executionId) => ask('GET', `/executions/${encodeURIComponent(executionId)}/evidence`),
  };
}
