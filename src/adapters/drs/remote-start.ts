import { hasCode, isBreakwaterError, type BreakwaterError } from '#core/errors.ts';
import type { Failure } from '#core/outcome.ts';
import type { OperationContext } from '../contract.ts';
import { failureOf, isAmbiguous, isFinal } from '../shared/aws-failure.ts';
import type { RemoteNote } from './remote-state.ts';
import type { RemoteOrder, SolutionDoor } from './solution-door.ts';

/*
 * Starting a plan there once, and only once:
 *
 * 1. The note says that a start is about to be sent before it is, so that a later process knows that one may have been.
 * 2. The mark stands in the record of the execution there: it is looked for before a start is sent again.
 * 3. Where the same mark never starts twice (Breakwater), it is sent again at once; elsewhere only after a while does silence prove
 *    that there is nothing.
 */

/** Lists there lag behind, and what handles a request may go on after its gateway has given up (30 s). */
const SILENCE_MS = 180_000;

/** `pending`: not known to have begun, and `why`, for people. `refused`: it has not begun and will not. */
export type StartStep =
  | { readonly status: 'begun'; readonly executionId: string }
  | { readonly status: 'pending'; readonly why: string; readonly waitMs: number }
  | { readonly status: 'refused'; readonly failure: Failure };

/** One step towards an execution there. */
export async function stepStart(
  context: OperationContext,
  door: SolutionDoor,
  order: RemoteOrder,
): Promise<StartStep> {
  const note = await readNote(context, order.mark);
  const found = await findStarted(context, door, order, note);
  if (found !== null) return adopt(context, note, found);
  if (note.sentAt !== null && !door.startsOnce && !isSilent(context, note)) {
    const why = 'the answer to its start was lost; looking whether it took effect';
    return { status: 'pending', why, waitMs: door.paceMs };
  }
  await writeNote(context, { ...note, sentAt: context.now() });
  const answer = await door.start(order, context.signal).catch(asBreakwaterError);
  if (typeof answer === 'string') return adopt(context, note, answer);
  // It had no effect: an earlier start, if there was one, is still all that may have.
  if (!isAmbiguous(answer)) await writeNote(context, note);
  return afterTrouble(door, note, answer);
}

function asBreakwaterError(error: unknown): BreakwaterError {
  if (isBreakwaterError(error)) return error;
  throw error;
}

function afterTrouble(door: SolutionDoor, note: RemoteNote, error: BreakwaterError): StartStep {
  const { message } = error;
  // A token that is not believed any more says nothing of what was started before.
  const mayHaveBegun = note.sentAt !== null && hasCode(error, 'SolutionDenied');
  if (isFinal(error) || (hasCode(error, 'SolutionDenied') && !mayHaveBegun))
    return { status: 'refused', failure: failureOf(error) };
  const waitMs = Math.max(door.paceMs, retryAfterOf(error));
  return { status: 'pending', why: `${message}; trying again`, waitMs };
}

/** So long after the last start that it would show, if it had taken effect. */
export function isSilent(context: OperationContext, { sentAt }: RemoteNote): boolean {
  return context.now() - (sentAt ?? 0) >= SILENCE_MS;
}

/** The execution of this mark there, if a start may have been sent: by the note, else by looking. */
export async function findStarted(
  context: OperationContext,
  door: SolutionDoor,
  order: RemoteOrder,
  { executionId, sentAt }: RemoteNote,
): Promise<string | null> {
  return executionId !== null || sentAt === null ? executionId : door.find(order, context.signal);
}

/** The note of the last attempt before this one that had any. */
export async function readEarlierNote({ attempt, intent }: OperationContext): Promise<RemoteNote | null> {
  for (let earlier = attempt - 1; earlier >= 1; earlier--) {
    const note = (await intent.read(earlier)) as RemoteNote | null;
    if (note !== null) return note;
  }
  return null;
}

export async function readNote(context: OperationContext, mark: string): Promise<RemoteNote> {
  return ((await context.intent.read()) as RemoteNote | null) ?? { mark, sentAt: null, executionId: null };
}

export function writeNote(context: OperationContext, note: RemoteNote): Promise<void> {
  return context.intent.write(note);
}

/** How long the solution asks to be left alone, in ms. */
export function retryAfterOf(error: unknown): number {
  const given = isBreakwaterError(error) ? error.details['retryAfterMs'] : undefined;
  return typeof given === 'number' ? given : 0;
}

async function adopt(context: OperationContext, note: RemoteNote, executionId: string): Promise<StartStep> {
  await writeNote(context, { ...note, executionId });
  return { status: 'begun', executionId };
}
