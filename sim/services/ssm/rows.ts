import type { CommandInvocationStatus, PingStatus, PlatformType } from '@aws-sdk/client-ssm';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import type { Table } from '#sim/kernel/world.ts';

/** A machine that Systems Manager knows. */
export interface NodeRow {
  readonly id: string;
  readonly name: string;
  readonly platform: PlatformType;
  readonly ping: PingStatus;
  readonly ipAddress: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly registeredAt: number;
}

export interface DocumentRow {
  readonly name: string;
  readonly owner: string;
  readonly type: 'Command' | 'Automation';
  readonly description: string;
  readonly platforms: readonly PlatformType[];
  readonly requiredParameters: readonly string[];
  readonly createdAt: number;
}

/** How a script behaves, as the scenario declares it. The first one that matches counts. */
export interface ScriptRow {
  /** Regular expression over the document's name and the commands, a line each. */
  readonly match: string;
  /** Ids, Name tags or computer names; `null`: everywhere. */
  readonly instances: readonly string[] | null;
  readonly durationSeconds: number | null;
  readonly exitCode: number;
  readonly stdout: string | null;
  readonly stderr: string;
  /** How many executions on each node go wrong before the first good one. `null`: every one ends with `exitCode`. */
  readonly failTimes: number | null;
}

export interface CommandRow {
  readonly id: string;
  readonly documentName: string;
  readonly documentVersion: string;
  readonly comment: string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly instanceIds: readonly string[];
  readonly targets: readonly { readonly key: string; readonly values: readonly string[] }[];
  readonly maxConcurrency: string;
  readonly maxErrors: string;
  readonly timeoutSeconds: number;
  readonly requestedAt: number;
  readonly cancelled: boolean;
}

/** One node's part of a command. All that will happen is decided when the command is sent. */
export interface InvocationRow {
  readonly commandId: string;
  readonly instanceId: string;
  readonly instanceName: string;
  readonly requestedAt: number;
  /** Reads find the invocation from here on: `InvocationDoesNotExist` before. */
  readonly visibleAt: number;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly cancelling: boolean;
  readonly finalStatus: CommandInvocationStatus;
  readonly finalDetails: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A script that ran on a node, for whoever counts side effects. Never removed once it has begun. */
export interface ExecutionRow {
  readonly commandId: string;
  readonly instanceId: string;
  readonly documentName: string;
  readonly comment: string;
  /** What ran: the document's name and the commands, a line each. */
  readonly script: string;
  readonly startsAt: number;
  readonly exitCode: number;
}

export interface ParameterRow {
  readonly name: string;
  readonly value: string;
  readonly changedAt: number;
}

export interface AutomationRow {
  readonly id: string;
  readonly documentName: string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly clientToken: string | null;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly succeeds: boolean;
}

export const managedNodes = (call: Call): Table<NodeRow> => call.world.table(call, 'ssm.nodes');
export const documents = (call: Call): Table<DocumentRow> => call.world.table(call, 'ssm.documents');
export const scripts = (call: Call): Table<ScriptRow> => call.world.table(call, 'ssm.scripts');
export const parameters = (call: Call): Table<ParameterRow> => call.world.table(call, 'ssm.parameters');
export const automations = (call: Call): Table<AutomationRow> => call.world.table(call, 'ssm.automations');
export const commands = (call: Call): Table<CommandRow> => call.world.table(call, 'ssm.commands');
export const invocations = (call: Call, commandId: string): Table<InvocationRow> =>
  call.world.table(call, `ssm.invocations.${commandId}`);
/** Id: `commandId/instanceId`. */
export const executions = (call: Call): Table<ExecutionRow> => call.world.table(call, 'ssm.executions');

export function getCommand(call: Call, id: string | undefined): CommandRow {
  const row = commands(call).get(id ?? '');
  if (row === undefined)
    throw new ServiceError('InvalidCommandId', `The specified command ID is not valid: ${id}`);
  return row;
}

/** An id of the form that commands and automations have. */
export function newUuid(call: Call): string {
  const hex = call.world.newId('', 32);
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
}

export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationException', `1 validation error detected: ${message}`, {
    httpStatus: 400,
  });
}
