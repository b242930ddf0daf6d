/**
 * `TransactWriteItems` for dynalite, which has none, and which every write of ours is.
 *
 * dynalite's: what an item is, what a condition means and whether it holds, keys, indexes, pages, `BatchGetItem`, its own validation.
 * Ours, so that no test on it proves anything of them: that all is written or nothing, that nobody sees the half of it, what a
 * token is remembered for, how a refusal is told. They are written after
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html, and DynamoDB Local stays the judge
 * of them (`dynamodb-local.test.ts`). Left out: limits of number and size, and two operations on one item, which the store refuses before.
 */
type Item = Readonly<Record<string, unknown>>;

/** An answer by DynamoDB's JSON protocol. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One call of dynalite. */
export type Call = (operation: string, input: object) => Promise<Answer>;

interface Condition {
  readonly TableName: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
}

/** One of a transaction: exactly one member is there. */
interface TransactItem {
  readonly Put?: Condition & { readonly Item: Item };
  readonly Delete?: Condition & { readonly Key: Item };
  readonly ConditionCheck?: Condition & { readonly Key: Item };
}

export interface Transaction {
  readonly TransactItems: readonly TransactItem[];
  readonly ClientRequestToken?: string;
}

interface Step {
  readonly reason: Readonly<Record<string, unknown>>;
  /** Puts back what was before. */
  readonly undo: (() => Promise<unknown>) | null;
}

/** Carries out transactions by single calls. Whoever uses it lets nothing else happen meanwhile. */
export function transactionsOn(call: Call): (transaction: Transaction) => Promise<Answer> {
  const done = new Map<string, string>();
  return async (transaction) => {
    const { TransactItems, ClientRequestToken: token } = transaction;
    const known = token === undefined ? undefined : done.get(token);
    if (known === JSON.stringify(TransactItems)) return { status: 200, body: {} };
    if (known !== undefined) return failure('IdempotentParameterMismatchException', {});
    const steps: Step[] = [];
    // All are tried, also after one was refused: the answer has a reason for each.
    for (const item of TransactItems) steps.push(await carryOut(call, item));
    if (steps.every(({ reason }) => reason['Code'] === 'None')) {
      if (token !== undefined) done.set(token, JSON.stringify(TransactItems));
      return { status: 200, body: {} };
    }
    for (const { undo } of steps.toReversed()) await undo?.();
    return failure('TransactionCanceledException', {
      CancellationReasons: steps.map(({ reason }) => reason),
    });
  };
}

/** A check is a conditional removal that is taken back. */
async function carryOut(call: Call, { Put, Delete, ConditionCheck }: TransactItem): Promise<Step> {
  const asked = Put ?? Delete ?? ConditionCheck!;
  const { ReturnValuesOnConditionCheckFailure: returned, ...input } = asked;
  const operation = Put === undefined ? 'DeleteItem' : 'PutItem';
  const { status, body } = await call(operation, { ...input, ReturnValues: 'ALL_OLD' });
  const { TableName } = asked;
  const Key = Put === undefined ? (Delete ?? ConditionCheck!).Key : await keyOf(call, Put);
  if (status !== 200) {
    const Code = String(body['__type']).split('#')[1]!;
    if (Code !== 'ConditionalCheckFailedException')
      return { reason: { Code: 'ValidationError', Message: body['message'] }, undo: null };
    const found = await call('GetItem', { TableName, Key, ConsistentRead: true });
    const { Item } = found.body;
    const reason = {
      Code: 'ConditionalCheckFailed',
      Message: body['message'],
      ...(returned === 'ALL_OLD' && Item !== undefined && { Item }),
    };
    return { reason, undo: null };
  }
  const Old = body['Attributes'];
  const undo = async (): Promise<unknown> =>
    Old === undefined ? call('DeleteItem', { TableName, Key }) : call('PutItem', { TableName, Item: Old });
  if (ConditionCheck !== undefined) await undo();
  return { reason: { Code: 'None' }, undo: ConditionCheck === undefined ? undo : null };
}

async function keyOf(call: Call, { TableName, Item }: NonNullable<TransactItem['Put']>): Promise<Item> {
  const { body } = await call('DescribeTable', { TableName });
  const { KeySchema } = body['Table'] as { KeySchema: readonly { AttributeName: string }[] };
  return Object.fromEntries(KeySchema.map(({ AttributeName: name }) => [name, Item[name]]));
}

function failure(name: string, more: object): Answer {
  return {
    status: 400,
    body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name, ...more },
  };
}
