import { hasCode } from '#core/errors.ts';
import { UNFINISHED_STATUSES } from '#core/states.ts';
import { allRows } from './all-rows.ts';
import { HISTORY, pad } from './execution-rows.ts';
import type { Key, Row, Store, Write } from './port.ts';

/* Which executions there are: in the order of their creation, and by status. */

const TABLE = 'platform-records';
/** Partition of rows that list all executions in the order of their creation. */
const BY_CREATION = 'executions-by-creation';

/** Writes, and gives the execution the next place in the list of all: by creation, since simulated time can begin anew. */
export async function writeListed(
  store: Store,
  executionId: string,
  writes: readonly Write[],
): Promise<void> {
  for (;;) {
    const last = await store.query({ table: TABLE, partition: BY_CREATION, order: 'descending', limit: 1 });
    const place = pad(Number(last.rows[0]?.key.sort ?? 0) + 1, 12);
    const key: Key = { partition: BY_CREATION, sort: place };
    try {
      const listed: Write = { kind: 'put', table: TABLE, key, value: { executionId }, expect: 'absent' };
      await store.write([...writes, listed]);
      return;
    } catch (error) {
      if (!hasCode(error, 'RevisionConflict') || error.details['partition'] !== BY_CREATION) throw error;
    }
  }
}

/** A page of all, the newest first. */
export async function listedIds(
  store: Store,
  page: { readonly limit?: number; readonly cursor?: string },
): Promise<{ ids: string[]; cursor?: string }> {
  const query = { table: TABLE, partition: BY_CREATION, order: 'descending', ...page } as const;
  const { rows, ...rest } = await store.query(query);
  return { ids: rows.map((row) => (row.value as { executionId: string }).executionId), ...rest };
}

/** The heads of those that an index has as unfinished, as it has them: one that has just ended may be among them. */
export async function unfinishedRows(store: Store): Promise<Row[]> {
  const rows = await Promise.all(
    UNFINISHED_STATUSES.map((partition) => allRows(store, { table: HISTORY, byIndex: true, partition })),
  );
  return [...new Map(rows.flat().map((row) => [row.key.partition, row])).values()];
}
