import {
  BatchGetItemCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type CancellationReason,
  type TransactWriteItemsCommandInput,
  type TransactWriteItemsCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { one, type CallsOf, type OperationSpec } from '../operation-spec.ts';
import type { ClientConfig, ServiceSpec } from '../service-spec.ts';

/** A token is not optional: without the same one, a transaction whose answer was lost would be made twice. */
type TransactionInput = TransactWriteItemsCommandInput & { readonly ClientRequestToken: string };

/** Answers `null` when it is written; or, if a condition was not met, why not, item by item: nothing is written then. */
const transactWriteItems: OperationSpec<TransactionInput, readonly CancellationReason[] | null> = {
  makeCommand: (input) => new TransactWriteItemsCommand(input),
  repeatable: true,
  paging: null,
  readError: readCancellation,
  pick: (output: TransactWriteItemsCommandOutput & { CancellationReasons?: CancellationReason[] }) =>
    output.CancellationReasons ?? null,
};

/**
 * A transaction that was cancelled for another reason than a condition is judged by that reason:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
function readCancellation(error: unknown): object {
  if (!(error instanceof TransactionCanceledException)) throw error;
  const { CancellationReasons = [] } = error;
  if (CancellationReasons.some(({ Code }) => Code === 'ConditionalCheckFailed'))
    return { CancellationReasons };
  const reason = CancellationReasons.find(({ Code = 'None' }) => Code !== 'None');
  if (reason === undefined) throw error;
  const { Code: code, Message: message = error.message } = reason;
  throw Object.assign(error, { name: exceptionOf(code!), message });
}

/** `TransactionConflict` → `TransactionConflictException`, as the same trouble is called outside of a transaction. */
function exceptionOf(code: string): string {
  return code.endsWith('Error') ? code.replace(/Error$/, 'Exception') : `${code}Exception`;
}

/** What Breakwater calls of Amazon DynamoDB. */
export const dynamodbService = {
  iamPrefix: 'dynamodb',
  // IAM has no action for a transaction: it takes the rights to put and delete items, and to check conditions.
  iamNames: { transactWriteItems: 'PutItem' },
  // It answers within milliseconds, or not at all.
  answerTimeoutMs: 10_000,
  newClient: (config: ClientConfig) => new DynamoDBClient(config),
  operations: {
    getItem: one(GetItemCommand),
    batchGetItem: one(BatchGetItemCommand),
    query: one(QueryCommand),
    scan: one(ScanCommand),
    transactWriteItems,
    describeTable: one(DescribeTableCommand),
    describeContinuousBackups: one(DescribeContinuousBackupsCommand),
  },
} satisfies ServiceSpec;

export type DynamoDbCalls = CallsOf<typeof dynamodbService.operations>;
