import { formatDuration, parseDuration } from '#core/duration.ts';
import { isBreakwaterError } from '#core/errors.ts';
import type { Failure, ResourceOutcome } from '#core/outcome.ts';
import type { OperationContext } from '../contract.ts';
import { failureOf } from '../shared/aws-failure.ts';
import { chunk as inChunks } from '../shared/chunk.ts';
import { targetAt, type Place } from '../shared/place.ts';
import { paceMs } from '../shared/poll-pace.ts';
import { readChunk } from './command-outcomes.ts';
import { adoptChunk, CHUNK_SIZE, sendChunk, type Sending } from './send-chunks.ts';
import { resourceIdOf, type ScriptRun, type ScriptStep } from './scripts-state.ts';

/** After the script's own timeout, before Breakwater steps in. */
const GRACE_MS = 60_000;

/** A run as it changes within one step. */
interface Draft {
  run: ScriptRun;
  readonly outcomes: ResourceOutcome[];
}

/**
 * One step of a script that runs through Systems Manager: adopts what an earlier try has sent, sends to the instances that have come
 * online since, and reads how far the others are.
 */
export async function stepCommands(
  sending: Sending,
  before: ScriptRun,
  registrationTimeoutMs: number,
): Promise<ScriptStep> {
  const draft: Draft = { run: before, outcomes: [] };
  const isSettling = await adoptAll(sending, draft);
  if (!isSettling) await sendToOnline(sending, draft);
  giveUpOnAbsent(sending.context, draft, registrationTimeoutMs);
  await readAll(sending, draft);
  const { run, outcomes } = draft;
  const ageMs = sending.context.now() - Math.max(run.startedAt, ...run.chunks.map(({ sentAt }) => sentAt));
  if (run.unsent.length > 0 || run.chunks.some(({ open }) => open.length > 0)) {
    return { run: { ...run, status: 'running', detail: describe(run) }, outcomes, waitMs: paceMs(ageMs) };
  }
  const status = run.failed > 0 ? 'failed' : 'completed';
  return { run: { ...run, status, detail: describe(run) }, outcomes, waitMs: null };
}

/** Takes over the commands that an earlier try has sent. True if it is too early to tell whether it did. */
async function adoptAll(sending: Sending, draft: Draft): Promise<boolean> {
  for (;;) {
    const places = draft.run.unsent.map(({ place }) => place);
    const found = await adoptChunk(sending, draft.run.chunks.length + 1, places);
    if (found === 'settling') return true;
    if (found === 'none') return false;
    noteSent(sending, draft, found);
  }
}

async function sendToOnline(sending: Sending, draft: Draft): Promise<void> {
  const { context } = sending;
  for (const { place, ids } of draft.run.unsent) {
    const online = await findOnline(context, place, ids);
    for (const part of inChunks(online, CHUNK_SIZE)) {
      try {
        const sent = await sendChunk(sending, draft.run.chunks.length + 1, { place, ids: part });
        if (sent === 'unknown') return;
        if (sent !== 'refused') noteSent(sending, draft, sent);
      } catch (error) {
        if (!isBreakwaterError(error) || error.retry !== 'terminal') throw error;
        fail(context, draft, { ids: part, failure: failureOf(error) });
      }
    }
  }
}

/** The instances whose agent is connected. */
async function findOnline(
  context: OperationContext,
  place: Place,
  ids: readonly string[],
): Promise<string[]> {
  const { ssm } = targetAt(context, place);
  const online = new Set<string>();
  for (const Values of inChunks(ids, CHUNK_SIZE)) {
    const Filters = [
      { Key: 'InstanceIds', Values },
      { Key: 'PingStatus', Values: ['Online'] },
    ];
    const found = await ssm.describeInstanceInformation({ Filters }, context.signal);
    for (const { InstanceId } of found) if (InstanceId !== undefined) online.add(InstanceId);
  }
  return ids.filter((id) => online.has(id));
}

function giveUpOnAbsent(context: OperationContext, draft: Draft, registrationTimeoutMs: number): void {
  if (context.now() - draft.run.startedAt < registrationTimeoutMs) return;
  const message = `not online in Systems Manager after ${formatDuration(registrationTimeoutMs)}`;
  for (const { ids } of draft.run.unsent) {
    fail(context, draft, { ids, failure: { code: 'InstanceNotManaged', message } });
  }
}

/** Reads every command that is not over; one that has run for too long is cancelled. */
async function readAll({ context, name, script }: Sending, draft: Draft): Promise<void> {
  for (const [i, chunk] of draft.run.chunks.entries()) {
    if (chunk.open.length === 0) continue;
    const read = await readChunk(context, name, chunk);
    const chunks = draft.run.chunks.with(i, read.chunk);
    const failed = read.outcomes.filter(({ status }) => status === 'failed').length;
    draft.outcomes.push(...read.outcomes);
    draft.run = {
      ...draft.run,
      chunks,
      failed: draft.run.failed + failed,
      succeeded: draft.run.succeeded + read.outcomes.length - failed,
    };
    const isLate = context.now() - chunk.sentAt > parseDuration(script.timeout) + GRACE_MS;
    if (!isLate || read.chunk.open.length === 0) continue;
    await targetAt(context, chunk.place).ssm.cancelCommand({ CommandId: chunk.commandId }, context.signal);
    const message = `not ended after ${script.timeout}: Systems Manager was told to cancel it`;
    draft.run = { ...draft.run, chunks: chunks.with(i, { ...read.chunk, open: [] }) };
    fail(context, draft, { ids: read.chunk.open, failure: { code: 'ScriptTimeout', message } });
  }
}

function noteSent({ name }: Sending, draft: Draft, sent: ScriptRun['chunks'][number]): void {
  const startedAt = new Date(sent.sentAt).toISOString();
  const detail = `command ${sent.commandId}`;
  draft.run = { ...withoutUnsent(draft.run, sent.open), chunks: [...draft.run.chunks, sent] };
  for (const id of sent.open) {
    draft.outcomes.push({ resourceId: resourceIdOf(name, id), status: 'in_progress', startedAt, detail });
  }
}

function fail(
  context: OperationContext,
  draft: Draft,
  { ids, failure }: { ids: readonly string[]; failure: Failure },
): void {
  const completedAt = new Date(context.now()).toISOString();
  for (const id of ids) {
    const resourceId = resourceIdOf(draft.run.name, id);
    draft.outcomes.push({
      resourceId,
      status: 'failed',
      completedAt,
      detail: failure.message,
      error: failure,
    });
  }
  draft.run = { ...withoutUnsent(draft.run, ids), failed: draft.run.failed + ids.length };
}

function withoutUnsent(run: ScriptRun, gone: readonly string[]): ScriptRun {
  const unsent = run.unsent
    .map(({ place, ids }) => ({ place, ids: ids.filter((id) => !gone.includes(id)) }))
    .filter(({ ids }) => ids.length > 0);
  return { ...run, unsent };
}

function describe({ name, unsent, chunks, succeeded, failed }: ScriptRun): string {
  const count = (lists: readonly (readonly string[])[]): number =>
    lists.reduce((sum, list) => sum + list.length, 0);
  const waiting = count(unsent.map(({ ids }) => ids));
  const running = count(chunks.map(({ open }) => open));
  return `${name}: ${succeeded} succeeded, ${failed} failed, ${running} running, ${waiting} not online yet`;
}
