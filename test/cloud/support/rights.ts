import type { JsonObject } from '#core/json.ts';
import { TABLE_SHAPES } from '#store/table-shapes.ts';
import type { Assembly } from './assembly.ts';
import type { Outgoing } from './outgoing.ts';
import { resourcesOf, type Known } from './template.ts';

/** An action of IAM on one resource, by its ARN; `*` where the action has no resource level. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  /** The partition key of an item of DynamoDB: `dynamodb:LeadingKeys`. */
  readonly partition?: string | undefined;
}

/** What a policy allows. `*` in a resource and in a partition stands for any text. */
interface Right {
  readonly effect: 'Allow' | 'Deny';
  readonly action: string;
  readonly resource: string;
  /** Omitted: any. */
  readonly partitions?: readonly string[] | undefined;
}

/** What the role of a function may do. */
export type Rights = readonly Right[];

/** The rights of each function, by its name, as the policies of the templates give them to its role. */
export function rightsIn(assembly: Assembly, known: Known): ReadonlyMap<string, Rights> {
  return new Map(
    assembly.templates.flatMap((template) => {
      const functions = Object.values(resourcesOf(template, 'AWS::Lambda::Function', known));
      // The template of a target account has none, and is none that is deployed here.
      if (functions.length === 0) return [];
      const roles = Object.keys(resourcesOf(template, 'AWS::IAM::Role', known));
      const policies = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) =>
        Object.values(
          resourcesOf(template, type, { ...known, refs: Object.fromEntries(roles.map((id) => [id, id])) }),
        ),
      );
      return functions.map(({ FunctionName, Role }): [string, Rights] => {
        const role = (Role as string).replace(/\.Arn$/, '');
        const own = policies.filter(({ Roles }) => (Roles as string[]).includes(role));
        return [FunctionName as string, own.flatMap(rightsOf)];
      });
    }),
  );
}

interface Statement {
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;
  readonly Effect: 'Allow' | 'Deny';
}

function rightsOf({ PolicyDocument }: JsonObject): Right[] {
  const { Statement: statements } = PolicyDocument as unknown as { Statement: Statement[] };
  return statements.flatMap(({ Effect, Action, Resource, Condition = {} }) => {
    const keys = Object.values(Condition).flatMap((one) => one['dynamodb:LeadingKeys'] ?? []);
    const partitions = keys.length === 0 ? {} : { partitions: keys };
    return [Action]
      .flat()
      .flatMap((action) =>
        [Resource].flat().map((resource) => ({ effect: Effect, action, resource, ...partitions })),
      );
  });
}

/** The rights that allow what is needed. */
export function allowing(rights: Rights, need: Need): Rights {
  return rights.filter((right) => right.effect === 'Allow' && covers(right, need));
}

/** True if a statement allows what is needed, and none denies it. */
export function isAllowed(rights: Rights, need: Need): boolean {
  const denying = rights.some((right) => right.effect === 'Deny' && covers(right, need));
  return !denying && allowing(rights, need).length > 0;
}

function covers(right: Right, need: Need): boolean {
  return (
    right.action === need.action &&
    isLike(need.resource, right.resource) &&
    (right.partitions?.some((one) => isLike(need.partition!, one)) ?? true)
  );
}

function isLike(text: string, pattern: string): boolean {
  return new RegExp(`^${pattern.replaceAll(/[^\w*]/g, '\\$&').replaceAll('*', '.*')}$`).test(text);
}

/** In words: `dynamodb:GetItem table/platform-records settings`. */
export function wordsOf({ action, resource, ...item }: Need | Right): string {
  const where = resource === '*' ? resource : resource.split(':').slice(5).join(':');
  const { partitions, partition } = item as Partial<Need & Right>;
  return [action, where, partitions?.join(', ') ?? partition].filter(Boolean).join(' ');
}

/** True for rights to the services that the platform itself stands on. */
export function isOfPlatform({ action }: Need | Right): boolean {
  return PLATFORM.has(action.split(':')[0]!);
}

/** What operations do elsewhere is recorded where they are tested. */
const PLATFORM = new Set(['dynamodb', 'states']);

/**
 * What a call needs. Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html and
 * …/list_awsstepfunctions.html; a transaction needs the rights of what is in it
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html).
 */
export function needsOf(
  { service, operation, body }: Outgoing,
  { region, account }: Pick<Known, 'region' | 'account'>,
): Need[] {
  if (!PLATFORM.has(service)) return [];
  const input = JSON.parse(body) as JsonObject;
  if (service !== 'dynamodb') {
    const { stateMachineArn, executionArn } = input;
    return [
      { action: `${service}:${operation}`, resource: (stateMachineArn ?? executionArn ?? '*') as string },
    ];
  }
  const tables = `arn:aws:dynamodb:${region}:${account}:table`;
  const need = (name: string, { TableName, IndexName, ...call }: JsonObject): Need => ({
    action: `dynamodb:${name}`,
    resource: [
      `${tables}/${TableName as string}`,
      ...(IndexName === undefined ? [] : [`index/${IndexName as string}`]),
    ].join('/'),
    partition: partitionOf(call),
  });
  if (operation === 'BatchGetItem')
    return Object.entries(input['RequestItems'] as Record<string, { Keys: JsonObject[] }>).flatMap(
      ([TableName, { Keys }]) => Keys.map((Key) => need(operation, { TableName, Key })),
    );
  if (!operation.startsWith('Transact')) return [need(operation, input)];
  return (input['TransactItems'] as JsonObject[]).flatMap((item) =>
    Object.entries(item).map(([kind, one]) => need(ITEM[kind]!, one as JsonObject)),
  );
}

const ITEM: Readonly<Record<string, string>> = {
  ConditionCheck: 'ConditionCheckItem',
  Delete: 'DeleteItem',
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
};

const PARTITION_KEYS = Object.values(TABLE_SHAPES).map(({ key }) => key.partition);

/** Of the item, of its key, or of a query; `undefined` for a scan. */
function partitionOf({ Item, Key, ExpressionAttributeValues }: JsonObject): string | undefined {
  const attributes = (Item ?? Key) as Record<string, { S: string }> | undefined;
  if (attributes === undefined)
    return (ExpressionAttributeValues as Record<string, { S: string }>)?.[':p']?.S;
  return PARTITION_KEYS.map((name) => attributes[name]?.S).find((value) => value !== undefined);
}
