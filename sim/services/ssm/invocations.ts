import type {
  CommandInvocation,
  CommandInvocationStatus,
  CommandPlugin,
  GetCommandInvocationCommandInput,
  GetCommandInvocationResult,
  ListCommandInvocationsCommandInput,
} from '@aws-sdk/client-ssm';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { page } from './pages.ts';
import { commands, getCommand, invocations, type CommandRow, type InvocationRow } from './rows.ts';

const GET_OUTPUT_CHARACTERS = 24_000;
const GET_ERROR_CHARACTERS = 8_000;
const LIST_OUTPUT_CHARACTERS = 2_500;

export function statusOf(
  row: InvocationRow,
  now: number,
): { status: CommandInvocationStatus; details: string } {
  const as = (status: CommandInvocationStatus) => ({ status, details: status });
  if (now >= row.endsAt) return { status: row.finalStatus, details: row.finalDetails };
  if (row.cancelling) return as('Cancelling');
  return as(now < row.startsAt ? 'Pending' : 'InProgress');
}

/** Does not exist for the first second or two after the command was sent. */
export function getCommandInvocation(
  call: Call,
  input: GetCommandInvocationCommandInput,
): GetCommandInvocationResult {
  const row = invocations(call, input.CommandId ?? '').get(input.InstanceId ?? '');
  if (row === undefined || call.now < row.visibleAt) {
    throw new ServiceError('InvocationDoesNotExist', '');
  }
  const command = getCommand(call, row.commandId);
  const { status, details } = statusOf(row, call.now);
  const begun = call.now >= row.startsAt;
  const ended = call.now >= row.endsAt;
  return {
    CommandId: row.commandId,
    InstanceId: row.instanceId,
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: command.documentVersion,
    PluginName: pluginName(command),
    Status: status,
    StatusDetails: details,
    ResponseCode: ended ? row.exitCode : -1,
    ExecutionStartDateTime: begun ? new Date(row.startsAt).toISOString() : '',
    ExecutionEndDateTime: ended ? new Date(row.endsAt).toISOString() : '',
    ExecutionElapsedTime: ended ? `PT${(row.endsAt - row.startsAt) / 1_000}S` : '',
    StandardOutputContent: ended ? row.stdout.slice(0, GET_OUTPUT_CHARACTERS) : '',
    StandardErrorContent: ended ? row.stderr.slice(0, GET_ERROR_CHARACTERS) : '',
    StandardOutputUrl: '',
    StandardErrorUrl: '',
  };
}

export function listCommandInvocations(call: Call, input: ListCommandInvocationsCommandInput) {
  const chosen = input.CommandId === undefined ? commands(call).all() : [getCommand(call, input.CommandId)];
  const found = chosen.toReversed().flatMap((command) =>
    invocations(call, command.id)
      .all()
      .filter((row) => call.now >= row.visibleAt)
      .filter((row) => input.InstanceId === undefined || row.instanceId === input.InstanceId)
      .map((row) => invocationView(row, command, { now: call.now, details: input.Details === true })),
  );
  const matching = found.filter((view) => (input.Filters ?? []).every((filter) => matches(view, filter)));
  const { items, next } = page(matching, input);
  return { CommandInvocations: items, NextToken: next };
}

function matches(
  view: CommandInvocation,
  { key, value }: { key?: string | undefined; value?: string | undefined },
): boolean {
  if (key === 'Status') return view.Status === value;
  if (key === 'DocumentName') return view.DocumentName === value;
  throw new ServiceError('InvalidFilterKey', `The specified filter key is not valid: ${key}`);
}

function invocationView(
  row: InvocationRow,
  command: CommandRow,
  { now, details: withPlugins }: { now: number; details: boolean },
): CommandInvocation {
  const { status, details } = statusOf(row, now);
  return {
    CommandId: row.commandId,
    InstanceId: row.instanceId,
    InstanceName: row.instanceName,
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: command.documentVersion,
    RequestedDateTime: new Date(row.requestedAt),
    Status: status,
    StatusDetails: details,
    StandardOutputUrl: '',
    StandardErrorUrl: '',
    CommandPlugins: withPlugins ? [pluginView(row, command, now)] : [],
  };
}

function pluginView(row: InvocationRow, command: CommandRow, now: number): CommandPlugin {
  const { status, details } = statusOf(row, now);
  const ended = now >= row.endsAt;
  const output = row.stderr === '' ? row.stdout : `${row.stdout}\n----------ERROR-------\n${row.stderr}`;
  return {
    Name: pluginName(command),
    Status: status === 'Delayed' || status === 'Cancelling' ? 'InProgress' : status,
    StatusDetails: details,
    ResponseCode: ended ? row.exitCode : -1,
    ResponseStartDateTime: now >= row.startsAt ? new Date(row.startsAt) : undefined,
    ResponseFinishDateTime: ended ? new Date(row.endsAt) : undefined,
    Output: ended ? output.slice(0, LIST_OUTPUT_CHARACTERS) : '',
  };
}

function pluginName(command: CommandRow): string {
  return command.documentName.includes('PowerShell') ? 'aws:runPowerShellScript' : 'aws:runShellScript';
}
