import type {
  CancelCommandCommandInput,
  Command,
  CommandInvocationStatus,
  CommandStatus,
  ListCommandsCommandInput,
} from '@aws-sdk/client-ssm';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { statusOf } from './invocations.ts';
import { page } from './pages.ts';
import { commands, executions, getCommand, invocations, type CommandRow } from './rows.ts';

/** Newest first. */
export function listCommands(call: Call, input: ListCommandsCommandInput) {
  const rows = input.CommandId === undefined ? commands(call).all() : [getCommand(call, input.CommandId)];
  const matching = rows
    .filter((row) => input.InstanceId === undefined || invocations(call, row.id).has(input.InstanceId))
    .filter((row) => (input.Filters ?? []).every((filter) => matches(call, row, filter)))
    .toReversed();
  const { items, next } = page(matching, input);
  return { Commands: items.map((row) => commandView(call, row)), NextToken: next };
}

function matches(
  call: Call,
  row: CommandRow,
  { key, value = '' }: { key?: string | undefined; value?: string | undefined },
) {
  switch (key) {
    case 'InvokedAfter':
      return row.requestedAt >= Date.parse(value);
    case 'InvokedBefore':
      return row.requestedAt < Date.parse(value);
    case 'DocumentName':
      return row.documentName === value;
    case 'Status':
      return commandView(call, row).Status === value;
    default:
      throw new ServiceError('InvalidFilterKey', `The specified filter key is not valid: ${key}`);
  }
}

/** What has not begun never will; what runs is stopped within a second. */
export function cancelCommand(call: Call, input: CancelCommandCommandInput) {
  const command = getCommand(call, input.CommandId);
  const chosen = invocations(call, command.id)
    .all()
    .filter((row) => !input.InstanceIds?.length || input.InstanceIds.includes(row.instanceId))
    .filter((row) => row.endsAt > call.now);
  for (const row of chosen) {
    if (row.startsAt > call.now) executions(call).remove(`${command.id}/${row.instanceId}`);
    invocations(call, command.id).patch(row.instanceId, {
      cancelling: true,
      endsAt: call.now + 1_000,
      finalStatus: 'Cancelled',
      finalDetails: 'Cancelled',
      exitCode: -1,
    });
  }
  if (chosen.length > 0) commands(call).patch(command.id, { cancelled: true });
  return {};
}

export function commandView(call: Call, row: CommandRow): Command {
  const statuses = invocations(call, row.id)
    .all()
    .map((invocation) => statusOf(invocation, call.now));
  const count = (...wanted: CommandInvocationStatus[]): number =>
    statuses.filter(({ status }) => wanted.includes(status)).length;
  const { status, details } = overallStatus(row, count, statuses.length);
  return {
    CommandId: row.id,
    DocumentName: row.documentName,
    DocumentVersion: row.documentVersion,
    Comment: row.comment,
    Parameters: Object.fromEntries(
      Object.entries(row.parameters).map(([name, values]) => [name, [...values]]),
    ),
    InstanceIds: [...row.instanceIds],
    Targets: row.targets.map(({ key, values }) => ({ Key: key, Values: [...values] })),
    RequestedDateTime: new Date(row.requestedAt),
    ExpiresAfter: new Date(row.requestedAt + (row.timeoutSeconds + 3_600) * 1_000),
    TimeoutSeconds: row.timeoutSeconds,
    MaxConcurrency: row.maxConcurrency,
    MaxErrors: row.maxErrors,
    Status: status,
    StatusDetails: details,
    TargetCount: statuses.length,
    CompletedCount: count('Success', 'Failed', 'TimedOut', 'Cancelled'),
    ErrorCount: count('Failed', 'TimedOut'),
    DeliveryTimedOutCount: statuses.filter(({ details: text }) => text === 'Delivery Timed Out').length,
  };
}

/** A command without a target succeeds at once, with the details `NoInstancesInTag`. */
function overallStatus(
  row: CommandRow,
  count: (...wanted: CommandInvocationStatus[]) => number,
  total: number,
): { status: CommandStatus; details: string } {
  const as = (status: CommandStatus): { status: CommandStatus; details: string } => ({
    status,
    details: status,
  });
  if (total === 0) return { status: 'Success', details: 'NoInstancesInTag' };
  if (count('Pending', 'Delayed') === total) return as('Pending');
  const unfinished = count('Pending', 'Delayed', 'InProgress', 'Cancelling');
  if (unfinished > 0) return as(row.cancelled ? 'Cancelling' : 'InProgress');
  if (row.cancelled) return as('Cancelled');
  if (count('TimedOut') > 0 && count('Failed') === 0) return as('TimedOut');
  return as(count('Success') === total ? 'Success' : 'Failed');
}
