import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { hasCode, isBreakwaterError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type { OperationContext } from '../contract.ts';
import { isAmbiguous } from '../shared/aws-failure.ts';
import type { IntentNotes } from '../shared/intent-notes.ts';
import { paceMs } from '../shared/poll-pace.ts';
import type { ItemProgress } from '../shared/step-items.ts';
import type { RecordGoal } from './plan-record.ts';
import { describeRecord, fromJson, saysTheSame, toJson } from './record-sets.ts';

/** What is to become of a record, and what it was. `changeId`: Route 53 has taken the change. */
export type RecordNote = {
  readonly zoneId: string;
  readonly name: string;
  readonly put: readonly JsonObject[];
  readonly dropTypes: readonly string[];
  readonly before: readonly JsonObject[];
  readonly isMet: boolean;
  /** When it was announced, in ms since 1970. */
  readonly at: number;
  readonly changeId: string | null;
};

interface Work {
  readonly context: OperationContext;
  readonly notes: IntentNotes<RecordNote>;
  /** Zones that are waited for: they share the account's five requests a second. */
  readonly zones: number;
}

/** For so long, what AWS shows us may be older than what it does. */
const CATCH_UP_MS = 120_000;
/** Route 53 serves an alias with the TTL of its target; load balancers have 60 s. */
const ALIAS_TTL_SECONDS = 60;

/** The note for a goal, with the before-image: the record sets that the change is going to touch. */
export function noteFor(goal: RecordGoal, present: readonly ResourceRecordSet[], at: number): RecordNote {
  const types = new Set([...goal.put.map(({ Type }) => Type as string), ...goal.dropTypes]);
  const touched = present.filter(({ Type = '' }) => types.has(Type));
  return {
    zoneId: goal.zoneId,
    name: goal.name,
    put: goal.put.map(toJson),
    dropTypes: goal.dropTypes,
    before: touched.map(toJson),
    isMet: isMet(goal, touched),
    at,
    changeId: null,
  };
}

function isMet(
  { put, dropTypes }: Pick<RecordGoal, 'put' | 'dropTypes'>,
  present: readonly ResourceRecordSet[],
): boolean {
  return (
    put.every((record) => present.some((other) => saysTheSame(record, other))) &&
    !present.some(({ Type = '' }) => dropTypes.includes(Type))
  );
}

/**
 * One step for the records (by key) of one zone, all of which have notes: one batch for those whose change has no id yet, then GetChange until it
 * is INSYNC. An UPSERT whose answer was lost is sent again: it sets the same, and its new id is the only proof of INSYNC.
 */
export async function stepZone(work: Work, keys: readonly string[]): Promise<Map<string, ItemProgress>> {
  const { notes } = work;
  const met = keys.filter((key) => notes.get(key)!.isMet);
  const open = keys.filter((key) => !notes.get(key)!.isMet);
  const unsent = open.filter((key) => notes.get(key)!.changeId === null);
  const progress = new Map<string, ItemProgress>(met.map((key) => [key, done(work, notes.get(key)!)]));
  if (unsent.length > 0) {
    const refusal = await sendBatch(work, unsent);
    if (refusal !== null) for (const key of unsent) progress.set(key, refusal);
  }
  const statuses = new Map<string, Promise<boolean>>();
  for (const key of open.filter((one) => notes.get(one)!.changeId !== null)) {
    const note = notes.get(key)!;
    const id = note.changeId!;
    const insync = statuses.get(id) ?? isInSync(work, note);
    statuses.set(id, insync);
    const ageMs = work.context.now() - note.at;
    const inSync = await insync;
    progress.set(key, inSync ? done(work, note) : waiting(work, ageMs, `waiting for ${id} to be in sync`));
  }
  return progress;
}

/** `null`: sent. */
async function sendBatch(work: Work, keys: readonly string[]): Promise<ItemProgress | null> {
  const { context, notes } = work;
  const { zoneId, at } = notes.get(keys[0]!)!;
  const changes = await changesFor(work, keys);
  const ageMs = context.now() - at;
  if (changes.length === 0) return settleRemoval(work, ageMs);
  const Comment = `breakwater ${context.executionId} wave ${context.waveNumber}`;
  try {
    const { ChangeInfo } = await context.aws
      .for(context)
      .route53.changeResourceRecordSets(
        { HostedZoneId: zoneId, ChangeBatch: { Comment, Changes: changes } },
        context.signal,
      );
    const changeId = ChangeInfo?.Id ?? null;
    await notes.putAll(keys.map((key) => [key, { ...notes.get(key)!, changeId }]));
    return null;
  } catch (error) {
    const isStale = hasCode(error, 'AwsRejected') && changes.some(({ Action }) => Action === 'DELETE');
    if (isAmbiguous(error) || (isStale && ageMs < CATCH_UP_MS)) {
      return waiting(work, ageMs, 'nobody knows whether Route 53 took the change; sending it again');
    }
    if (!isBreakwaterError(error) || error.retry !== 'terminal') throw error;
    return { status: 'failed', error: { code: error.code, message: error.message } };
  }
}

async function changesFor({ context, notes }: Work, keys: readonly string[]): Promise<Change[]> {
  const { route53 } = context.aws.for(context);
  const changes: Change[] = [];
  for (const key of keys) {
    const { zoneId, name, put, dropTypes } = notes.get(key)!;
    const present = await route53.findResourceRecordSets(zoneId, name, context.signal);
    const dropped = present.filter(({ Type = '' }) => dropTypes.includes(Type));
    changes.push(
      ...dropped.map((record): Change => ({ Action: 'DELETE', ResourceRecordSet: fromJson(toJson(record)) })),
      ...put.map((record): Change => ({ Action: 'UPSERT', ResourceRecordSet: fromJson(record) })),
    );
  }
  return changes;
}

/** All that was to go has gone, by a change whose id was lost. There is none to ask for, so time has to do. */
function settleRemoval(work: Work, ageMs: number): ItemProgress {
  if (ageMs < CATCH_UP_MS)
    return waiting(work, ageMs, 'removed already; waiting until the name servers must know');
  return { status: 'completed', detail: 'removed already', result: { changed: true } };
}

async function isInSync({ context }: Work, { changeId, at }: RecordNote): Promise<boolean> {
  const { route53 } = context.aws.for(context);
  try {
    const { ChangeInfo } = await route53.getChange({ Id: changeId! }, context.signal);
    return ChangeInfo?.Status === 'INSYNC';
  } catch (error) {
    // The change is not known everywhere yet.
    if (hasCode(error, 'AwsNotFound') && context.now() - at < CATCH_UP_MS) return false;
    throw error;
  }
}

function waiting({ zones }: Pick<Work, 'zones'>, ageMs: number, detail: string): ItemProgress {
  return { status: 'in_progress', waitMs: Math.max(paceMs(ageMs), 500 * zones), detail };
}

function done({ context }: Work, note: RecordNote): ItemProgress {
  const words = note.put.map((record) => describeRecord(fromJson(record))).join(', ') || 'no record';
  const ttlSeconds = Math.max(0, ...note.before.map((record) => ttlOf(fromJson(record))));
  const common: JsonObject = {
    zoneId: note.zoneId,
    recordName: note.name,
    before: note.before,
    after: note.put,
    changed: !note.isMet,
  };
  if (note.isMet) return { status: 'completed', detail: `${words} already`, result: common };
  return {
    status: 'completed',
    detail: `${words}; resolvers may keep the old answer for ${ttlSeconds} s`,
    result: {
      ...common,
      changeId: note.changeId,
      /** Resolvers that asked just before the change keep the old answer until then. */
      ttlSeconds,
      oldAnswerGoneAt: new Date(context.now() + ttlSeconds * 1_000).toISOString(),
    },
  };
}

function ttlOf({ TTL, AliasTarget }: ResourceRecordSet): number {
  return AliasTarget === undefined ? (TTL ?? 0) : ALIAS_TTL_SECONDS;
}
