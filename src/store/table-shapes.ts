import type { TableName } from './port.ts';

/** What the parts of a `Key` are called in a table of DynamoDB. Without `sort` the table has no sort key. */
interface KeyNames {
  readonly partition: string;
  readonly sort?: string;
}

export interface TableShape {
  readonly key: KeyNames;
  /** The table's one secondary index; rows that bear no `index` are not in it. Without it the table has none. */
  readonly index?: Required<KeyNames> & { readonly name: string };
}

const BY_INDEX = { name: 'IndexPartition-IndexSort', partition: 'IndexPartition', sort: 'IndexSort' };

/**
 * The tables as they stand in DynamoDB: the store reads and writes by this, and whatever creates tables creates these. Names of
 * the first four, their keys and the index of `execution-history` are the specification's.
 */
export const TABLE_SHAPES: Readonly<Record<TableName, TableShape>> = {
  'protection-groups': { key: { partition: 'GroupId' } },
  'recovery-plans': { key: { partition: 'PlanId' } },
  'execution-history': {
    key: { partition: 'ExecutionId' },
    index: { name: 'Status-StartedAt', partition: 'Status', sort: 'StartedAt' },
  },
  'target-accounts': { key: { partition: 'AccountId' } },
  'execution-records': { key: { partition: 'ExecutionId', sort: 'RecordKey' }, index: BY_INDEX },
  'platform-records': { key: { partition: 'Collection', sort: 'RecordKey' }, index: BY_INDEX },
};
