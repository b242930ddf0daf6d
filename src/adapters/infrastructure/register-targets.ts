import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { formatDuration } from '#core/duration.ts';
import type { JsonObject } from '#core/json.ts';
import type { OperationContext } from '../contract.ts';
import type { IntentNotes } from '../shared/intent-notes.ts';
import { paceMs } from '../shared/poll-pace.ts';
import type { ItemProgress } from '../shared/step-items.ts';
import { asInput, lookAt, targetOf, type Target } from './target-group.ts';
import type { TargetGroupEntry } from './target-registration-schema.ts';

/** What is to be done to a target group, and so what undoes it. */
export type RegistrationNote = {
  readonly arn: string;
  readonly wanted: readonly Target[];
  /** Not registered before. */
  readonly added: readonly Target[];
  /** Registered before, and to go. */
  readonly removed: readonly Target[];
  /** Ms since 1970. */
  readonly at: number;
};

interface Registering {
  readonly context: OperationContext;
  readonly notes: IntentNotes<RegistrationNote>;
  readonly key: string;
}

/** Describe calls lag behind: until then, that a target is not seen as registered proves nothing. */
const SETTLE_MS = 30_000;

/**
 * One step of a target group: register, wait for healthy, and only then take the others out. Registering and deregistering set a state, so a
 * call whose answer was lost is simply made again.
 */
export async function stepRegistration(
  registering: Registering,
  entry: TargetGroupEntry,
  healthTimeoutMs: number,
): Promise<ItemProgress> {
  const { context, notes, key } = registering;
  const note = notes.get(key);
  if (note === undefined) return begin(registering, entry);
  const { elbv2 } = context.aws.for(context);
  const health = await elbv2.describeTargetHealth(
    { TargetGroupArn: note.arn, Targets: asInput([...note.wanted, ...note.removed]) },
    context.signal,
  );
  const ageMs = context.now() - note.at;
  const mine = health.filter((one) => isAmong(note.wanted, one));
  const absent = mine.filter(isNotRegistered);
  if (absent.length > 0 && ageMs >= SETTLE_MS) await register(context, note.arn, absent.map(targetOf));
  const unhealthy = mine.filter((one) => one.TargetHealth?.State !== 'healthy');
  if (unhealthy.length > 0) return judge(note, unhealthy, { ageMs, healthTimeoutMs });
  return finish(context, note, health);
}

async function begin({ context, notes, key }: Registering, entry: TargetGroupEntry): Promise<ItemProgress> {
  const seen = await lookAt(context, entry);
  if ('problem' in seen) return { status: 'failed', error: { code: seen.rule, message: seen.problem } };
  if (seen.wanted.length === 0) {
    const message = `there is no instance to register in ${entry.targetGroup}`;
    return { status: 'failed', error: { code: 'ResourceUnresolved', message } };
  }
  const note = {
    arn: seen.group.TargetGroupArn ?? '',
    wanted: seen.wanted,
    added: seen.missing,
    removed: entry.deregisterOthers ? seen.others : [],
    at: context.now(),
  };
  await notes.put(key, note);
  await register(context, note.arn, note.added);
  return waiting(
    0,
    `registered ${note.added.length} targets, waiting until ${note.wanted.length} are healthy`,
  );
}

/** Registers targets; does nothing if there are none. One target that is not running refuses all. */
export async function register(
  context: OperationContext,
  arn: string,
  targets: readonly Target[],
): Promise<void> {
  if (targets.length === 0) return;
  const { elbv2 } = context.aws.for(context);
  await elbv2.registerTargets({ TargetGroupArn: arn, Targets: asInput(targets) }, context.signal);
}

export async function deregister(
  context: OperationContext,
  arn: string,
  targets: readonly Target[],
): Promise<void> {
  if (targets.length === 0) return;
  const { elbv2 } = context.aws.for(context);
  await elbv2.deregisterTargets({ TargetGroupArn: arn, Targets: asInput(targets) }, context.signal);
}

/** Not all are healthy: so far, or for good? */
function judge(
  note: RegistrationNote,
  unhealthy: readonly TargetHealthDescription[],
  { ageMs, healthTimeoutMs }: { ageMs: number; healthTimeoutMs: number },
): ItemProgress {
  const isUnused = unhealthy.some((one) => one.TargetHealth?.Reason === 'Target.NotInUse');
  const healthy = note.wanted.length - unhealthy.length;
  if (ageMs < healthTimeoutMs && !(isUnused && ageMs >= SETTLE_MS)) {
    return waiting(ageMs, `${healthy} of ${note.wanted.length} targets are healthy`);
  }
  const reasons = unhealthy.slice(0, 5).map(describeHealth).join('; ');
  const message = isUnused
    ? `no listener sends traffic to the target group, so its targets are never checked: ${reasons}`
    : `${unhealthy.length} targets are not healthy after ${formatDuration(healthTimeoutMs)}: ${reasons}`;
  return {
    status: 'failed',
    error: { code: 'TargetsUnhealthy', message },
    result: resultOf(note, unhealthy),
  };
}

async function finish(
  context: OperationContext,
  note: RegistrationNote,
  health: readonly TargetHealthDescription[],
): Promise<ItemProgress> {
  const staying = health.filter((one) => isAmong(note.removed, one) && !isLeaving(one));
  if (staying.length > 0) {
    await deregister(context, note.arn, staying.map(targetOf));
    return waiting(0, `taking ${staying.length} other targets out`);
  }
  const out = note.removed.length > 0 ? `, ${note.removed.length} others taken out` : '';
  return {
    status: 'completed',
    detail: `${note.wanted.length} targets are healthy${out}`,
    result: resultOf(note, health),
  };
}

export function isLeaving({ TargetHealth }: TargetHealthDescription): boolean {
  return TargetHealth?.State === 'draining' || TargetHealth?.Reason === 'Target.NotRegistered';
}

export function isNotRegistered({ TargetHealth }: TargetHealthDescription): boolean {
  return TargetHealth?.Reason === 'Target.NotRegistered';
}

export function isAmong(targets: readonly Target[], health: TargetHealthDescription): boolean {
  const { id, port } = targetOf(health);
  return targets.some((target) => target.id === id && target.port === port);
}

function resultOf(
  { arn, added, removed }: RegistrationNote,
  health: readonly TargetHealthDescription[],
): JsonObject {
  const targets = health.map((one) => ({
    ...targetOf(one),
    state: one.TargetHealth?.State ?? 'unknown',
    reason: one.TargetHealth?.Reason ?? null,
  }));
  return { arn, added: added, removed: removed, targets };
}

function describeHealth(health: TargetHealthDescription): string {
  const { State, Reason, Description } = health.TargetHealth ?? {};
  return `${targetOf(health).id} ${State}${Reason === undefined ? '' : ` (${Reason}: ${Description})`}`;
}

function waiting(ageMs: number, detail: string): ItemProgress {
  return { status: 'in_progress', waitMs: paceMs(ageMs), detail };
}
