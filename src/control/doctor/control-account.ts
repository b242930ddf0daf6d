import type { AwsTarget } from '#aws/aws.ts';
import type { DynamoDbCalls } from '#aws/services/dynamodb.ts';
import { hasCode } from '#core/errors.ts';
import { TECHNOLOGY_TYPES } from '#core/tags.ts';
import { TABLES } from '#store/port.ts';
import { HANDLERS } from '#workflow/handlers.ts';
import { failed, NOT_SIMULATED, ok, warning, type Check, type Found } from './check.ts';

/** The account that Breakwater runs in, and how its parts are named there. */
export interface ControlAccount {
  readonly target: AwsTarget;
  readonly dynamoDb: DynamoDbCalls;
  readonly tablePrefix: string;
  /** On a simulated AWS nothing of Breakwater runs as functions: that they are not there says nothing. */
  readonly isSimulated: () => boolean;
}

const DEPLOY = 'Deploy it: docs/on-aws.md.';

/** The tables of the records, one by one. */
export function tableChecks({ dynamoDb, tablePrefix }: ControlAccount): Check[] {
  return TABLES.map((table) => {
    const TableName = `${tablePrefix}${table}`;
    return { group: 'records', name: TableName, look: (signal) => lookAtTable(dynamoDb, TableName, signal) };
  });
}

async function lookAtTable(dynamoDb: DynamoDbCalls, TableName: string, signal: AbortSignal): Promise<Found> {
  const described = await dynamoDb.describeTable({ TableName }, signal).catch(missing);
  if (described === null) return failed('there is no such table', `${DEPLOY} Or give --table-prefix.`);
  const { Table: table } = described;
  if (table?.TableStatus !== 'ACTIVE')
    return failed(
      `its status is ${String(table?.TableStatus)}`,
      'Wait until it is ACTIVE, or look in CloudTrail at what changes it.',
    );
  const { ContinuousBackupsDescription: backups } = await dynamoDb.describeContinuousBackups(
    { TableName },
    signal,
  );
  const hasRecovery = backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED';
  const key = table.SSEDescription?.KMSMasterKeyArn;
  const lacks = [
    ...(hasRecovery ? [] : ['point-in-time recovery']),
    ...(key === undefined ? ['a key of your own'] : []),
    ...(table.DeletionProtectionEnabled === true ? [] : ['protection against deletion']),
  ];
  if (lacks.length > 0)
    return warning(
      `active, without ${lacks.join(', ')}`,
      `${DEPLOY} The stack of the records switches them on.`,
    );
  return ok(`active, with point-in-time recovery, protected against deletion, key ${key}`);
}

/** The state machines. */
export function machineChecks({ target }: ControlAccount, accountId: () => Promise<string>): Check[] {
  return ['recovery', 'technology'].map((name) => ({
    group: 'state machines',
    name: `breakwater-${name}`,
    look: async (signal) => {
      const stateMachineArn = `arn:${partitionOf(target.region)}:states:${target.region}:${await accountId()}:stateMachine:breakwater-${name}`;
      const machine = await target.stepFunctions
        .describeStateMachine({ stateMachineArn }, signal)
        .catch(missing);
      if (machine === null) return failed('there is no such state machine', DEPLOY);
      if (machine.type !== 'STANDARD')
        return failed(`it is ${String(machine.type)}`, `${DEPLOY} Expected STANDARD.`);
      return machine.status === 'ACTIVE'
        ? ok('active')
        : failed(`its status is ${String(machine.status)}`, DEPLOY);
    },
  }));
}

/** The functions, each with the aliases that it is called by. */
export function functionChecks({ target, isSimulated }: ControlAccount): Check[] {
  return Object.entries(functionAliases()).map(([name, aliases]) => ({
    group: 'functions',
    name: `breakwater-${name}`,
    look: async (signal) => {
      const FunctionName = `breakwater-${name}`;
      const found = await target.lambda.getFunctionConfiguration({ FunctionName }, signal).catch(missing);
      if (found === null) return isSimulated() ? NOT_SIMULATED : failed('there is no such function', DEPLOY);
      const state = found.State ?? 'Active';
      // One that has not been called for long is Inactive: the next call wakes it.
      if (state === 'Failed' || found.LastUpdateStatus === 'Failed')
        return failed(
          `it is ${state}, its last update ${found.LastUpdateStatus}: ${found.StateReason ?? found.LastUpdateStatusReason ?? ''}`,
          DEPLOY,
        );
      const lacks: string[] = [];
      for (const Name of aliases)
        if ((await target.lambda.getAlias({ FunctionName, Name }, signal).catch(missing)) === null)
          lacks.push(Name);
      if (lacks.length > 0) return failed(`it lacks the aliases ${lacks.join(', ')}`, DEPLOY);
      return ok([`${state}, ${found.Runtime ?? 'no runtime'}`, ...aliases].join(', '));
    },
  }));
}

/** By the name of each function: the aliases that state machines and callers name. */
export function functionAliases(): Readonly<Record<string, readonly string[]>> {
  const isOfTechnology = (handler: string): boolean => handler.startsWith('technology-');
  const handlers = Object.keys(HANDLERS);
  const adapters = TECHNOLOGY_TYPES.map(
    (technology) => [`adapter-${technology}`, handlers.filter(isOfTechnology)] as const,
  );
  return {
    ...Object.fromEntries(adapters),
    'wave-controller': handlers.filter((handler) => !isOfTechnology(handler)),
    'pause-resume': [],
    api: ['gateway', 'break-glass', 'trigger'],
    jobs: [],
  };
}

function missing(error: unknown): null {
  if (hasCode(error, 'AwsNotFound')) return null;
  throw error;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
