import { Aws, type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, Architecture, Code, Function as Lambda, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { TABLES } from '../../src/store/port.ts';
import { TABLE_SHAPES } from '../../src/store/table-shapes.ts';
import type { FunctionName } from './bundle.ts';
import { acknowledgeActions, acknowledgeResources, statementsOf } from './policy.ts';
import type { RecordsStack } from './stacks/records.ts';
import type { Settings } from './settings.ts';

/** Functions, log groups, roles and state machines are named `breakwater-…`; the trust of target roles goes by it. */
export const named = (name: string): string => `breakwater-${name}`;

/** How long logs are kept, by the days of the settings. */
export const RETENTION: Readonly<Record<Settings['logDays'], RetentionDays>> = {
  30: RetentionDays.ONE_MONTH,
  60: RetentionDays.TWO_MONTHS,
  90: RetentionDays.THREE_MONTHS,
  180: RetentionDays.SIX_MONTHS,
  365: RetentionDays.ONE_YEAR,
  731: RetentionDays.TWO_YEARS,
};

export interface FunctionParams {
  readonly name: FunctionName;
  /** The handlers that it performs: each is an alias. */
  readonly handlers: readonly string[];
  /** What it may do in its own account, by the declarations of the operations. */
  readonly actions: readonly string[];
  readonly timeout: Duration;
}

export interface FunctionPlace {
  readonly settings: Settings;
  readonly records: RecordsStack;
  /** Where the bundles are. */
  readonly functions: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A function with a role of its own, which may do what its operations declare, and nothing else. */
export function addFunction(
  scope: Construct,
  { name, handlers, actions, timeout }: FunctionParams,
  place: FunctionPlace,
): Lambda {
  const functionName = named(name);
  const logGroup = new LogGroup(scope, `${name}-logs`, {
    logGroupName: `/aws/lambda/${functionName}`,
    retention: RETENTION[place.settings.logDays],
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const role = new Role(scope, `${name}-role`, {
    roleName: functionName,
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
  const rights = new ManagedPolicy(scope, `${name}-operations`, {
    description: `What the operations of ${name} declare that they need`,
    statements: statementsOf(actions),
    roles: [role],
  });
  acknowledgeActions(rights, actions);
  for (const statement of ownStatements(place, logGroup)) role.addToPolicy(statement);
  acknowledgeResources(role, {
    '*': 'AWS has no resource level for states:SendTaskSuccess, xray:PutTraceSegments and xray:PutTelemetryRecords',
    [`arn:<AWS::Partition>:iam::*:role/${place.settings.targetRole}`]:
      'target accounts come and go in the records; only a role of this name, and only within the organization',
  });
  const lambda = new Lambda(scope, name, {
    functionName,
    description: `Breakwater: ${handlers.join(', ') || name}`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: Code.fromAsset(`${place.functions}/${name}`),
    handler: 'index.handler',
    memorySize: 512,
    timeout,
    role,
    logGroup,
    tracing: Tracing.ACTIVE,
    environment: place.environment,
  });
  for (const aliasName of handlers) {
    new Alias(scope, `${name}-${aliasName}`, { aliasName, version: lambda.currentVersion });
  }
  return lambda;
}

/** What every function may do: read and write records, answer the engine, enter target accounts, write its log. */
function ownStatements({ settings, records }: FunctionPlace, logGroup: LogGroup): PolicyStatement[] {
  const allow = (sid: string, actions: string[], resources: string[], conditions = {}): PolicyStatement =>
    new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources, conditions });
  return [
    allow(
      'Records',
      ['BatchGetItem', 'ConditionCheckItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'Scan'].map(
        (name) => `dynamodb:${name}`,
      ),
      tableArns(settings),
    ),
    allow(
      'RecordsKey',
      [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:Encrypt',
        'kms:GenerateDataKey',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      [records.keyArn],
      { StringEquals: { 'kms:ViaService': `dynamodb.${Aws.REGION}.amazonaws.com` } },
    ),
    allow('Gates', ['states:SendTaskSuccess'], ['*']),
    allow('TargetAccounts', ['sts:AssumeRole'], [`arn:${Aws.PARTITION}:iam::*:role/${settings.targetRole}`], {
      StringEquals: { 'aws:ResourceOrgID': '${aws:PrincipalOrgID}' },
    }),
    allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
  ];
}

/** The tables and their indexes, each by its name. */
function tableArns({ tablePrefix }: Settings): string[] {
  const tables = `arn:${Aws.PARTITION}:dynamodb:${Aws.REGION}:${Aws.ACCOUNT_ID}:table/${tablePrefix}`;
  return TABLES.flatMap((name) => {
    const { index } = TABLE_SHAPES[name];
    return [`${tables}${name}`, ...(index === undefined ? [] : [`${tables}${name}/index/${index.name}`])];
  });
}
