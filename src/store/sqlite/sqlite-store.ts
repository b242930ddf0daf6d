import type { DatabaseSync } from 'node:sqlite';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Key, Page, QueryParams, Row, Store, TableName, Write } from '../port.ts';
import { checkExpectation, checkKey, checkQuery, checkTable, checkWrites, pageSize } from '../requests.ts';
import { explainSqliteError } from './sqlite-error.ts';
import { type SqlRow, Statements } from './statements.ts';

/** One call of `write` that waits for the commit. */
interface PendingWrite {
  readonly writes: readonly Write[];
  readonly texts: readonly (string | null)[];
  readonly resolve: (revisions: readonly number[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Records in one SQLite file. Waves write at once, and a commit costs a disk flush, so calls of `write` made in one
 * turn of the event loop share a transaction. Invariants:
 * 1. `write` resolves only after the commit that holds it;
 * 2. a call whose expectations are unmet writes nothing and does not disturb the others, because all its
 *    expectations are checked before its first change;
 * 3. when SQLite itself fails, the whole transaction is rolled back and every call in it is rejected;
 * 4. the commit comes before the event loop goes on (`nextTick`), so virtual time stands still meanwhile.
 */
export class SqliteStore implements Store {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #statements: Statements;
  #pending: PendingWrite[] = [];
  #closed = false;

  constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    this.#path = path;
    this.#statements = new Statements(db);
  }

  async get({ table, key }: { readonly table: TableName; readonly key: Key }): Promise<Row | null> {
    checkKey(table, key);
    const found = this.#guard(() => this.#statements.get(table, key));
    return found === undefined ? null : this.#toRow(found);
  }

  async query(params: QueryParams): Promise<Page> {
    checkQuery(params);
    const size = pageSize(params.limit);
    const after = decodeCursor(params.cursor, params.byIndex ? 4 : 2, params.partition);
    const found = this.#guard(() => this.#statements.query(params, after, size + 1));
    return this.#toPage(found, size, params.byIndex ? indexPlace : keyPlace);
  }

  async scan(params: {
    readonly table: TableName;
    readonly limit?: number;
    readonly cursor?: string;
  }): Promise<Page> {
    checkTable(params.table);
    const size = pageSize(params.limit);
    const after = decodeCursor(params.cursor, 2);
    return this.#toPage(
      this.#guard(() => this.#statements.scan(params.table, after, size + 1)),
      size,
      keyPlace,
    );
  }

  async write(writes: readonly Write[]): Promise<readonly number[]> {
    const texts = checkWrites(writes);
    this.#checkOpen();
    return new Promise((resolve, reject) => {
      if (this.#pending.length === 0) process.nextTick(() => this.#commit());
      this.#pending.push({ writes, texts, resolve, reject });
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#commit();
    this.#closed = true;
    this.#db.close();
  }

  #commit(): void {
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#pending = [];
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      const settle = batch.map((pending) => this.#apply(pending));
      this.#db.exec('COMMIT');
      for (const each of settle) each();
    } catch (error) {
      for (const { reject } of batch) reject(explainSqliteError(error, this.#path));
      // SQLite has rolled back by itself after some errors, such as a full disk.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    }
  }

  /** Makes the changes of one call, or none of them. Answers how to settle it after the commit. */
  #apply({ writes, texts, resolve, reject }: PendingWrite): () => void {
    const before = writes.map(({ table, key }) => this.#statements.revisionOf(table, key));
    try {
      writes.forEach((write, i) => checkExpectation(write, before[i]!));
    } catch (conflict) {
      return () => reject(conflict);
    }
    const revisions = writes.map((write, i) => this.#change(write, before[i]!, texts[i]!));
    return () => resolve(revisions);
  }

  #change(write: Write, before: number | 'absent', text: string | null): number {
    const { table, key } = write;
    if (write.kind === 'remove') this.#statements.remove(table, key);
    if (write.kind !== 'put') return 0;
    const revision = before === 'absent' ? 1 : before + 1;
    this.#statements.put({ table, key, revision, text: text!, index: write.index });
    return revision;
  }

  /** Answers `read()`, with SQLite's errors explained. */
  #guard<T>(read: () => T): T {
    this.#checkOpen();
    try {
      return read();
    } catch (error) {
      throw explainSqliteError(error, this.#path);
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new BreakwaterError('StoreRequestInvalid', 'the store is closed');
  }

  /** `found` has one row more than the page if there is another page. */
  #toPage(found: readonly SqlRow[], size: number, placeOf: (row: SqlRow) => string[]): Page {
    const rows = found.slice(0, size);
    return {
      rows: rows.map((row) => this.#toRow(row)),
      ...(found.length > size && { cursor: encodeCursor(placeOf(rows.at(-1)!)) }),
    };
  }

  #toRow({ partition, sort, revision, value, index_partition, index_sort }: SqlRow): Row {
    const index = index_partition === null ? null : { partition: index_partition, sort: index_sort! };
    return { key: { partition, sort }, revision, value: this.#parse(value), ...(index && { index }) };
  }

  #parse(text: string): Json {
    try {
      return JSON.parse(text) as Json;
    } catch (cause) {
      const details = { path: this.#path };
      throw new BreakwaterError('StoreCorrupt', `${this.#path} has a record that is not JSON`, {
        cause,
        details,
      });
    }
  }
}

function keyPlace({ partition, sort }: SqlRow): string[] {
  return [partition, sort];
}

function indexPlace({ index_partition, index_sort, partition, sort }: SqlRow): string[] {
  return [index_partition!, index_sort!, partition, sort];
}
