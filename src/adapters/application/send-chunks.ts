import { hasCode, isBreakwaterError } from '#core/errors.ts';
import { parseDuration } from '#core/duration.ts';
import type { Script } from '#core/plan.ts';
import type { OperationContext } from '../contract.ts';
import { isAmbiguous } from '../shared/aws-failure.ts';
import { targetAt, type Place } from '../shared/place.ts';
import type { IntentNotes } from '../shared/intent-notes.ts';
import { commentOf, withName } from './command-comment.ts';
import type { CommandChunk, ScriptNote } from './scripts-state.ts';

/** The most instances of one SendCommand. */
export const CHUNK_SIZE = 50;
/** ListCommands lags behind: until then, that an announced command is not listed proves nothing. */
const SETTLE_MS = 30_000;
const CLOCK_SKEW_MS = 60_000;
/** The agents are known to be online: a command that is not taken up in this time has been lost. */
const DELIVERY_SECONDS = 600;

export interface Sending {
  readonly context: OperationContext;
  readonly notes: IntentNotes<ScriptNote>;
  readonly name: string;
  readonly scriptIndex: number;
  readonly script: Exclude<Script, { type: 'lambda' }>;
}

/** `settling`: it may have been sent by an earlier try, and it is too early to tell. */
export type Adoption = CommandChunk | 'settling' | 'none';

/** Looks for the command of this number that an earlier try of the attempt has announced. */
export async function adoptChunk(
  { context, notes, scriptIndex }: Sending,
  chunk: number,
  places: readonly Place[],
): Promise<Adoption> {
  const note = notes.get(noteKey(scriptIndex, chunk));
  if (note === undefined || note.at === 0) return 'none';
  const comment = commentOf(context, { scriptIndex, chunk });
  const since = new Date(note.at - CLOCK_SKEW_MS).toISOString();
  for (const place of places) {
    const filter = { Filters: [{ key: 'InvokedAfter' as const, value: since }] };
    const commands = await targetAt(context, place).ssm.listCommands(filter, context.signal);
    const found = commands.find(({ Comment = '' }) => Comment.startsWith(comment));
    if (found?.CommandId !== undefined) {
      const sentAt = found.RequestedDateTime?.getTime() ?? note.at;
      return { place, commandId: found.CommandId, sentAt, open: found.InstanceIds ?? [] };
    }
  }
  return context.now() - note.at < SETTLE_MS ? 'settling' : 'none';
}

/** `unknown`: nobody knows whether it was sent. `refused`: not sent, since an instance is not ready for it. */
export type Sent = CommandChunk | 'unknown' | 'refused';

/** Announces and sends a command. Other errors are thrown, with nothing sent. */
export async function sendChunk(
  sending: Sending,
  chunk: number,
  { place, ids }: { readonly place: Place; readonly ids: readonly string[] },
): Promise<Sent> {
  const { context, notes, scriptIndex } = sending;
  const key = noteKey(scriptIndex, chunk);
  const at = context.now();
  await notes.put(key, { at });
  try {
    const comment = withName(commentOf(context, { scriptIndex, chunk }), sending.name);
    const { Command } = await targetAt(context, place).ssm.sendCommand(
      {
        ...documentOf(sending.script),
        InstanceIds: [...ids],
        Comment: comment,
        TimeoutSeconds: DELIVERY_SECONDS,
        // Every instance runs it, whatever becomes of the others: each has an outcome of its own.
        MaxConcurrency: '100%',
        MaxErrors: '100%',
      },
      context.signal,
    );
    return { place, commandId: Command?.CommandId ?? '', sentAt: at, open: ids };
  } catch (error) {
    if (isAmbiguous(error)) return 'unknown';
    if (isBreakwaterError(error)) await notes.put(key, { at: 0 });
    if (hasCode(error, 'AwsNotFound') && error.details['awsError'] === 'InvalidInstanceId') return 'refused';
    throw error;
  }
}

function documentOf(script: Sending['script']): {
  DocumentName: string;
  Parameters: Record<string, string[]>;
} {
  if (script.type === 'document') return { DocumentName: script.document, Parameters: script.parameters };
  const seconds = Math.max(1, Math.ceil(parseDuration(script.timeout) / 1_000));
  return {
    DocumentName: script.platform === 'windows' ? 'AWS-RunPowerShellScript' : 'AWS-RunShellScript',
    Parameters: { commands: script.commands, executionTimeout: [String(seconds)] },
  };
}

function noteKey(scriptIndex: number, chunk: number): string {
  return `s${scriptIndex}/c${chunk}`;
}
