import type { Json } from '#core/json.ts';
import type { Expectation, Key, Page, Row, Store, TableName, Write } from '../port.ts';

export const TABLE = 'execution-records';

type PutWrite = Extract<Write, { kind: 'put' }>;

export function put(
  partition: string,
  sort: string,
  value: Json = null,
  expectation: Expectation = 'any',
): PutWrite {
  return { kind: 'put', table: TABLE, key: { partition, sort }, value, expect: expectation };
}

export function remove(partition: string, sort: string, expectation: Expectation = 'any'): Write {
  return { kind: 'remove', table: TABLE, key: { partition, sort }, expect: expectation };
}

export function checkThat(partition: string, sort: string, expectation: number | 'absent'): Write {
  return { kind: 'check', table: TABLE, key: { partition, sort }, expect: expectation };
}

export function get(
  store: Store,
  partition: string,
  sort: string,
  table: TableName = TABLE,
): Promise<Row | null> {
  const key: Key = { partition, sort };
  return store.get({ table, key });
}

export function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `n-${String(i).padStart(3, '0')}`);
}

export function sorts(page: Page): string[] {
  return page.rows.map((row) => row.key.sort);
}

export function partitions(page: Page): string[] {
  return page.rows.map((row) => row.key.partition);
}

export async function readPages(
  read: (cursor: { cursor?: string }) => Promise<Page>,
): Promise<(readonly Row[])[]> {
  const pages = [await read({})];
  for (let cursor = pages[0]!.cursor; cursor !== undefined; cursor = pages.at(-1)!.cursor) {
    pages.push(await read({ cursor }));
  }
  return pages.map((page) => page.rows);
}
