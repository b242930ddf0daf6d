import { createCaller } from './caller.ts';
import type { AwsOptions } from './options.ts';
import { dynamodbService, type DynamoDbCalls } from './services/dynamodb.ts';

/**
 * DynamoDB of the caller's own account, for the records. It is no part of `AwsTarget`: adapters have no business there, and a
 * function on Lambda should load no client that it does not call.
 */
export function openDynamoDb(
  options: Omit<AwsOptions, 'accounts' | 'sessionName' | 'services'>,
): DynamoDbCalls {
  const caller = createCaller({ ...options, accounts: async () => null, sessionName: 'breakwater-records' });
  const { region } = options;
  return caller.open({
    name: 'dynamodb',
    service: dynamodbService,
    accountId: undefined,
    region,
    credentials: null,
  });
}
