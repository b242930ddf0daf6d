import type {
  BatchGetItemCommandInput,
  BatchGetItemCommandOutput,
  CancellationReason,
  GetItemCommandInput,
  GetItemCommandOutput,
  QueryCommandInput,
  QueryCommandOutput,
  ScanCommandInput,
  ScanCommandOutput,
  TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';

/**
 * What the store needs of DynamoDB; the door to AWS offers it (`openDynamoDb`). Each call is repeated there, by its tables and its
 * clock, when it was throttled, met another transaction, or its answer was lost; what fails for good is a `BreakwaterError`.
 */
export interface DynamoDb {
  getItem(input: GetItemCommandInput): Promise<GetItemCommandOutput>;
  batchGetItem(input: BatchGetItemCommandInput): Promise<BatchGetItemCommandOutput>;
  query(input: QueryCommandInput): Promise<QueryCommandOutput>;
  scan(input: ScanCommandInput): Promise<ScanCommandOutput>;
  /** Answers `null` when it is written; or why not, item by item, if a condition was not met. The same token writes once. */
  transactWriteItems(
    input: TransactWriteItemsCommandInput & { readonly ClientRequestToken: string },
  ): Promise<readonly CancellationReason[] | null>;
}
