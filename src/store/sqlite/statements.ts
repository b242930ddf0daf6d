import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Place } from '../cursor.ts';
import type { Key, QueryParams, TableName } from '../port.ts';
import { prefixEnd } from '../sort-order.ts';

/** A row as SQLite has it. */
export interface SqlRow {
  readonly partition: string;
  readonly sort: string;
  readonly revision: number;
  readonly value: string;
  readonly index_partition: string | null;
  readonly index_sort: string | null;
}

export interface PutParams {
  readonly table: TableName;
  readonly key: Key;
  readonly revision: number;
  readonly text: string;
  readonly index: Key | undefined;
}

/** The SQL of the store. Table names come from the closed list of the port; everything else is bound. */
export class Statements {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  get(table: TableName, key: Key): SqlRow | undefined {
    return this.#rows(`SELECT * FROM "${table}" WHERE partition = ? AND sort = ?`, [
      key.partition,
      key.sort,
    ])[0];
  }

  revisionOf(table: TableName, key: Key): number | 'absent' {
    const sql = `SELECT revision FROM "${table}" WHERE partition = ? AND sort = ?`;
    return this.#rows(sql, [key.partition, key.sort])[0]?.revision ?? 'absent';
  }

  put({ table, key, revision, text, index }: PutParams): void {
    this.#prepare(`INSERT OR REPLACE INTO "${table}" VALUES (?, ?, ?, ?, ?, ?)`).run(
      key.partition,
      key.sort,
      revision,
      text,
      index?.partition ?? null,
      index?.sort ?? null,
    );
  }

  remove(table: TableName, key: Key): void {
    this.#prepare(`DELETE FROM "${table}" WHERE partition = ? AND sort = ?`).run(key.partition, key.sort);
  }

  /** `after` is the place of the last row of the previous page. */
  query(
    { table, byIndex, partition, sortPrefix = '', order }: QueryParams,
    after: Place | null,
    size: number,
  ): SqlRow[] {
    const [group, sort] = byIndex ? ['index_partition', 'index_sort'] : ['partition', 'sort'];
    const place = byIndex ? `(${group}, ${sort}, partition, sort)` : `(${group}, ${sort})`;
    const [beyond, direction] = order === 'descending' ? ['<', 'DESC'] : ['>', 'ASC'];
    const end = prefixEnd(sortPrefix);
    const conditions = [
      `${group} = ?`,
      `${sort} >= ?`,
      ...(end === null ? [] : [`${sort} < ?`]),
      ...(after === null ? [] : [`${place} ${beyond} (${after.map(() => '?').join(', ')})`]),
    ];
    const columns = place.slice(1, -1).split(', ');
    const sql = `SELECT * FROM "${table}" WHERE ${conditions.join(' AND ')}
      ORDER BY ${columns.map((column) => `${column} ${direction}`).join(', ')} LIMIT ?`;
    return this.#rows(sql, [partition, sortPrefix, ...(end === null ? [] : [end]), ...(after ?? []), size]);
  }

  scan(table: TableName, after: Place | null, size: number): SqlRow[] {
    const condition = after === null ? '' : 'WHERE (partition, sort) > (?, ?)';
    const sql = `SELECT * FROM "${table}" ${condition} ORDER BY partition, sort LIMIT ?`;
    return this.#rows(sql, [...(after ?? []), size]);
  }

  #rows(sql: string, values: readonly SQLInputValue[]): SqlRow[] {
    return this.#prepare(sql).all(...values) as unknown as SqlRow[];
  }

  #prepare(sql: string): StatementSync {
    const found = this.#prepared.get(sql);
    if (found !== undefined) return found;
    const prepared = this.#db.prepare(sql);
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}
