import { randomUUID } from 'node:crypto';
import type { CancellationReason } from '@aws-sdk/client-dynamodb';
import { BreakwaterError } from '#core/errors.ts';
import { decodeCursor } from '../cursor.ts';
import type { Key, Page, QueryParams, Row, Store, TableName, Write } from '../port.ts';
import { checkExpectation, checkKey, checkQuery, checkTable, checkWrites, pageSize } from '../requests.ts';
import { TABLE_SHAPES } from '../table-shapes.ts';
import type { DynamoDb } from './calls.ts';
import { isInvalid } from './is-invalid.ts';
import { revisionOf, toAttributes, toRow, toStartKey } from './items.ts';
import { readPage, toQuery } from './pages.ts';
import { readRevisions, type Revision } from './revisions.ts';
import { revisionAfter, toTransactItem, type Prepared } from './transactions.ts';
import { WriteOrder } from './write-order.ts';

/**
 * Records in DynamoDB. Every call of `write` is one transaction, also a call with one write: a transaction bears a token, so a write
 * whose answer was lost can be sent again, and is neither made twice nor refused because of itself. Invariants:
 * 1. every put says which revision it follows, so a revision is never made twice; for a put that takes any, the revision is read
 *    first, and read off the refusal if somebody else comes in between;
 * 2. writes of one row follow each other in the order of the calls, as far as this process goes;
 * 3. what is read by key is as it was written last; by index, as it was a moment ago.
 */
export class DynamoDbStore implements Store {
  readonly #dynamoDb: DynamoDb;
  readonly #prefix: string;
  readonly #order = new WriteOrder();
  #closed = false;

  /** The tables are called as in the port, with `prefix` before. */
  constructor({ dynamoDb, prefix = '' }: { readonly dynamoDb: DynamoDb; readonly prefix?: string }) {
    this.#dynamoDb = dynamoDb;
    this.#prefix = prefix;
  }

  async get({ table, key }: { readonly table: TableName; readonly key: Key }): Promise<Row | null> {
    checkKey(table, key);
    this.#checkOpen();
    const { Item } = await this.#dynamoDb.getItem({
      TableName: this.#prefix + table,
      Key: toAttributes(TABLE_SHAPES[table].key, key),
      ConsistentRead: true,
    });
    return Item === undefined ? null : toRow(table, Item);
  }

  async query(params: QueryParams): Promise<Page> {
    checkQuery(params);
    this.#checkOpen();
    const { table, byIndex, partition, cursor } = params;
    const place = decodeCursor(cursor, byIndex ? 4 : 2, partition);
    const query = { TableName: this.#prefix + table, ...toQuery(params) };
    return readPage({
      table,
      byIndex,
      size: pageSize(params.limit),
      startKey: place === null ? undefined : toStartKey(TABLE_SHAPES[table], place),
      read: (page) => this.#dynamoDb.query({ ...query, ...page }),
    });
  }

  async scan({
    table,
    limit,
    cursor,
  }: {
    readonly table: TableName;
    readonly limit?: number;
    readonly cursor?: string;
  }): Promise<Page> {
    checkTable(table);
    this.#checkOpen();
    const place = decodeCursor(cursor, 2);
    const scan = { TableName: this.#prefix + table, ConsistentRead: true };
    return readPage({
      table,
      size: pageSize(limit),
      startKey: place === null ? undefined : toStartKey(TABLE_SHAPES[table], place),
      read: (page) => this.#dynamoDb.scan({ ...scan, ...page }),
    });
  }

  async write(writes: readonly Write[]): Promise<readonly number[]> {
    const texts = checkWrites(writes);
    this.#checkOpen();
    if (writes.length === 0) return [];
    const names = writes.map(({ table, key }) => JSON.stringify([table, key.partition, key.sort]));
    return this.#order.run(names, () => this.#transact(writes, texts));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#order.settled();
  }

  async #transact(writes: readonly Write[], texts: readonly (string | null)[]): Promise<number[]> {
    let befores = await this.#befores(writes);
    for (;;) {
      const prepared = writes.map((write, i): Prepared => ({ write, text: texts[i]!, before: befores[i]! }));
      const reasons = await this.#send(prepared);
      if (reasons === null) {
        return prepared.map(({ write, before }) => (write.kind === 'put' ? revisionAfter(before) : 0));
      }
      // Each turn somebody else has written one of these rows: it cannot go on for ever.
      befores = writes.map((write, i) => actualOf(write, reasons[i]!) ?? befores[i]!);
    }
  }

  /** The revision that each row has to have. Puts that take any get the one that there is. */
  async #befores(writes: readonly Write[]): Promise<(Revision | null)[]> {
    const unknown = writes.filter(({ kind, expect }) => kind === 'put' && expect === 'any');
    const found = await readRevisions(this.#dynamoDb, this.#prefix, unknown);
    return writes.map((write) => {
      if (write.expect !== 'any') return write.expect;
      return write.kind === 'put' ? found[unknown.indexOf(write)]! : null;
    });
  }

  /** Answers why not, if a condition was not met. */
  async #send(prepared: readonly Prepared[]): Promise<readonly CancellationReason[] | null> {
    try {
      return await this.#dynamoDb.transactWriteItems({
        TransactItems: prepared.map((each) => toTransactItem(this.#prefix, each)),
        ClientRequestToken: randomUUID(),
      });
    } catch (error) {
      throw explainSize(error);
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new BreakwaterError('StoreRequestInvalid', 'the store is closed');
  }
}

/** The revision in a refusal; `null` if the write was not refused. Throws `RevisionConflict` for an expectation of the caller's own. */
function actualOf(write: Write, { Code, Item }: CancellationReason): Revision | null {
  if (Code !== 'ConditionalCheckFailed') return null;
  const actual = Item === undefined ? 'absent' : revisionOf(Item);
  checkExpectation(write, actual);
  return actual;
}

/** What is checked before a call keeps below these limits; DynamoDB's own word counts. */
function explainSize(error: unknown): unknown {
  if (!isInvalid(error, /size .*exceed|exceed.* size/i)) return error;
  return new BreakwaterError('RecordTooLarge', 'DynamoDB has refused the records for their size', {
    cause: error,
  });
}
