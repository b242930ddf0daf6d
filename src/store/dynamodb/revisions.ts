import type { KeysAndAttributes } from '@aws-sdk/client-dynamodb';
import type { Key, TableName, Write } from '../port.ts';
import { TABLE_SHAPES } from '../table-shapes.ts';
import type { DynamoDb } from './calls.ts';
import { REVISION, revisionOf, toAttributes, toKey } from './items.ts';

/** A row's revision, or that it is not there. */
export type Revision = number | 'absent';

/**
 * The revisions of the rows of at most 100 writes, which is what `BatchGetItem` takes, in their order. Its answers end at 16 MB; what
 * it left over is asked for again.
 */
export async function readRevisions(
  dynamoDb: DynamoDb,
  prefix: string,
  writes: readonly Write[],
): Promise<Revision[]> {
  const found = new Map<string, number>();
  let asked = requestOf(prefix, writes);
  while (Object.keys(asked).length > 0) {
    const { Responses = {}, UnprocessedKeys = {} } = await dynamoDb.batchGetItem({ RequestItems: asked });
    for (const [tableName, items] of Object.entries(Responses)) {
      const table = tableName.slice(prefix.length) as TableName;
      for (const item of items)
        found.set(nameOf(table, toKey(TABLE_SHAPES[table].key, item)!), revisionOf(item));
    }
    asked = UnprocessedKeys;
  }
  return writes.map(({ table, key }) => found.get(nameOf(table, key)) ?? 'absent');
}

function requestOf(prefix: string, writes: readonly Write[]): Record<string, KeysAndAttributes> {
  const requests = [...Map.groupBy(writes, ({ table }) => table)].map(([table, some]) => {
    const names = TABLE_SHAPES[table].key;
    const attributes = { '#p': names.partition, ...(names.sort && { '#s': names.sort }), '#r': REVISION };
    const request: KeysAndAttributes = {
      Keys: some.map(({ key }) => toAttributes(names, key)),
      ConsistentRead: true,
      ProjectionExpression: Object.keys(attributes).join(', '),
      ExpressionAttributeNames: attributes,
    };
    return [prefix + table, request];
  });
  return Object.fromEntries(requests);
}

function nameOf(table: TableName, { partition, sort }: Key): string {
  return JSON.stringify([table, partition, sort]);
}
