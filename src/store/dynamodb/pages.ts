import type { QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { BreakwaterError } from '#core/errors.ts';
import { encodeCursor } from '../cursor.ts';
import type { Page, QueryParams, TableName } from '../port.ts';
import { TABLE_SHAPES } from '../table-shapes.ts';
import { isInvalid } from './is-invalid.ts';
import { placeOf, toRow, type Item } from './items.ts';

/** How `Query` asks for it. Only the table itself can be read consistently: an index follows it, by a moment. */
export function toQuery({
  table,
  byIndex,
  partition,
  sortPrefix = '',
  order,
}: QueryParams): Partial<QueryCommandInput> {
  const { key, index } = TABLE_SHAPES[table];
  const names = byIndex ? index! : key;
  const hasPrefix = sortPrefix !== '';
  return {
    ...(byIndex ? { IndexName: index!.name } : { ConsistentRead: true }),
    KeyConditionExpression: hasPrefix ? '#p = :p AND begins_with(#s, :s)' : '#p = :p',
    ExpressionAttributeNames: { '#p': names.partition, ...(hasPrefix && { '#s': names.sort! }) },
    ExpressionAttributeValues: { ':p': { S: partition }, ...(hasPrefix && { ':s': { S: sortPrefix } }) },
    ScanIndexForward: order !== 'descending',
  };
}

interface Found {
  readonly Items?: Item[] | undefined;
  readonly LastEvaluatedKey?: Item | undefined;
}

/**
 * A page of `size` rows, by as many requests as it takes: an answer ends at 1 MB, and may end anywhere before that. One row more
 * tells whether there is another page: DynamoDB does not say.
 */
export async function readPage({
  table,
  byIndex = false,
  size,
  startKey,
  read,
}: {
  readonly table: TableName;
  readonly byIndex?: boolean | undefined;
  readonly size: number;
  /** From a cursor. */
  readonly startKey: Item | undefined;
  readonly read: (page: { Limit: number; ExclusiveStartKey: Item | undefined }) => Promise<Found>;
}): Promise<Page> {
  const items: Item[] = [];
  let next = startKey;
  do {
    const found = await read({ Limit: size + 1 - items.length, ExclusiveStartKey: next }).catch(
      (error: unknown) => {
        throw startKey === undefined ? error : explainStartKey(error);
      },
    );
    items.push(...(found.Items ?? []));
    next = found.LastEvaluatedKey;
  } while (next !== undefined && items.length <= size);
  const rows = items.slice(0, size).map((item) => toRow(table, item));
  return { rows, ...(items.length > size && { cursor: encodeCursor(placeOf(rows.at(-1)!, byIndex)) }) };
}

/** DynamoDB refuses to start outside of what is asked for, such as before a prefix. */
function explainStartKey(error: unknown): unknown {
  if (!isInvalid(error, /start(ing)? ?key/i)) return error;
  return new BreakwaterError('CursorInvalid', 'the cursor is not from a page of this query', {
    cause: error,
  });
}
