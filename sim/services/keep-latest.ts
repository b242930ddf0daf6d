import type { Table } from '#sim/kernel/world.ts';

/** How many rows of what was sent a table keeps, per account and Region. */
export const KEPT_ROWS = 1_000;

/** Adds a row to a table of what was sent, and drops the oldest ones beyond `KEPT_ROWS`. */
export function keepLatest<R extends { readonly id: string }>(table: Table<R>, row: R): void {
  table.put(row.id, row);
  if (table.size <= KEPT_ROWS) return;
  for (const { id } of table.all().slice(0, table.size - KEPT_ROWS)) table.remove(id);
}
