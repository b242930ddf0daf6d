import type { QueryParams, Row, Store } from './port.ts';

/** All pages of a query. */
export async function allRows(store: Store, params: QueryParams, most = Infinity): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.query({ ...params, limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    rows.push(...page.rows);
    cursor = page.cursor;
  } while (cursor !== undefined && rows.length < most);
  return rows;
}
