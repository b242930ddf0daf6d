import { hasCode } from '#core/errors.ts';
import type { Failure } from '#core/outcome.ts';
import type { OperationContext } from '../contract.ts';
import { isAmbiguous } from '../shared/aws-failure.ts';
import type { IntentNotes } from '../shared/intent-notes.ts';
import { paceMs } from '../shared/poll-pace.ts';
import type { ItemProgress } from '../shared/step-items.ts';
import type { FailoverKind, Sight } from './failover-kind.ts';

/** What an attempt is about to do to a database. `accepted`: AWS has said yes. */
export type FailoverNote = {
  readonly from: string | null;
  readonly to: string;
  readonly isExact: boolean;
  /** When it was announced, in ms since 1970. */
  readonly at: number;
  readonly accepted: boolean;
};

/** Describe calls lag behind: until then, that nothing is seen of an announced failover proves nothing. */
const SETTLE_MS = 30_000;
/** An accepted failover that has not even begun after this long has been abandoned. */
const NO_EFFECT_MS = 600_000;
/** Clocks of AWS and ours may differ by this much. */
const CLOCK_SKEW_MS = 1_000;

/**
 * One step on a database's way to its new primary. RDS has no client tokens, so the step looks before it leaps:
 * 1. without a note nothing has been called: choose, note, call;
 * 2. with a note, the primary of now and the events since tell what became of the call;
 * 3. only when it is certain that the announced call did nothing is it made again.
 */
export async function stepFailover(
  context: OperationContext,
  kind: FailoverKind,
  { notes, key }: { notes: IntentNotes<FailoverNote>; key: string },
): Promise<ItemProgress> {
  const note = notes.get(key);
  const sight = await kind.look(note?.to);
  if (sight === null) return failed('ResourceUnresolved', `there is no ${kind.kind} ${kind.id} here`);
  if (note === undefined) return begin(context, kind, { sight, notes, key });
  if (!sight.isSettled)
    return waiting(context.now() - note.at, `${sight.status}, on the way from ${note.from} to ${note.to}`);
  if (isDone(sight, note)) return done(note, sight);
  if (sight.primary !== note.from) {
    return failed(
      'RecoveryFailed',
      `${sight.primary} became the primary of ${kind.id}, and not ${note.to}`,
      note,
    );
  }
  return judge(context, kind, { note, notes, key });
}

async function begin(
  context: OperationContext,
  kind: FailoverKind,
  { sight, notes, key }: { sight: Sight; notes: IntentNotes<FailoverNote>; key: string },
): Promise<ItemProgress> {
  if (!sight.isSettled) return waiting(60_000, `${sight.status}: waiting until it is available`);
  const target = await kind.choose();
  if ('problem' in target) return failed(target.rule, target.problem);
  const { id: to, isExact } = target;
  const note = { from: sight.primary, to, isExact, at: context.now(), accepted: false };
  if (sight.primary === to) return done(note, sight);
  if (!isExact && context.attempt > 1 && (await movedByEarlierAttempt(context, kind, sight))) {
    return done({ ...note, from: null, to: sight.primary! }, sight);
  }
  return call(kind, { note, notes, key });
}

/**
 * With no target named, an earlier attempt that was given up may have moved the primary after all: a second failover would move
 * it back. Its note is not ours to read; the events are.
 */
async function movedByEarlierAttempt(
  context: OperationContext,
  kind: FailoverKind,
  { primary }: Sight,
): Promise<boolean> {
  if (primary === null) return false;
  return (await kind.report(context.firstStartedAt - CLOCK_SKEW_MS, primary)) === 'completed';
}

async function call(
  kind: FailoverKind,
  { note, notes, key }: { note: FailoverNote; notes: IntentNotes<FailoverNote>; key: string },
): Promise<ItemProgress> {
  await notes.put(key, note);
  try {
    await kind.failOver(note.to);
  } catch (error) {
    // Something is under way there, perhaps ours; or nobody knows whether AWS acted. The next look tells.
    if (hasCode(error, 'AwsConflict') || isAmbiguous(error)) {
      return waiting(0, `asked for a failover to ${note.to}; looking whether it has begun`);
    }
    throw error;
  }
  await notes.put(key, { ...note, accepted: true });
  return waiting(0, `failing over from ${note.from} to ${note.to}`);
}

/** At rest, and the primary is still the old one: has the call failed, not begun yet, or never been made? */
async function judge(
  context: OperationContext,
  kind: FailoverKind,
  { note, notes, key }: { note: FailoverNote; notes: IntentNotes<FailoverNote>; key: string },
): Promise<ItemProgress> {
  const report = await kind.report(note.at - CLOCK_SKEW_MS, note.to);
  if (report === 'failed')
    return failed('RecoveryFailed', `RDS reports that the failover of ${kind.id} failed`, note);
  const ageMs = context.now() - note.at;
  if (note.accepted || report !== 'silent') {
    if (ageMs < NO_EFFECT_MS) return waiting(ageMs, `failing over from ${note.from} to ${note.to}`);
    return failed(
      'RecoveryFailed',
      `${note.from} is still the primary of ${kind.id}: nothing came of the failover`,
      note,
    );
  }
  if (ageMs < SETTLE_MS)
    return waiting(ageMs, `asked for a failover to ${note.to}; looking whether it has begun`);
  return call(kind, { note: { ...note, at: context.now() }, notes, key });
}

function isDone({ primary }: Sight, { from, to, isExact }: FailoverNote): boolean {
  return primary === to || (!isExact && primary !== null && primary !== from);
}

function waiting(ageMs: number, detail: string): ItemProgress {
  return { status: 'in_progress', waitMs: paceMs(ageMs), detail };
}

function done({ from, to }: FailoverNote, { primary }: Sight): ItemProgress {
  const changed = from !== primary;
  return {
    status: 'completed',
    detail: changed ? `${primary} is the primary now` : `${to} was the primary already`,
    result: { before: from, after: primary, changed },
  };
}

function failed(code: string, message: string, note?: FailoverNote): ItemProgress {
  const error: Failure = { code, message };
  return {
    status: 'failed',
    error,
    ...(note === undefined ? {} : { result: { before: note.from, wanted: note.to } }),
  };
}
