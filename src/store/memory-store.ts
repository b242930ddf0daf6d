import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import { decodeCursor, encodeCursor, type Place } from './cursor.ts';
import type { Key, Page, QueryParams, Row, Store, TableName, Write } from './port.ts';
import { TABLES } from './port.ts';
import { checkExpectation, checkKey, checkQuery, checkTable, checkWrites, pageSize } from './requests.ts';
import { prefixEnd } from './sort-order.ts';
import { SortedList } from './sorted-list.ts';

/**
 * Records in memory: for tests, and for rehearsals whose records nobody needs afterwards. Values are kept as JSON
 * text, so what is read is never the object that was written.
 */
export function memoryStore(): Store {
  const tables = new Map(TABLES.map((name) => [name, new Table()]));
  let closed = false;
  const open = (name: TableName): Table => {
    if (closed) throw new BreakwaterError('StoreRequestInvalid', 'the store is closed');
    checkTable(name);
    return tables.get(name)!;
  };
  return {
    get: async ({ table, key }) => {
      checkKey(table, key);
      return open(table).get(key);
    },
    query: async (params) => {
      checkQuery(params);
      return open(params.table).query(params);
    },
    scan: async ({ table, limit, cursor }) => open(table).scan(pageSize(limit), cursor),
    write: async (writes) => {
      const texts = checkWrites(writes);
      for (const write of writes) checkExpectation(write, open(write.table).revisionOf(write.key));
      return writes.map((write, i) => open(write.table).apply(write, texts[i]!));
    },
    close: async () => {
      closed = true;
    },
  };
}

/** A row with its value as text. */
interface StoredRow {
  readonly key: Key;
  readonly revision: number;
  readonly text: string;
  readonly index?: Key;
}

class Table {
  readonly #byKey = new SortedList<StoredRow>();
  readonly #byIndex = new SortedList<StoredRow>();

  get(key: Key): Row | null {
    const stored = this.#byKey.get([key.partition, key.sort]);
    return stored === undefined ? null : toRow(stored);
  }

  revisionOf(key: Key): number | 'absent' {
    return this.#byKey.get([key.partition, key.sort])?.revision ?? 'absent';
  }

  /** Does one write, whose expectation is met, and answers the new revision. */
  apply(write: Write, text: string | null): number {
    if (write.kind === 'check') return 0;
    const { partition, sort } = write.key;
    const before = this.#byKey.get([partition, sort]);
    if (before?.index !== undefined) this.#byIndex.remove(indexPlace(before));
    if (write.kind === 'remove') {
      this.#byKey.remove([partition, sort]);
      return 0;
    }
    const index = write.index && { index: { partition: write.index.partition, sort: write.index.sort } };
    const row = { key: { partition, sort }, revision: (before?.revision ?? 0) + 1, text: text!, ...index };
    this.#byKey.set(keyPlace(row), row);
    if (index !== undefined) this.#byIndex.set(indexPlace(row), row);
    return row.revision;
  }

  query({ byIndex = false, partition, sortPrefix = '', order, limit, cursor }: QueryParams): Page {
    const size = pageSize(limit);
    const place = decodeCursor(cursor, byIndex ? 4 : 2, partition);
    const rows = byIndex ? this.#byIndex : this.#byKey;
    const placeOf = byIndex ? indexPlace : keyPlace;
    const end = prefixEnd(sortPrefix);
    // No key contains U+0000, so nothing lies between a partition and this.
    const endPlace = end === null ? [`${partition}\0`] : [partition, end];
    let [from, to] = [rows.lowerBound([partition, sortPrefix]), rows.lowerBound(endPlace)];
    if (order === 'descending') {
      if (place !== null) to = Math.min(to, rows.lowerBound(place));
      return toPage(rows.slice(Math.max(from, to - size - 1), to).toReversed(), size, placeOf);
    }
    if (place !== null) from = Math.max(from, rows.upperBound(place));
    return toPage(rows.slice(from, Math.min(to, from + size + 1)), size, placeOf);
  }

  scan(size: number, cursor: string | undefined): Page {
    const place = decodeCursor(cursor, 2);
    const from = place === null ? 0 : this.#byKey.upperBound(place);
    return toPage(this.#byKey.slice(from, from + size + 1), size, keyPlace);
  }
}

/** `found` has one row more than the page if there is another page. */
function toPage(found: readonly StoredRow[], size: number, placeOf: (row: StoredRow) => Place): Page {
  const rows = found.slice(0, size);
  return {
    rows: rows.map(toRow),
    ...(found.length > size && { cursor: encodeCursor(placeOf(rows.at(-1)!)) }),
  };
}

function toRow({ text, ...row }: StoredRow): Row {
  return { ...row, value: JSON.parse(text) as Json };
}

function keyPlace({ key }: StoredRow): Place {
  return [key.partition, key.sort];
}

function indexPlace({ key, index }: StoredRow): Place {
  return [index!.partition, index!.sort, key.partition, key.sort];
}
