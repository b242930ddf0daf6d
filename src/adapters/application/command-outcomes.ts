import type { CommandInvocation } from '@aws-sdk/client-ssm';
import { hasCode, isBreakwaterError } from '#core/errors.ts';
import type { ResourceOutcome } from '#core/outcome.ts';
import type { OperationContext } from '../contract.ts';
import { targetAt } from '../shared/place.ts';
import { OUTPUT_CHARACTERS, resourceIdOf, type CommandChunk } from './scripts-state.ts';

const ENDED = new Set(['Success', 'Failed', 'TimedOut', 'Cancelled']);
/** ListCommandInvocations cuts the output of a plugin here: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CommandPlugin.html */
const LISTED_CHARACTERS = 2_500;
/** For so long, Systems Manager may not know a command that it has accepted. */
const CATCH_UP_MS = 120_000;
/** What stands between standard output and standard error in a listing. */
const ERROR_MARK = '----------ERROR-------';

/** Asks how far the instances of a command are. Answers the outcomes of those that have ended since the last time. */
export async function readChunk(
  context: OperationContext,
  script: string,
  chunk: CommandChunk,
): Promise<{ chunk: CommandChunk; outcomes: ResourceOutcome[] }> {
  const listed = await listInvocations(context, chunk);
  const ended = listed.filter(
    ({ InstanceId = '', Status = '' }) => chunk.open.includes(InstanceId) && ENDED.has(Status),
  );
  const outcomes: ResourceOutcome[] = [];
  for (const invocation of ended) outcomes.push(await outcomeOf(context, { script, chunk, invocation }));
  const gone = new Set(ended.map(({ InstanceId }) => InstanceId));
  return { chunk: { ...chunk, open: chunk.open.filter((id) => !gone.has(id)) }, outcomes };
}

async function listInvocations(
  context: OperationContext,
  { place, commandId, sentAt }: CommandChunk,
): Promise<CommandInvocation[]> {
  const { ssm } = targetAt(context, place);
  try {
    return await ssm.listCommandInvocations({ CommandId: commandId, Details: true }, context.signal);
  } catch (error) {
    // The command is not known everywhere yet.
    const isUnknown = isBreakwaterError(error) && error.details['awsError'] === 'InvalidCommandId';
    if (isUnknown && context.now() - sentAt < CATCH_UP_MS) return [];
    throw error;
  }
}

async function outcomeOf(
  context: OperationContext,
  { script, chunk, invocation }: { script: string; chunk: CommandChunk; invocation: CommandInvocation },
): Promise<ResourceOutcome> {
  const { InstanceId: instanceId = '', Status, StatusDetails = Status ?? 'unknown' } = invocation;
  const failed = Status !== 'Success';
  const output = (failed ? await readOutput(context, chunk, instanceId) : null) ?? listedOutput(invocation);
  const message = `${script} ended on ${instanceId} with ${StatusDetails}, exit code ${output.exitCode}${firstLine(output.stderr)}`;
  return {
    resourceId: resourceIdOf(script, instanceId),
    status: failed ? 'failed' : 'completed',
    startedAt: new Date(chunk.sentAt).toISOString(),
    completedAt: new Date(context.now()).toISOString(),
    detail: failed ? message : StatusDetails,
    result: { script, instanceId, commandId: chunk.commandId, status: StatusDetails, ...output },
    ...(failed ? { error: { code: `ssm:${StatusDetails.replaceAll(' ', '')}`, message } } : {}),
  };
}

type Output = {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
};

function listedOutput({ CommandPlugins = [] }: CommandInvocation): Output {
  const text = CommandPlugins.map(({ Output: part = '' }) => part).join('\n');
  const [stdout = '', ...rest] = text.split(ERROR_MARK);
  const exitCode = CommandPlugins.findLast(({ ResponseCode = 0 }) => ResponseCode !== 0)?.ResponseCode ?? 0;
  const isCut = CommandPlugins.some(({ Output: part = '' }) => part.length >= LISTED_CHARACTERS);
  return cut({ exitCode, stdout: stdout.trimEnd(), stderr: rest.join(ERROR_MARK).trim(), truncated: isCut });
}

/** The outputs apart, where the document has one plugin. A listing may have lost the error behind a long output. */
async function readOutput(
  context: OperationContext,
  { place, commandId }: CommandChunk,
  instanceId: string,
): Promise<Output | null> {
  const { ssm } = targetAt(context, place);
  try {
    const read = await ssm.getCommandInvocation(
      { CommandId: commandId, InstanceId: instanceId },
      context.signal,
    );
    const {
      StandardOutputContent: stdout = '',
      StandardErrorContent: stderr = '',
      ResponseCode: exitCode = -1,
    } = read;
    return stdout === '' && stderr === '' ? null : cut({ exitCode, stdout, stderr, truncated: false });
  } catch (error) {
    if (hasCode(error, 'AwsNotFound') || hasCode(error, 'AwsRejected')) return null;
    throw error;
  }
}

function cut({ exitCode, stdout, stderr, truncated }: Output): Output {
  const isLong = stdout.length > OUTPUT_CHARACTERS || stderr.length > OUTPUT_CHARACTERS;
  return {
    exitCode,
    stdout: stdout.slice(0, OUTPUT_CHARACTERS),
    stderr: stderr.slice(0, OUTPUT_CHARACTERS),
    truncated: truncated || isLong,
  };
}

function firstLine(text: string): string {
  const line = text.split('\n').find((one) => one.trim() !== '');
  return line === undefined ? '' : `: ${line.slice(0, 200)}`;
}
