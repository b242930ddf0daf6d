import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import type { Place } from '../cursor.ts';
import type { Key, Row, TableName } from '../port.ts';
import { TABLE_SHAPES, type TableShape } from '../table-shapes.ts';

export type Item = Record<string, AttributeValue>;

export const REVISION = 'Revision';

/**
 * The row's value, as JSON text. A map would be readable by expressions, but not exact: DynamoDB's numbers reach to 1E+126, its maps
 * 32 levels deep; and it would have no size that can be told before the call. The text is as readable in the console.
 */
const VALUE = 'Value';

/** A key attribute may not be empty. No key has U+0000, and it stands before all that have a character. */
const EMPTY = '\0';

export function toItem({
  table,
  key,
  revision,
  text,
  index,
}: {
  readonly table: TableName;
  readonly key: Key;
  readonly revision: number;
  readonly text: string;
  readonly index: Key | undefined;
}): Item {
  const shape = TABLE_SHAPES[table];
  return {
    ...toAttributes(shape.key, key),
    [REVISION]: { N: String(revision) },
    [VALUE]: { S: text },
    ...(index !== undefined && shape.index !== undefined && toAttributes(shape.index, index)),
  };
}

/** Throws `StoreCorrupt` for an item that no store has written. */
export function toRow(table: TableName, item: Item): Row {
  const shape = TABLE_SHAPES[table];
  try {
    const index = shape.index === undefined ? null : toKey(shape.index, item);
    return {
      key: toKey(shape.key, item)!,
      revision: revisionOf(item),
      value: JSON.parse(item[VALUE]!.S!) as Json,
      ...(index !== null && { index }),
    };
  } catch (cause) {
    throw new BreakwaterError('StoreCorrupt', `table ${table} has an item that is no record`, { cause });
  }
}

export function revisionOf(item: Item): number {
  return Number(item[REVISION]!.N);
}

/** The attributes that hold a key of the table, or of its index. */
export function toAttributes(names: TableShape['key'], { partition, sort }: Key): Item {
  return {
    [names.partition]: { S: partition },
    ...(names.sort !== undefined && { [names.sort]: { S: sort === '' ? EMPTY : sort } }),
  };
}

/** `null` for an item that is not in the index. */
export function toKey(names: TableShape['key'], item: Item): Key | null {
  const partition = item[names.partition]?.S;
  if (partition === undefined) return null;
  const sort = names.sort === undefined ? '' : item[names.sort]!.S!;
  return { partition, sort: sort === EMPTY ? '' : sort };
}

/** Where a query or a scan goes on behind this place. */
export function toStartKey({ key, index }: TableShape, place: Place): Item {
  const [tablePlace, indexPlace] = place.length === 4 ? [place.slice(2), place] : [place, null];
  const keyAt = ([partition, sort]: Place): Key => ({ partition: partition!, sort: sort! });
  return {
    ...toAttributes(key, keyAt(tablePlace)),
    ...(indexPlace !== null && toAttributes(index!, keyAt(indexPlace))),
  };
}

export function placeOf(row: Row, byIndex: boolean): Place {
  const place = [row.key.partition, row.key.sort];
  return byIndex ? [row.index!.partition, row.index!.sort, ...place] : place;
}
