import type { Json } from '#core/json.ts';

/** The tables. The first four bear the specification's names. */
export const TABLES = [
  'protection-groups',
  'recovery-plans',
  'execution-history',
  'target-accounts',
  'execution-records',
  'platform-records',
] as const;
export type TableName = (typeof TABLES)[number];

/** `sort` is `''` in tables without a sort key. */
export interface Key {
  readonly partition: string;
  readonly sort: string;
}

/**
 * A stored row. `revision` starts at 1 and rises by 1 with each put. `index` places it in the table's one secondary index, if the table
 * has one (`TABLE_SHAPES`).
 */
export interface Row {
  readonly key: Key;
  readonly revision: number;
  readonly value: Json;
  readonly index?: Key;
}

/** What must be true of the row for a write to happen: its revision, that it does not exist, or nothing. */
export type Expectation = number | 'absent' | 'any';

export type Write =
  | {
      readonly kind: 'put';
      readonly table: TableName;
      readonly key: Key;
      readonly value: Json;
      readonly index?: Key;
      readonly expect: Expectation;
    }
  | { readonly kind: 'remove'; readonly table: TableName; readonly key: Key; readonly expect: Expectation }
  | {
      readonly kind: 'check';
      readonly table: TableName;
      readonly key: Key;
      readonly expect: number | 'absent';
    };

export interface QueryParams {
  readonly table: TableName;
  /**
   * Query by the secondary index instead of the key. In DynamoDB the index follows its table, by less than a second as a rule: what was
   * written just now may be missing, or there as it was. Whoever has to know asks by key, which is never behind.
   */
  readonly byIndex?: boolean;
  readonly partition: string;
  readonly sortPrefix?: string;
  readonly order?: 'ascending' | 'descending';
  /** At most 1,000; default 100. */
  readonly limit?: number;
  /** From the previous page; opaque. */
  readonly cursor?: string;
}

export interface Page {
  readonly rows: readonly Row[];
  readonly cursor?: string;
}

/** The only door to records. Implementations: memory (tests), `sqlite/`, `dynamodb/`; all pass `conformance.ts`. */
export interface Store {
  get(params: { readonly table: TableName; readonly key: Key }): Promise<Row | null>;
  query(params: QueryParams): Promise<Page>;
  /** All partitions of a table in no promised order; for lists of plans and accounts, not for events. */
  scan(params: {
    readonly table: TableName;
    readonly limit?: number;
    readonly cursor?: string;
  }): Promise<Page>;
  /**
   * All or nothing, durable when it resolves; at most 100 writes (the limit of DynamoDB TransactWriteItems), no key twice.
   * An unmet expectation throws `RevisionConflict` with `details: {table, partition, sort, expected, actual}`. Answers the new revisions in order (0 for remove and check).
   */
  write(writes: readonly Write[]): Promise<readonly number[]>;
  close(): Promise<void>;
}
