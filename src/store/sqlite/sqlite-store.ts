import type { DatabaseSync } from 'node:sqlite';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Key, Page, QueryParams, Row, Store, TableName, Write } from '../port.ts';
import { checkExpectation, checkKey, checkQuery, checkTable, checkWrites, pageSize } from '../requests.ts';
import type { Outcome, TextWrite } from './commit-calls.ts';
import { explainSqliteError } from './sqlite-error.ts';
import { type SqlRow, Statements } from './statements.ts';
import { writerHere, type Writer } from './writer.ts';

/** One call of `write` that waits for the commit. */
interface PendingWrite {
  readonly writes: readonly Write[];
  readonly texts: readonly TextWrite[];
  readonly resolve: (revisions: readonly number[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Records in one SQLite file. Waves write at once, and a commit costs a disk flush, so calls of `write` made in one
 * turn of the event loop, or while a commit is under way, share a transaction. Invariants:
 * 1. `write` resolves only after the commit that holds it, and nothing is read that is not committed;
 * 2. a call whose expectations are unmet writes nothing and does not disturb the others, because all its
 *    expectations are checked before its first change;
 * 3. when SQLite itself fails, the whole transaction is rolled back and every call in it is rejected;
 * 4. with a writer in this thread the commit comes before the event loop goes on (`nextTick`), so virtual time stands still
 *    meanwhile.
 */
export class SqliteStore implements Store {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #statements: Statements;
  readonly #writer: Writer;
  readonly #onClose: () => Promise<void>;
  #pending: PendingWrite[] = [];
  #committing: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  constructor(
    db: DatabaseSync,
    path: string,
    { writer, onClose }: { writer?: Writer; onClose?: () => Promise<void> } = {},
  ) {
    this.#db = db;
    this.#path = path;
    this.#statements = new Statements(db);
    this.#writer = writer ?? writerHere(db, this.#statements);
    this.#onClose = onClose ?? (async () => {});
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
    const values = checkWrites(writes);
    this.#checkOpen();
    const texts = writes.map((write, i) => textOf(write, values[i]!));
    return new Promise((resolve, reject) => {
      if (this.#pending.length === 0) process.nextTick(() => this.#commit());
      this.#pending.push({ writes, texts, resolve, reject });
    });
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#commit();
    while (this.#committing !== null) await this.#committing;
    await Promise.all([this.#writer.close(), this.#onClose()]);
    this.#db.close();
  }

  /** Does nothing while a commit is under way: its end begins the next. */
  #commit(): void {
    if (this.#committing !== null || this.#pending.length === 0) return;
    const batch = this.#pending;
    this.#pending = [];
    this.#committing = this.#commitBatch(batch).then(() => {
      this.#committing = null;
      this.#commit();
    });
  }

  async #commitBatch(batch: readonly PendingWrite[]): Promise<void> {
    try {
      const outcomes = await this.#writer.commit(batch.map(({ texts }) => texts));
      outcomes.forEach((outcome, i) => settle(batch[i]!, outcome));
    } catch (error) {
      for (const { reject } of batch) reject(explainSqliteError(error, this.#path));
    }
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
    if (this.#closing !== null) throw new BreakwaterError('StoreRequestInvalid', 'the store is closed');
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

function textOf({ kind, table, key, expect, ...rest }: Write, text: string | null): TextWrite {
  return { kind, table, key, expect, text, ...('index' in rest && rest.index && { index: rest.index }) };
}

function settle({ writes, resolve, reject }: PendingWrite, outcome: Outcome): void {
  if ('revisions' in outcome) return resolve(outcome.revisions);
  try {
    writes.forEach((write, i) => checkExpectation(write, outcome.unmet[i]!));
  } catch (conflict) {
    reject(conflict);
  }
}

function keyPlace({ partition, sort }: SqlRow): string[] {
  return [partition, sort];
}

function indexPlace({ index_partition, index_sort, partition, sort }: SqlRow): string[] {
  return [index_partition!, index_sort!, partition, sort];
}
