import { createHash } from 'node:crypto';
import type { Aws } from '#aws/aws.ts';
import { BreakwaterError } from '#core/errors.ts';
import { memoryStore } from '#store/memory-store.ts';
import type { Store } from '#store/port.ts';
import type { AuditEntry } from '../audit-log.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import { keptAudit } from './kept-audit.ts';

/** The control plane's dependencies in memory: what is audited is kept, and nothing runs unless it is said. */
export interface TestPlane {
  readonly deps: PlaneDeps;
  readonly store: Store;
  readonly audited: AuditEntry[];
  /** Unfinished executions. */
  readonly unfinished: { executionId: string; planId: string }[];
  /** Who came to the door to AWS: ids of executions, or of requests. */
  readonly visitors: string[];
}

export const NOW = Date.parse('2026-11-24T10:00:00.000Z');

export function testPlane({ aws }: { readonly aws?: Aws } = {}): TestPlane {
  const store = memoryStore();
  const [audited, unfinished, visitors] = [[] as AuditEntry[], [] as TestPlane['unfinished'], [] as string[]];
  let ids = 0;
  const deps = {
    store,
    simulated: true,
    services: {
      executions: {
        unfinished: async () => unfinished,
        head: async (id: string) => ({
          status: unfinished.some(({ executionId }) => executionId === id) ? 'in_progress' : 'completed',
        }),
      },
      awsFor: (id: string) => {
        visitors.push(id);
        return aws;
      },
      findOperation: (type: string, operation: string) => {
        if (operation !== 'unknown') return { iamActions: [`${type}:Describe`, `${type}:Start`] };
        throw new BreakwaterError('OperationUnknown', `there is no operation ${type}/${operation}`);
      },
      now: () => NOW,
      signal: new AbortController().signal,
    },
    newId: (prefix: string) => `${prefix}${++ids}`,
    hash: (text: string) => createHash('sha256').update(text).digest('hex'),
    realNow: () => NOW,
    audit: keptAudit(audited),
  };
  return { deps: deps as unknown as PlaneDeps, store, audited, unfinished, visitors };
}
