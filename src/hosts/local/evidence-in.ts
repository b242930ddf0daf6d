import { randomUUID } from 'node:crypto';
import type { SessionEvidence } from '#cli/host.ts';
import { createAudit, type Audit } from '#control/audit.ts';
import type { Control } from '#control/control.ts';
import { createEvidence, type Evidence } from '#control/evidence.ts';
import { BreakwaterError } from '#core/errors.ts';
import { ExecutionRepository } from '#store/executions.ts';
import { openSqliteStore } from '#store/sqlite/open-sqlite-store.ts';
import { sha256 } from '../ids.ts';
import { readServerId } from '../server-id.ts';

/** The audit trail of a data directory, also while another process works on it: each call opens the records for itself. */
export function evidenceIn(recordsPath: string, control: Control): SessionEvidence {
  const use = async <T>(
    work: (parts: { audit: Audit; evidence: Evidence; serverId: string }) => Promise<T>,
  ): Promise<T> => {
    const store = openSqliteStore({ path: recordsPath });
    try {
      const serverId = (await readServerId(store)) ?? '';
      const executions = new ExecutionRepository({ store, now: Date.now });
      const audit = createAudit({
        store,
        executions,
        hash: sha256,
        serverId,
        realNow: Date.now,
        newId: randomUUID,
        // Nothing is recorded here without being waited for.
        onFailure: () => {},
      });
      return await work({
        audit,
        evidence: createEvidence({ control, executions, audit, serverId }),
        serverId,
      });
    } finally {
      await store.close();
    }
  };
  return {
    list: (query) => use(({ audit }) => audit.list(query)),
    verify: (part) => use(({ audit }) => audit.verify(part)),
    bundle: (executionId, actor) =>
      use(async ({ evidence, serverId }) => {
        if (serverId !== '') return evidence.bundle(executionId, actor);
        throw new BreakwaterError(
          'NotFound',
          'there is no audit trail here yet: it begins when Breakwater next works on this directory',
        );
      }),
  };
}
