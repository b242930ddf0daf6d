import { BreakwaterError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { type Key, type QueryParams, TABLES, type TableName, type Write } from './port.ts';
import { TABLE_SHAPES } from './table-shapes.ts';

/**
 * What every store refuses, so that a program that works on one works on all. The limits are DynamoDB's:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html (item of 400 KB with names and
 * keys, partition key of 2,048 bytes, sort key of 1,024) and TransactWriteItems (100 writes, 4 MB).
 */
const MOST_WRITES = 100;
const MOST_VALUE_BYTES = 400_000;
const MOST_WRITE_BYTES = 4_000_000;
const MOST_PARTITION_BYTES = 2_048;
const MOST_SORT_BYTES = 1_024;
const MOST_ROWS = 1_000;
const DEFAULT_ROWS = 100;

/** The row's value as JSON text; `null` for `remove` and `check`. */
export type ValueText = string | null;

/** Checks writes and answers their values as JSON text. Throws `StoreRequestInvalid` or `RecordTooLarge`. */
export function checkWrites(writes: readonly Write[]): readonly ValueText[] {
  if (writes.length > MOST_WRITES) {
    throw refusal(`${writes.length} writes at once; at most ${MOST_WRITES} are possible`);
  }
  const seen = new Set<string>();
  for (const { table, key } of writes) {
    const name = JSON.stringify([table, key.partition, key.sort]);
    if (seen.has(name)) throw refusal(`two writes of the same key ${name}`);
    seen.add(name);
  }
  const texts = writes.map(checkWrite);
  const bytes = texts.reduce((sum, text) => sum + (text === null ? 0 : Buffer.byteLength(text)), 0);
  if (bytes > MOST_WRITE_BYTES) {
    throw tooLarge(`writes of ${bytes} bytes together; at most ${MOST_WRITE_BYTES} are possible`, { bytes });
  }
  return texts;
}

function checkWrite(write: Write): ValueText {
  checkKey(write.table, write.key);
  const { expect } = write;
  if (typeof expect === 'number' && (!Number.isSafeInteger(expect) || expect < 1)) {
    throw refusal(`${expect} is not a revision; they start at 1`);
  }
  if (write.kind !== 'put') return null;
  if (write.index !== undefined) checkIndexKey(write.table, write.index);
  const text = JSON.stringify(write.value) as string | undefined;
  if (text === undefined) throw refusal(`the value of ${describeKey(write.table, write.key)} is not JSON`);
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_VALUE_BYTES) {
    const place = describeKey(write.table, write.key);
    throw tooLarge(`the value of ${place} has ${bytes} bytes; at most ${MOST_VALUE_BYTES} are possible`, {
      bytes,
    });
  }
  return text;
}

/** Throws `StoreRequestInvalid` unless the table exists and the key could be stored in every store. */
export function checkKey(table: TableName, { partition, sort }: Key): void {
  checkTable(table);
  if (sort !== '' && TABLE_SHAPES[table].key.sort === undefined) throw refusal(`${table} has no sort key`);
  checkParts(table, { partition, sort });
}

function checkIndexKey(table: TableName, key: Key): void {
  checkTable(table);
  if (TABLE_SHAPES[table].index === undefined) throw refusal(`${table} has no index`);
  checkParts(table, key);
}

function checkParts(table: TableName, { partition, sort }: Key): void {
  if (partition === '') throw refusal(`an empty partition in ${table}`);
  checkText(table, partition, MOST_PARTITION_BYTES);
  checkText(table, sort, MOST_SORT_BYTES);
}

/** Throws `StoreRequestInvalid` for a table that does not exist. */
export function checkTable(table: TableName): void {
  if (!TABLES.includes(table)) throw refusal(`no table is named ${JSON.stringify(table)}`);
}

/** Throws `StoreRequestInvalid` if the partition, the prefix or the limit cannot be. */
export function checkQuery({ table, byIndex = false, partition, sortPrefix = '' }: QueryParams): void {
  const check = byIndex ? checkIndexKey : checkKey;
  check(table, { partition, sort: sortPrefix });
}

/** The number of rows of a page. Throws `StoreRequestInvalid` unless it is 1 to 1,000. */
export function pageSize(limit = DEFAULT_ROWS): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_ROWS) return limit;
  throw refusal(`a limit of ${limit}; it must be a whole number from 1 to ${MOST_ROWS}`);
}

/** Throws `RevisionConflict` unless the row is as the write expects it. `actual` is its revision, or `'absent'`. */
export function checkExpectation({ table, key, expect }: Write, actual: number | 'absent'): void {
  if (expect === 'any' || expect === actual) return;
  const details = { table, partition: key.partition, sort: key.sort, expected: expect, actual };
  const message = `${describeKey(table, key)} should be ${expectation(expect)} and is ${expectation(actual)}`;
  throw new BreakwaterError('RevisionConflict', message, { details });
}

function expectation(revision: number | 'absent'): string {
  return revision === 'absent' ? revision : `at revision ${revision}`;
}

function checkText(table: TableName, text: string, mostBytes: number): void {
  if (!text.isWellFormed() || text.includes('\0')) {
    throw refusal(`a key in ${table} with characters that cannot be stored: ${JSON.stringify(text)}`);
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > mostBytes) {
    throw refusal(`a key in ${table} of ${bytes} bytes; at most ${mostBytes} are possible`);
  }
}

function describeKey(table: TableName, { partition, sort }: Key): string {
  return `${table} ${JSON.stringify(sort === '' ? partition : `${partition} ${sort}`)}`;
}

function refusal(message: string): BreakwaterError {
  return new BreakwaterError('StoreRequestInvalid', message);
}

function tooLarge(message: string, details: JsonObject): BreakwaterError {
  return new BreakwaterError('RecordTooLarge', message, { details });
}
