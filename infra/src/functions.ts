import { Aws, type Duration } from 'aws-cdk-lib';
import {
  Effect,
  type IRole,
  ManagedPolicy,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Alias, Architecture, Code, Function as Lambda, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { RECORDS_RIGHTS, type RecordsUse } from '../../src/hosts/lambda/records-rights.ts';
import { AUDIT_TABLE, CHAIN_PARTITIONS } from '../../src/store/audit-rows.ts';
import type { TableName } from '../../src/store/port.ts';
import { TABLE_SHAPES } from '../../src/store/table-shapes.ts';
import { ENTER_TARGETS, type FunctionName } from './function-names.ts';
import { addLogGroup } from './log-group.ts';
import { arnOf, machineArn, named, namedInAll, RECORDS_KEY_ALIAS } from './names.ts';
import { acknowledgeResources, acknowledgeRights, statementsOf, type Rights } from './policy.ts';
import type { RoleName, Settings } from './settings.ts';

/** The one that the control plane starts; it starts the others. */
const RECOVERY_MACHINE = machineArn('recovery');

export interface FunctionParams {
  readonly name: FunctionName;
  /** The handlers that it performs: each is an alias. */
  readonly handlers: readonly string[];
  readonly records: RecordsUse;
  /** What it may do in its own account, by the declarations of the operations. */
  readonly rights?: Rights;
  readonly timeout: Duration;
  /** Starts executions: gets the state machine by name, and the rights to it. */
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

/** A function with a role of its own, which may do what its operations declare and what it does in the records, and nothing else. */
export function addFunction(scope: Construct, params: FunctionParams, place: FunctionPlace): Lambda {
  const { name, handlers, timeout, drives = false } = params;
  const functionName = named(name);
  const logGroup = addLogGroup(scope, `${name}-logs`, `/aws/lambda/${functionName}`, place.settings);
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
    environment: {
      ...environmentOf(place.settings),
      ...(drives && { RECOVERY_MACHINE }),
      ...params.environment,
    },
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
  { name, records, rights, drives = false, asksSolutions = false }: FunctionParams,
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
    ...recordsStatements(records, place),
    // Steps of technologies open no gates.
    ...(records === 'technologies' ? [] : [allow('Gates', ['states:SendTaskSuccess'], ['*'])]),
    allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
    ...(ENTER_TARGETS.includes(name) ? [targetStatement(place)] : []),
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
    ...(drives && {
      [`arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${named('recovery')}:*`]:
        'executions are named by those who start them',
    }),
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

function recordsStatements(use: RecordsUse, { settings }: FunctionPlace): PolicyStatement[] {
  return [
    ...RECORDS_RIGHTS[use].flatMap(({ id, table, actions, indexActions = [], partitions }) => {
      const { arn, index } = arnsOf(table, settings);
      const where = partitions && { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions } };
      return [
        allow(`Records${id}`, actions.map(dynamoDb).toSorted(), [arn], where),
        ...(indexActions.length === 0
          ? []
          : [allow(`Records${id}Index`, indexActions.map(dynamoDb), [index!], where)]),
      ];
    }),
    ...(use === 'jobs' || use === 'api' ? [auditStays(settings)] : []),
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
  ];
}

const dynamoDb = (action: string): string => `dynamodb:${action}`;

/** Nobody takes a link out of the chain of the audit trail. */
function auditStays(settings: Settings): PolicyStatement {
  return new PolicyStatement({
    sid: 'AuditStays',
    effect: Effect.DENY,
    actions: ['dynamodb:DeleteItem'],
    resources: [arnsOf(AUDIT_TABLE, settings).arn],
    conditions: { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': CHAIN_PARTITIONS } },
  });
}

function targetStatement({ settings }: FunctionPlace): PolicyStatement {
  return allow(
    'TargetAccounts',
    ['sts:AssumeRole'],
    [`arn:${Aws.PARTITION}:iam::*:role/${settings.targetRole}`],
    { StringEquals: { 'aws:ResourceOrgID': '${aws:PrincipalOrgID}' } },
  );
}

/** It starts executions, and looks whether they run: when a sweep asks, and when the answer to a start was lost. */
function engineStatements(): PolicyStatement[] {
  const executions = arnOf('states', `execution:${named('recovery')}:*`);
  return [
    allow('Start', ['states:StartExecution'], [RECOVERY_MACHINE]),
    allow('Executions', ['states:DescribeExecution'], [executions]),
  ];
}

function allow(
  sid: string,
  actions: string[],
  resources: string[],
  conditions: object = {},
): PolicyStatement {
  return new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources, conditions });
}

/** A table and its index, each by its name. */
function arnsOf(table: TableName, { tablePrefix }: Settings): { arn: string; index: string | undefined } {
  const arn = arnOf('dynamodb', `table/${tablePrefix}${table}`);
  const { index } = TABLE_SHAPES[table];
  return { arn, index: index && `${arn}/index/${index.name}` };
}
