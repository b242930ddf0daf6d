import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Write } from '../port.ts';
import { TABLE_SHAPES } from '../table-shapes.ts';
import { REVISION, toAttributes, toItem } from './items.ts';
import type { Revision } from './revisions.ts';

/** A write, with what DynamoDB has to know of it besides. */
export interface Prepared {
  readonly write: Write;
  /** The value of a put. */
  readonly text: string | null;
  /** The revision that the row has to have; `null` for what is removed whatever it is. */
  readonly before: Revision | null;
}

/** One write as a part of a transaction. */
export function toTransactItem(prefix: string, { write, text, before }: Prepared): TransactWriteItem {
  const { table, key } = write;
  const { key: names } = TABLE_SHAPES[table];
  const TableName = prefix + table;
  const condition = before === null ? {} : conditionOf(names.partition, before);
  switch (write.kind) {
    case 'put': {
      const revision = revisionAfter(before);
      const Item = toItem({ table, key, revision, text: text!, index: write.index });
      return { Put: { TableName, Item, ...condition } };
    }
    case 'remove':
      return { Delete: { TableName, Key: toAttributes(names, key), ...condition } };
    case 'check': {
      const check = conditionOf(names.partition, write.expect);
      return { ConditionCheck: { TableName, Key: toAttributes(names, key), ...check } };
    }
  }
}

/** The revision that a put makes. */
export function revisionAfter(before: Revision | null): number {
  return typeof before === 'number' ? before + 1 : 1;
}

/** A refusal tells the row as it is, so that nobody has to look again. */
function conditionOf(partitionName: string, before: Revision) {
  const rest = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  if (before === 'absent') {
    const ExpressionAttributeNames = { '#p': partitionName };
    return { ConditionExpression: 'attribute_not_exists(#p)', ExpressionAttributeNames, ...rest };
  }
  return {
    ConditionExpression: '#r = :r',
    ExpressionAttributeNames: { '#r': REVISION },
    ExpressionAttributeValues: { ':r': { N: String(before) } },
    ...rest,
  };
}
