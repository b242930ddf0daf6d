import { SETTINGS_PARTITION } from '#control/settings.ts';
import { UNCHAINED } from '#store/audit-progress.ts';
import { ANNOUNCED, AUDIT_TABLE } from '#store/audit-rows.ts';
import { LOCK_PARTITIONS } from '#store/locks.ts';
import type { TableName } from '#store/port.ts';
import { TURNS_PARTITION } from '#store/turns.ts';

/**
 * What a function does in the records. `gates`: it changes executions. `technologies`: besides, it asks for groups, accounts and solutions,
 * announces to the audit trail, and takes turns. `waves`: so too, but it takes locks instead of turns. `jobs` and `api`: it is the
 * control plane; the second lets people keep what they make.
 */
export type RecordsUse = 'gates' | 'technologies' | 'waves' | 'jobs' | 'api';

/** Actions of DynamoDB on a table, without `dynamodb:`, and on its index. */
export interface RecordsRight {
  readonly id: string;
  readonly table: TableName;
  readonly actions: readonly string[];
  /** On the index of the table; default: none. */
  readonly indexActions?: readonly string[];
  /** `dynamodb:LeadingKeys`; `*` stands for any text. Default: all. */
  readonly partitions?: readonly string[];
}

/** Before a write that expects nothing, and of one that was refused, the store reads the row as it is. */
const CHANGE = ['BatchGetItem', 'GetItem', 'PutItem'];
const KEEP = [...CHANGE, 'DeleteItem', 'Scan'];

const EXECUTIONS: readonly RecordsRight[] = [
  { id: 'Executions', table: 'execution-history', actions: CHANGE },
  { id: 'ExecutionRecords', table: 'execution-records', actions: [...CHANGE, 'Query'] },
];

const TECHNOLOGIES: readonly RecordsRight[] = [
  ...EXECUTIONS,
  { id: 'Groups', table: 'protection-groups', actions: ['GetItem'] },
  { id: 'Accounts', table: 'target-accounts', actions: ['GetItem'] },
  { id: 'Notes', table: AUDIT_TABLE, actions: CHANGE, partitions: [UNCHAINED, ANNOUNCED] },
  { id: 'Solutions', table: 'platform-records', actions: ['GetItem'], partitions: [SETTINGS_PARTITION] },
];

const CONTROL: readonly RecordsRight[] = [
  {
    id: 'Executions',
    table: 'execution-history',
    actions: [...CHANGE, 'ConditionCheckItem'],
    indexActions: ['Query'],
  },
  { id: 'ExecutionRecords', table: 'execution-records', actions: [...CHANGE, 'Query'] },
];

const PLATFORM: RecordsRight = {
  id: 'Platform',
  table: 'platform-records',
  actions: [...CHANGE, 'DeleteItem', 'Query'],
};

/** What a function does and may not do fails `test/cloud`; so does what it may change or list and never does. */
export const RECORDS_RIGHTS: Readonly<Record<RecordsUse, readonly RecordsRight[]>> = {
  // An event after the end of its execution leaves a note that it is to be chained.
  gates: [...EXECUTIONS, { id: 'Notes', table: AUDIT_TABLE, actions: CHANGE, partitions: [UNCHAINED] }],
  technologies: [
    ...TECHNOLOGIES,
    {
      id: 'Turns',
      table: 'platform-records',
      actions: ['DeleteItem', 'GetItem', 'PutItem'],
      partitions: [TURNS_PARTITION],
    },
  ],
  waves: [
    ...TECHNOLOGIES,
    {
      id: 'Locks',
      table: 'platform-records',
      actions: [...CHANGE, 'DeleteItem', 'Query'],
      partitions: LOCK_PARTITIONS,
    },
  ],
  jobs: [
    ...CONTROL,
    PLATFORM,
    { id: 'Groups', table: 'protection-groups', actions: ['GetItem'] },
    { id: 'Accounts', table: 'target-accounts', actions: ['GetItem', 'Scan'] },
    { id: 'Plans', table: 'recovery-plans', actions: ['GetItem'] },
  ],
  api: [
    ...CONTROL,
    { ...PLATFORM, indexActions: ['Query'] },
    { id: 'Groups', table: 'protection-groups', actions: KEEP },
    { id: 'Accounts', table: 'target-accounts', actions: KEEP },
    { id: 'Plans', table: 'recovery-plans', actions: KEEP },
  ],
};
