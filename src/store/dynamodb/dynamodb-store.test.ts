import { describe, expect, test } from 'vitest';
import { openDynamoDb } from '#aws/open-dynamodb.ts';
import { virtualClock } from '#clocks/virtual.ts';
import type { Write } from '../port.ts';
import { createTableInputs } from './create-table-inputs.ts';
import { DynamoDbStore } from './dynamodb-store.ts';

interface Seen {
  readonly operation: string;
  /** ms since the first request could have come. */
  readonly at: number;
  readonly input: {
    readonly ClientRequestToken?: string;
    readonly ConsistentRead?: boolean;
    readonly ExclusiveStartKey?: object;
    readonly RequestItems?: object;
    readonly TransactItems?: readonly Readonly<Record<string, { ExpressionAttributeValues?: object }>>[];
  };
}

type Answer = object | Error;

/** A store whose requests are answered by `answers`, one after the other, in virtual time. */
function scripted(...answers: Answer[]) {
  const clock = virtualClock({ startsAt: 0 });
  const seen: Seen[] = [];
  const handle = async (request: never): Promise<unknown> => {
    const { headers, body } = request as { headers: Record<string, string>; body: string | Uint8Array };
    const input = JSON.parse(Buffer.from(body as string).toString()) as Seen['input'];
    seen.push({ operation: headers['x-amz-target']!.split('.')[1]!, at: clock.now(), input });
    const answer = answers.shift();
    if (answer === undefined) throw new Error('one request more than there are answers');
    if (answer instanceof Error) throw answer;
    const type = { 'content-type': 'application/x-amz-json-1.0' };
    const statusCode = '__type' in answer ? 400 : 200;
    return { response: { statusCode, headers: type, body: Buffer.from(JSON.stringify(answer)) } };
  };
  const dynamoDb = openDynamoDb({
    clock,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: { handle },
    random: () => 0.5,
  });
  return { store: new DynamoDbStore({ dynamoDb, prefix: 'dr-' }), seen };
}

function awsError(name: string, message = 'words of AWS', more: object = {}): Answer {
  return { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message, ...more };
}

function cancelled(...reasons: object[]): Answer {
  return awsError('TransactionCanceledException', 'Transaction cancelled', { CancellationReasons: reasons });
}

const NONE = { Code: 'None' };
const lost = (): Answer => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
const put = (sort: string, expectation: Write['expect'] = 'absent'): Write => ({
  kind: 'put',
  table: 'execution-records',
  key: { partition: 'e', sort },
  value: 1,
  expect: expectation as 'absent',
});
const item = (sort: string, revision = 1) => ({
  ExecutionId: { S: 'e' },
  RecordKey: { S: sort },
  Revision: { N: String(revision) },
  Value: { S: '1' },
});
const refused = (revision?: number) => ({
  Code: 'ConditionalCheckFailed',
  ...(revision !== undefined && { Item: item('a', revision) }),
});
const query = { table: 'execution-records', partition: 'e' } as const;

describe('a write', () => {
  test('that is throttled is sent again with back-off, until it is taken', async () => {
    const throttled = awsError('ProvisionedThroughputExceededException');
    const { store, seen } = scripted(throttled, awsError('ThrottlingException'), {});
    expect(await store.write([put('a')])).toEqual([1]);
    expect(seen.map(({ at }) => at)).toEqual([0, 500, 1_500]);
  });

  test('that meets another transaction, or throttling within, is sent again soon', async () => {
    const conflict = cancelled(NONE, { Code: 'TransactionConflict' });
    const { store, seen } = scripted(conflict, conflict, cancelled({ Code: 'ThrottlingError' }, NONE), {});
    expect(await store.write([put('a'), put('b')])).toEqual([1, 1]);
    expect(seen.map(({ at }) => at)).toEqual([0, 25, 75, 2_075]);
  });

  test('whose answer was lost is sent again with the same token, until its first sending has ended', async () => {
    const { store, seen } = scripted(lost(), awsError('TransactionInProgressException'), {});
    expect(await store.write([put('a')])).toEqual([1]);
    const tokens = seen.map(({ input }) => input.ClientRequestToken);
    expect(tokens[0]).toMatch(/^[-\da-f]{36}$/);
    expect(tokens).toEqual([tokens[0], tokens[0], tokens[0]]);
  });

  test('that meets other transactions eight times fails, and can be tried again', async () => {
    const { store, seen } = scripted(
      ...Array.from({ length: 8 }, () => cancelled({ Code: 'TransactionConflict', Message: 'is ongoing' })),
    );
    await expect(store.write([put('a')])).rejects.toMatchObject({
      code: 'AwsConflict',
      retry: 'retryable',
      details: { awsError: 'TransactionConflictException', awsMessage: 'is ongoing', ambiguous: false },
    });
    expect(seen).toHaveLength(8);
  });

  test('that is refused for a condition tells the revision without asking again', async () => {
    const { store, seen } = scripted(cancelled(NONE, refused(7)), cancelled(refused()));
    await expect(store.write([put('b'), put('a', 3)])).rejects.toMatchObject({
      code: 'RevisionConflict',
      details: { table: 'execution-records', partition: 'e', sort: 'a', expected: 3, actual: 7 },
    });
    await expect(store.write([put('a', 3)])).rejects.toMatchObject({ details: { actual: 'absent' } });
    expect(seen).toHaveLength(2);
  });

  test('of a condition that fails beside a conflict is refused, not repeated', async () => {
    const { store } = scripted(cancelled({ Code: 'TransactionConflict' }, refused(2)));
    await expect(store.write([put('b'), put('a')])).rejects.toMatchObject({ code: 'RevisionConflict' });
  });

  test('that takes any revision follows the one that is there, also if that changes in between', async () => {
    const found = { Responses: { 'dr-execution-records': [item('a', 4)] } };
    const { store, seen } = scripted(found, cancelled(refused(6), NONE), {});
    expect(await store.write([put('a', 'any'), put('b', 3)])).toEqual([7, 4]);
    expect(seen.map(({ operation }) => operation)).toEqual([
      'BatchGetItem',
      'TransactWriteItems',
      'TransactWriteItems',
    ]);
    const conditions = seen
      .slice(1)
      .map(({ input }) => input.TransactItems!.map(({ Put }) => Put!.ExpressionAttributeValues));
    const three = { ':r': { N: '3' } };
    expect(conditions).toEqual([
      [{ ':r': { N: '4' } }, three],
      [{ ':r': { N: '6' } }, three],
    ]);
    expect(seen[1]!.input.ClientRequestToken).not.toBe(seen[2]!.input.ClientRequestToken);
  });

  test('asks again for revisions that were left over', async () => {
    const table = 'dr-execution-records';
    const rest = { [table]: { Keys: [{ ExecutionId: { S: 'e' }, RecordKey: { S: 'b' } }] } };
    const { store, seen } = scripted(
      { Responses: { [table]: [item('a', 4)] }, UnprocessedKeys: rest },
      { Responses: { [table]: [item('b', 8)] } },
      {},
    );
    expect(await store.write([put('a', 'any'), put('b', 'any')])).toEqual([5, 9]);
    expect(seen[1]!.input.RequestItems).toEqual(rest);
  });

  test.each([
    {
      name: 'an item',
      answer: awsError('ValidationException', 'Item size has exceeded the maximum allowed size'),
    },
    {
      name: 'an item of a transaction',
      answer: cancelled({
        Code: 'ValidationError',
        Message: 'Item size to update has exceeded the maximum allowed size',
      }),
    },
    {
      name: 'the transaction',
      answer: awsError(
        'ValidationException',
        'Member must have length less than or equal to 4194304: the total size of the transaction exceeds the limit',
      ),
    },
  ])('whose size DynamoDB refuses, of $name, is told to be too large', async ({ answer }) => {
    const { store } = scripted(answer);
    await expect(store.write([put('a')])).rejects.toMatchObject({ code: 'RecordTooLarge' });
  });

  test('without the right is refused as every call of AWS is', async () => {
    const { store } = scripted(awsError('AccessDeniedException', 'not authorized'));
    await expect(store.write([put('a')])).rejects.toMatchObject({
      code: 'AwsAccessDenied',
      details: { iamAction: 'dynamodb:PutItem' },
    });
  });
});

describe('a read', () => {
  test('goes on over answers that end early, or hold nothing, until the page is full', async () => {
    const [a, b] = [{ ExecutionId: { S: 'e' }, RecordKey: { S: 'a' } }, { RecordKey: { S: 'b' } }];
    const { store, seen } = scripted(
      { Items: [item('a')], LastEvaluatedKey: a },
      { Items: [], LastEvaluatedKey: b },
      { Items: [item('c'), item('d')] },
    );
    const page = await store.query({ ...query, limit: 2 });
    expect(page.rows.map(({ key }) => key.sort)).toEqual(['a', 'c']);
    expect(page.cursor).toBeDefined();
    expect(seen.map(({ input }) => input.ExclusiveStartKey)).toEqual([undefined, a, b]);
  });

  test('is consistent by key, and cannot be by index', async () => {
    const { store, seen } = scripted({}, {}, {}, {});
    await store.get({ table: 'execution-records', key: { partition: 'e', sort: 'a' } });
    await store.scan({ table: 'execution-records' });
    await store.query(query);
    await store.query({ ...query, byIndex: true });
    expect(seen.map(({ input }) => input.ConsistentRead)).toEqual([true, true, true, undefined]);
  });

  test('from a cursor that DynamoDB cannot start at is refused as the cursor of another query', async () => {
    const { store } = scripted(
      { Items: [item('a'), item('b')] },
      awsError('ValidationException', 'The provided starting key is outside query boundaries'),
    );
    const { cursor } = await store.query({ ...query, limit: 1 });
    const elsewhere = { ...query, sortPrefix: 'z', cursor: cursor! };
    await expect(store.query(elsewhere)).rejects.toMatchObject({ code: 'CursorInvalid' });
  });

  test('of an item that no store has written reports damage', async () => {
    const { store } = scripted({ Item: { ...item('a'), Value: { S: '{' } } });
    const key = { partition: 'e', sort: 'a' };
    await expect(store.get({ table: 'execution-records', key })).rejects.toMatchObject({
      code: 'StoreCorrupt',
      message: 'table execution-records has an item that is no record',
    });
  });
});

test('tables are made with the names and keys of the specification, on demand', () => {
  const history = createTableInputs('dr-').find(({ TableName }) => TableName === 'dr-execution-history');
  expect(history).toEqual({
    TableName: 'dr-execution-history',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'ExecutionId', AttributeType: 'S' },
      { AttributeName: 'Status', AttributeType: 'S' },
      { AttributeName: 'StartedAt', AttributeType: 'S' },
    ],
    KeySchema: [{ AttributeName: 'ExecutionId', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'Status-StartedAt',
        KeySchema: [
          { AttributeName: 'Status', KeyType: 'HASH' },
          { AttributeName: 'StartedAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
  const keys = createTableInputs().map(({ TableName, KeySchema }) => [
    TableName,
    ...KeySchema!.map(({ AttributeName }) => AttributeName),
  ]);
  expect(keys).toEqual([
    ['protection-groups', 'GroupId'],
    ['recovery-plans', 'PlanId'],
    ['execution-history', 'ExecutionId'],
    ['target-accounts', 'AccountId'],
    ['execution-records', 'ExecutionId', 'RecordKey'],
    ['platform-records', 'Collection', 'RecordKey'],
  ]);
});
