import { z } from 'zod';
import {
  checkLinks,
  type AuditLink,
  type AuditRecord,
  type BrokenLink,
  type BundleLink,
  type Hash,
} from './audit-chain.ts';
import { canonicalJson } from './canonical-json.ts';
import { BreakwaterError } from './errors.ts';
import type { ExecutionEventRecord } from './events.ts';
import type { ExecutionExport } from './export.ts';
import type { Plan } from './plan.ts';

/**
 * All there is to say of an execution. `links` is an unbroken piece of the audit chain from its first record to the last:
 * its own records whole, others' by their hashes, so that it proves by itself that nothing is left out. `serverId` names the chain.
 */
export interface EvidenceBundle {
  readonly executionId: string;
  readonly serverId: string;
  /** The frozen plan, whose hash `export.execution.planHash` is. */
  readonly plan: Plan;
  readonly export: ExecutionExport;
  readonly timeline: readonly ToldEvent[];
  /** The hash before the first link. */
  readonly previous: string;
  readonly links: readonly BundleLink[];
  readonly last: AuditLink;
}

/** An event as the chain vouches for it: without the words for people, which anybody could change. */
export type ToldEvent = Pick<ExecutionEventRecord, 'sequence' | 'at' | 'code' | 'data'>;

/** The action of the record that ends a bundle; `data.exportHash` is the hash of the export in it. */
export const EXPORT_RECORD = 'evidence.export';
/** The action of a record that says an event; `data` is `{sequence, at, code, data}`. */
export const EVENT_RECORD = 'execution.event';

const Link = z.looseObject({ sequence: z.int(), recordHash: z.string(), hash: z.string() });

/** As much of a bundle as its proof needs. */
const Bundle = z.looseObject({
  executionId: z.string(),
  plan: z.looseObject({}),
  export: z.looseObject({ execution: z.looseObject({ planHash: z.string() }) }),
  timeline: z.array(
    z.looseObject({
      sequence: z.int(),
      code: z.string(),
      at: z.string(),
      data: z.looseObject({}),
    }),
  ),
  previous: z.string(),
  links: z
    .array(
      Link.extend({
        record: z
          .looseObject({ action: z.string(), executionId: z.string().optional(), data: z.looseObject({}) })
          .optional(),
      }),
    )
    .min(1),
  last: Link,
});

/**
 * Proves a bundle from itself: the links hold together without a gap; the timeline is, event by event from the first, what the chained
 * records say; plan and export have the hashes that were chained. Answers the first broken link, or `null`. Throws `RequestInvalid`
 * for what is no bundle. What a bundle cannot prove by itself is that its last hash is the server's, so that nobody has made all
 * of it anew: compare `last` with the server's chain, or with a head that was kept.
 */
export function verifyBundle(bundle: unknown, hash: Hash): BrokenLink | null {
  const parsed = Bundle.safeParse(bundle);
  if (!parsed.success) {
    const problems = z.prettifyError(parsed.error);
    throw new BreakwaterError('RequestInvalid', `this is no evidence bundle: ${problems}`);
  }
  const { executionId, links, previous, last, timeline, plan } = parsed.data;
  const whole = links as unknown as readonly BundleLink[];
  const broken = checkLinks(whole, { first: whole[0]!.sequence, previous, last, hash });
  if (broken !== null) return broken;
  const own = whole.flatMap(({ record }) => (record?.executionId === executionId ? [record] : []));
  return (
    checkTimeline(own, timeline, last.sequence) ??
    checkHash(own, { of: 'planHash', value: plan, hash, last: last.sequence }) ??
    checkHash(own, { of: 'exportHash', value: parsed.data.export, hash, last: last.sequence })
  );
}

function checkTimeline(
  records: readonly AuditRecord[],
  timeline: readonly object[],
  last: number,
): BrokenLink | null {
  const chained = records.filter(({ action }) => action === EVENT_RECORD);
  for (const [index, { sequence, data }] of chained.entries()) {
    if (data['sequence'] !== index + 1) return { sequence, why: 'record missing' };
    const event = timeline[index];
    if (event === undefined || canonicalJson(data) !== canonicalJson(event))
      return { sequence, why: 'record changed' };
  }
  const isWhole = chained.length > 0 && chained.length === timeline.length;
  return isWhole ? null : { sequence: last, why: 'record missing' };
}

/** The plan's hash is in the first event; the export's in the last record of all. */
function checkHash(
  records: readonly AuditRecord[],
  { of, value, hash, last }: { of: 'planHash' | 'exportHash'; value: unknown; hash: Hash; last: number },
): BrokenLink | null {
  const vouching =
    of === 'planHash'
      ? records.find(({ action }) => action === EVENT_RECORD)
      : records.findLast(({ action, sequence }) => action === EXPORT_RECORD && sequence === last);
  if (vouching === undefined) return { sequence: last, why: 'record missing' };
  const { data, sequence } = vouching;
  const kept = of === 'planHash' ? (data['data'] as Record<string, unknown>)[of] : data[of];
  // Executions that began before their plan's hash was chained have none.
  if (kept === undefined && of === 'planHash') return null;
  return kept === hash(canonicalJson(value)) ? null : { sequence, why: 'record changed' };
}
