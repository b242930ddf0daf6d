import { Aws, type Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  Effect,
  type IRole,
  ManagedPolicy,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Alias, Architecture, Code, Function as Lambda, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { TABLES } from '../../src/store/port.ts';
import { TABLE_SHAPES } from '../../src/store/table-shapes.ts';
import type { FunctionName } from './function-names.ts';
import { acknowledgeResources, acknowledgeRights, statementsOf, type Rights } from './policy.ts';
import type { RoleName, Settings } from './settings.ts';

/** Functions, log groups, roles and state machines are named `breakwater-…`; the trust of target roles goes by it. */
export const named = (name: string): string => `breakwater-${name}`;

/** Of what has one name in all Regions of an account, such as roles: the standby stands beside the first deployment. */
export function namedInAll(name: string, { standby, region }: Settings): string {
  return standby ? `${named(name)}-${region}` : named(name);
}

/** In the account and Region that the template is deployed in. By name: so nothing has to wait for what it names. */
export const arnOf = (service: string, tail: string): string =>
  `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${tail}`;

/** Of the key of the records. */
export const RECORDS_KEY_ALIAS = `alias/${named('records')}`;

const DRIVEN = ['recovery', 'technology'] as const;
const MACHINES = {
  RECOVERY_MACHINE: arnOf('states', `stateMachine:${named('recovery')}`),
  TECHNOLOGY_MACHINE: arnOf('states', `stateMachine:${named('technology')}`),
};

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
  readonly rights?: Rights;
  readonly timeout: Duration;
  /** Starts and stops executions: gets the state machines by name, and the rights to them. */
  readonly drives?: boolean;
  /** How many of it may run at once; default: as many as the account allows. */
  readonly concurrency?: number;
  /** Drives plans of existing solutions: gets the right to ask those of the settings. */
  readonly asksSolutions?: boolean;
  /** Megabytes; a processor comes with them. */
  readonly memory?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface FunctionPlace {
  readonly settings: Settings;
  /** Where the bundles are. */
  readonly functions: string;
}

/** A function with a role of its own, which may do what its operations declare, and nothing else. */
export function addFunction(scope: Construct, params: FunctionParams, place: FunctionPlace): Lambda {
  const { name, handlers, timeout, drives = false } = params;
  const functionName = named(name);
  const logGroup = new LogGroup(scope, `${name}-logs`, {
    logGroupName: `/aws/lambda/${functionName}`,
    retention: RETENTION[place.settings.logDays],
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const lambda = new Lambda(scope, name, {
    functionName,
    description: `Breakwater: ${handlers.join(', ') || name}`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: Code.fromAsset(`${place.functions}/${name}`),
    handler: 'index.handler',
    memorySize: params.memory ?? 512,
    timeout,
    ...(params.concurrency !== undefined && { reservedConcurrentExecutions: params.concurrency }),
    role: vendedRole(scope, name, place.settings) ?? addRole(scope, params, place, logGroup),
    logGroup,
    tracing: Tracing.ACTIVE,
    environment: { ...environmentOf(place.settings), ...(drives && MACHINES), ...params.environment },
  });
  for (const aliasName of handlers) {
    new Alias(scope, `${name}-${aliasName}`, { aliasName, version: lambda.currentVersion });
  }
  return lambda;
}

/** A role that is there already, and gets no policies from here; if the settings name one. */
export function vendedRole(scope: Construct, name: RoleName, { roles }: Settings): IRole | undefined {
  return roles && Role.fromRoleArn(scope, `${name}-role`, roles[name], { mutable: false });
}

function addRole(
  scope: Construct,
  { name, rights, drives = false, asksSolutions = false }: FunctionParams,
  place: FunctionPlace,
  logGroup: LogGroup,
): Role {
  const role = new Role(scope, `${name}-role`, {
    roleName: namedInAll(name, place.settings),
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
  if (rights !== undefined) addOperations(role, name, rights);
  const { solutionApis } = place.settings;
  const own = [
    ...ownStatements(place, logGroup),
    // Who performs and assesses nothing has no business there.
    ...(rights === undefined ? [] : [targetStatement(place)]),
    ...(drives ? engineStatements() : []),
    ...(asksSolutions && solutionApis.length > 0
      ? [allow('Solutions', ['execute-api:Invoke'], solutionApis)]
      : []),
  ];
  for (const statement of own) role.addToPolicy(statement);
  acknowledgeResources(role, {
    '*': 'AWS has no resource level for states:SendTask…, xray:PutTraceSegments and xray:PutTelemetryRecords',
    [`arn:<AWS::Partition>:iam::*:role/${place.settings.targetRole}`]:
      'target accounts come and go in the records; only a role of this name, and only within the organization',
    'arn:<AWS::Partition>:kms:<AWS::Region>:<AWS::AccountId>:key/*':
      'only the key of this alias, and only for what DynamoDB asks of it',
    ...(drives && acknowledgedExecutions()),
    ...(asksSolutions && Object.fromEntries(solutionApis.map((arn) => [arn, 'the settings name it']))),
  });
  return role;
}

function addOperations(role: Role, name: string, rights: Rights): void {
  const operations = new ManagedPolicy(role.node.scope!, `${name}-operations`, {
    description: `What the operations of ${name} declare that they need`,
    statements: statementsOf(rights),
    roles: [role],
  });
  acknowledgeRights(operations, rights);
}

function environmentOf({ tablePrefix, targetRole, externalId }: Settings): Record<string, string> {
  return {
    TABLE_PREFIX: tablePrefix,
    TARGET_ROLE: targetRole,
    EXTERNAL_ID: externalId,
    PARTITION: Aws.PARTITION,
  };
}

/** What every function may do: read and write records, answer the engine, write its log. */
function ownStatements({ settings }: FunctionPlace, logGroup: LogGroup): PolicyStatement[] {
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
      [arnOf('kms', 'key/*')],
      {
        StringEquals: { 'kms:ViaService': `dynamodb.${Aws.REGION}.amazonaws.com` },
        'ForAnyValue:StringEquals': { 'kms:ResourceAliases': RECORDS_KEY_ALIAS },
      },
    ),
    allow('Gates', ['states:SendTaskSuccess'], ['*']),
    allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
  ];
}

function targetStatement({ settings }: FunctionPlace): PolicyStatement {
  return allow(
    'TargetAccounts',
    ['sts:AssumeRole'],
    [`arn:${Aws.PARTITION}:iam::*:role/${settings.targetRole}`],
    { StringEquals: { 'aws:ResourceOrgID': '${aws:PrincipalOrgID}' } },
  );
}

/** What the engine port calls on Step Functions (`src/engine/step-functions`). */
function engineStatements(): PolicyStatement[] {
  return [
    allow('Start', ['states:StartExecution'], Object.values(MACHINES)),
    allow(
      'Executions',
      ['DescribeExecution', 'GetExecutionHistory', 'StopExecution'].map((name) => `states:${name}`),
      DRIVEN.map((name) => arnOf('states', `execution:${named(name)}:*`)),
    ),
    allow('FailGates', ['states:SendTaskFailure', 'states:SendTaskHeartbeat'], ['*']),
  ];
}

function acknowledgedExecutions(): Record<string, string> {
  const reason = 'executions are named by those who start them';
  const arn = (name: string): string =>
    `arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${named(name)}:*`;
  return Object.fromEntries(DRIVEN.map((name) => [arn(name), reason]));
}

function allow(sid: string, actions: string[], resources: string[], conditions = {}): PolicyStatement {
  return new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources, conditions });
}

/** The tables and their indexes, each by its name. */
function tableArns({ tablePrefix }: Settings): string[] {
  const tables = arnOf('dynamodb', `table/${tablePrefix}`);
  return TABLES.flatMap((name) => {
    const { index } = TABLE_SHAPES[name];
    return [`${tables}${name}`, ...(index === undefined ? [] : [`${tables}${name}/index/${index.name}`])];
  });
}
