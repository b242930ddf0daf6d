import type { BundleLink } from '#core/audit-chain.ts';
import { canonicalJson } from '#core/canonical-json.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { ExecutionEventRecord } from '#core/events.ts';
import { EVENT_RECORD, EXPORT_RECORD, type EvidenceBundle, type ToldEvent } from '#core/evidence-bundle.ts';
import { breathe } from '#store/breathe.ts';
import type { ExecutionRepository } from '#store/executions.ts';
import type { Actor } from './audit-log.ts';
import type { Audit } from './audit.ts';
import type { Control } from './control.ts';
import { junitOf } from './junit.ts';

export interface Evidence {
  /**
   * The bundle as of now. That it was taken, by whom, and the hash of the export in it become its last record, so that the chain
   * vouches for all of it. Throws `ExecutionNotFound`, or `AuditBroken` if the chain is not whole.
   */
  bundle(executionId: string, actor?: Actor): Promise<EvidenceBundle>;
  /** All events, oldest first. Throws `ExecutionNotFound`. */
  timeline(executionId: string): Promise<ExecutionEventRecord[]>;
  /** JUnit XML: a suite a wave, a case a resource. */
  junit(executionId: string): Promise<string>;
}

export interface EvidenceParams {
  readonly control: Control;
  readonly executions: ExecutionRepository;
  readonly audit: Audit;
  readonly serverId: string;
}

const PAGE = 1_000;
/** There may be a million, and others have their turn in between. */
const LINKS_A_PAGE = 200;

export function createEvidence({ control, executions, audit, serverId }: EvidenceParams): Evidence {
  const timelineOf = async (executionId: string): Promise<ExecutionEventRecord[]> => {
    const events: ExecutionEventRecord[] = [];
    for (;;) {
      const after = events.at(-1)?.sequence ?? 0;
      const page = await control.listEvents({ executionId, after, limit: PAGE });
      events.push(...page);
      if (page.length < PAGE) return events;
    }
  };
  return {
    timeline: timelineOf,
    async bundle(executionId, actor = { by: 'breakwater' }) {
      const exported = await control.exportExecution({ executionId });
      const plan = await executions.plan(executionId);
      const waves = await executions.waves(executionId);
      await audit.catchUp(executionId);
      const until = await audit.chain.append({
        action: EXPORT_RECORD,
        ...actor,
        target: `execution/${executionId}`,
        executionId,
        data: { exportHash: audit.chain.hash(canonicalJson(exported)) },
      });
      const links = await linksOf(audit, executionId, until);
      const chained = links.filter(({ record }) => record?.action === EVENT_RECORD).length;
      const first = links[0]?.sequence ?? 1;
      const last = links.at(-1);
      const previous = await audit.chain.hashAt(first - 1);
      if (last === undefined || previous === null)
        throw new BreakwaterError('AuditBroken', `the audit trail has no whole chain for ${executionId}`);
      return {
        executionId,
        serverId,
        plan: { ...plan, waves: waves.map(({ definition }) => definition) },
        export: exported,
        // An execution may go on meanwhile: what is not in these links is not in this bundle.
        timeline: (await timelineOf(executionId)).slice(0, chained).map(toldOf),
        previous,
        links,
        last: { sequence: last.sequence, recordHash: last.recordHash, hash: last.hash },
      };
    },
    junit: async (executionId) => junitOf(await control.getExecution({ executionId })),
  };
}

function toldOf({ sequence, at, code, data }: ExecutionEventRecord): ToldEvent {
  return { sequence, at, code, data };
}

/** From the first record of the execution to the one with the sequence number `until`. */
async function linksOf({ chain }: Audit, executionId: string, until: number): Promise<BundleLink[]> {
  const { records } = await chain.page({ executionId, limit: 1 });
  const links: BundleLink[] = [];
  for (let after = (records[0]?.sequence ?? until) - 1; after < until; after += LINKS_A_PAGE) {
    const page = await chain.list({ after, limit: Math.min(LINKS_A_PAGE, until - after) });
    for (const { record, ...link } of page)
      links.push(record.executionId === executionId ? { ...link, record } : link);
    await breathe();
  }
  return links;
}
