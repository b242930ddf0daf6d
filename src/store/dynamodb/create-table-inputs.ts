import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { TABLES } from '../port.ts';
import { TABLE_SHAPES, type TableShape } from '../table-shapes.ts';

/** What `CreateTable` takes to make the tables: for tests, and wherever no one deploys them. */
export function createTableInputs(prefix = ''): CreateTableCommandInput[] {
  return TABLES.map((table) => {
    const { key, index } = TABLE_SHAPES[table];
    const attributes = [key, index].flatMap((names) => [names?.partition, names?.sort]);
    return {
      TableName: `${prefix}${table}`,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: attributes
        .filter((name) => name !== undefined)
        .map((name) => ({ AttributeName: name, AttributeType: 'S' })),
      KeySchema: keySchema(key),
      ...(index !== undefined && {
        GlobalSecondaryIndexes: [
          { IndexName: index.name, KeySchema: keySchema(index), Projection: { ProjectionType: 'ALL' } },
        ],
      }),
    };
  });
}

function keySchema({ partition, sort }: TableShape['key']): CreateTableCommandInput['KeySchema'] {
  return [
    { AttributeName: partition, KeyType: 'HASH' },
    ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' } as const]),
  ];
}
