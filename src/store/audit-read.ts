import type { ChainedRecord } from '#core/audit-chain.ts';
import { AUDIT_TABLE, blockOf, indexOf, keyOf, lastOf, pad, partitionOf, valueOf } from './audit-rows.ts';
import { encodeCursor } from './cursor.ts';
import type { Store } from './port.ts';

/** An index may be behind by as many records. */
const MOST_BEHIND = 500;

/** What is there behind one sequence number, up to another; oldest first. */
export async function recordsBetween(store: Store, after: number, to: number): Promise<ChainedRecord[]> {
  const links: ChainedRecord[] = [];
  for (let at = after; at < to;) {
    const block = blockOf(at + 1);
    const { rows } = await store.query({
      table: AUDIT_TABLE,
      partition: partitionOf(block),
      cursor: encodeCursor([partitionOf(block), pad(at)]),
      limit: to - at,
    });
    links.push(...rows.map(valueOf).filter(({ sequence }) => sequence <= to));
    at = rows.length < to - at ? lastOf(block) : to;
  }
  return links;
}

/**
 * Of the records of an execution that stand behind `after`, the first. The newest of all are read by key: the index may not show
 * yet what was written last.
 */
export async function recordsOfExecution(
  store: Store,
  executionId: string,
  { after, newest, limit }: { after: number; newest: number; limit: number },
): Promise<ChainedRecord[]> {
  const shown = Math.max(0, newest - MOST_BEHIND);
  const known = after < shown ? await inIndex(store, executionId, { after, limit }) : [];
  const records = known.filter(({ sequence }) => sequence <= shown);
  if (records.length === limit) return records;
  for (const link of await recordsBetween(store, Math.max(after, shown), newest))
    if (link.record.executionId === executionId) records.push(link);
  return records.slice(0, limit);
}

async function inIndex(
  store: Store,
  executionId: string,
  { after, limit }: { after: number; limit: number },
): Promise<ChainedRecord[]> {
  const partition = indexOf(executionId);
  const { partition: block, sort } = keyOf(after);
  const cursor = after === 0 ? {} : { cursor: encodeCursor([partition, sort, block, sort]) };
  const query = { table: AUDIT_TABLE, byIndex: true, partition, limit } as const;
  return (await store.query({ ...query, ...cursor })).rows.map(valueOf);
}
