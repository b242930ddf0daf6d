import type { Clock } from '#core/clock.ts';
import { hasCode, messageOf } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { hasEnded } from '#core/states.ts';
import type { Write } from '#store/port.ts';
import type { AuditEntry } from '../audit-log.ts';
import { timesBetween } from './cron.ts';
import type { ExecutionRequests } from '../execution-requests.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import {
  allSchedules,
  ruleOf,
  scheduleStates,
  type Schedule,
  type ScheduledRun,
  type ScheduleState,
} from './schedules.ts';

/*
 * Starts drills when they are due. A look is over when every schedule has been dealt with; all that the next one must know is in the
 * records, so that it may be another process that looks. Invariants:
 * 1. a due time is claimed (`pending`) before it is started, under an idempotency key of its own: a crash in between
 *    starts it once, and only once, at the next look;
 * 2. what came due while nobody looked is recorded as missed and never started; nor is a claim that nobody took up in time;
 * 3. a schedule never starts a drill while its last one is unfinished;
 * 4. of two that look at once, one claims a due time. The other leaves the schedule alone, or takes the claim up under the same key:
 *    nothing starts twice;
 * 5. what became of a due time is written together with its evidence: each once, or neither.
 */

/** How drills are started. `find`: the execution that a start of this key has brought forth. */
type Starter = Pick<ExecutionRequests, 'start' | 'find'>;

export interface LookParams {
  readonly requests: Starter;
  /** Real time, milliseconds since 1970. */
  readonly now: () => number;
  /** What came due before is missed: nobody looked, for there was no server. Without it, what is a little late is started. */
  readonly startedAt?: number;
  /** No other schedule is begun with when it says so. */
  readonly isOver: () => boolean;
  /** Told of a schedule that could not be dealt with. The next look tries again. */
  readonly onFailure: (error: unknown) => void;
}

export interface ScheduleRunnerParams {
  readonly requests: Starter;
  /** Of people, not of executions. */
  readonly realClock: Clock;
  /** Told when a look failed altogether, as with a full disk. The next minute brings another. */
  readonly onFailure?: (error: unknown) => void;
}

export interface ScheduleRunner {
  /** Resolves when nothing is being started any more. */
  stop(): Promise<void>;
}

/** Later than this (the machine slept) it is not what was asked for any more. */
const LATE_MS = 5 * 60_000;
const MOST_MISSED = 1_000;
const MINUTE_MS = 60_000;
const OVERTAKEN = ['PreconditionFailed', 'AlreadyExists', 'NotFound'] as const;

/** Looks at each full minute, which is as fine as cron gets. For a process that lasts, and has the records for itself. */
export function startSchedules(deps: PlaneDeps, params: ScheduleRunnerParams): ScheduleRunner {
  const { requests, realClock, onFailure = () => {} } = params;
  const startedAt = realClock.now();
  let stopped = false;
  let cancel = (): void => {};
  let looking: Promise<void> = Promise.resolve();

  const run = (): void => {
    const release = realClock.hold();
    const look = { requests, now: () => realClock.now(), startedAt, isOver: () => stopped, onFailure };
    looking = lookOnce(deps, look)
      .catch(onFailure)
      .finally(() => {
        if (!stopped) cancel = realClock.at(nextMinute(realClock.now()), run);
        release();
      });
  };
  run();
  return {
    async stop() {
      stopped = true;
      cancel();
      await looking;
    },
  };
}

function nextMinute(now: number): number {
  return (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
}

/** Deals with what is due now. To be called about once a minute, by whomever. */
export async function lookOnce(deps: PlaneDeps, params: LookParams): Promise<void> {
  for (const { value } of await allSchedules(deps)) {
    if (params.isOver()) return;
    try {
      await lookAt(deps, params, value);
    } catch (error) {
      // One that cannot be dealt with does not stand in the way of the others.
      if (!isOvertaken(error)) params.onFailure(error);
    }
  }
}

/** Another look was quicker, or a person has changed or removed the schedule: what is left to do, the next look sees. */
function isOvertaken(error: unknown): boolean {
  return OVERTAKEN.some((code) => hasCode(error, code));
}

async function lookAt(deps: PlaneDeps, params: LookParams, schedule: Schedule): Promise<void> {
  const { now, startedAt = 0 } = params;
  const id = schedule.scheduleId;
  const at = now();
  const kept = await keptState(deps, schedule, Math.max(startedAt, at - MINUTE_MS));
  if (kept.state.pending !== undefined) await takeUp(params, schedule, kept);
  if (!schedule.enabled) return;
  const due = timesBetween(schedule, Date.parse(kept.state.since), at, MOST_MISSED);
  const last = due.at(-1);
  if (last === undefined) return;
  const isOnTime = last >= startedAt && !isLate(last, at);
  const missed = isOnTime ? due.slice(0, -1) : due;
  const missedLast = missed.at(-1);
  if (missedLast !== undefined) {
    const [from, to] = [missed[0]!, missedLast].map((ms) => new Date(ms).toISOString()) as [string, string];
    // Beyond the most that are counted nobody looks one by one.
    const since = due.length === MOST_MISSED ? new Date(at).toISOString() : to;
    const lastRun = { dueAt: to, result: 'missed' } as const;
    await kept.put(
      { ...kept.state, since, lastRun },
      evidence(id, 'miss', { from, to, count: missed.length }),
    );
  }
  if (!isOnTime) return;
  const dueAt = new Date(last).toISOString();
  const running = await unfinished(deps, kept.state.lastExecutionId);
  if (running !== null) {
    const lastRun = { dueAt, result: 'skipped', detail: `execution ${running} still runs` } as const;
    await kept.put({ ...kept.state, since: dueAt, lastRun }, evidence(id, 'skip', { dueAt, running }));
    return;
  }
  await kept.put({ ...kept.state, since: dueAt, pending: dueAt });
  await finish(kept, await startOne(params, schedule, dueAt), id);
}

/** What the records know of a schedule, and the one way to change it: refused if anybody else has. */
interface KeptState {
  readonly state: ScheduleState;
  put(next: ScheduleState, entry?: AuditEntry): Promise<void>;
}

/** A rule that is new here (an import brings one) counts from `sinceMs` on, so that it is not late for the minute it came in. */
async function keptState(deps: PlaneDeps, schedule: Schedule, sinceMs: number): Promise<KeptState> {
  const states = scheduleStates(deps);
  const id = schedule.scheduleId;
  const rule = ruleOf(schedule);
  const found = await states.find(id);
  let revision = found?.revision ?? 0;
  let state = found?.value;
  const put: KeptState['put'] = async (next, entry) => {
    const write = async (along: readonly Write[]): Promise<void> => {
      const made = revision === 0 ? states.create(id, next, along) : states.update(id, next, revision, along);
      ({ revision } = await made);
    };
    await (entry === undefined ? write([]) : deps.audit.change(entry, (announced) => write([announced])));
    state = next;
  };
  if (state?.rule !== rule) await put({ ...state, rule, since: new Date(sinceMs).toISOString() });
  return {
    put,
    get state() {
      return state!;
    },
  };
}

/** A look before this one has claimed it, and ended before it could write down what became of it. */
async function takeUp(params: LookParams, schedule: Schedule, kept: KeptState): Promise<void> {
  const dueAt = kept.state.pending!;
  const id = schedule.scheduleId;
  if (!isLate(Date.parse(dueAt), params.now()))
    return finish(kept, await startOne(params, schedule, dueAt), id);
  const executionId = await params.requests.find(keyOf(id, dueAt), actorOf(id));
  return finish(
    kept,
    executionId === null ? { dueAt, result: 'missed' } : { dueAt, result: 'started', executionId },
    id,
  );
}

async function finish(kept: KeptState, run: ScheduledRun, id: string): Promise<void> {
  const { pending: _, ...rest } = kept.state;
  const { dueAt, result, executionId, detail } = run;
  const lastExecutionId = executionId === undefined ? {} : { lastExecutionId: executionId };
  await kept.put(
    { ...rest, lastRun: run, ...lastExecutionId },
    executionId !== undefined
      ? evidence(id, 'start', { dueAt, executionId })
      : result === 'missed'
        ? evidence(id, 'miss', { from: dueAt, to: dueAt, count: 1 })
        : evidence(id, 'fail', { dueAt, detail: detail ?? '' }),
  );
}

/**
 * A start that failed may have begun an execution all the same: then the records have it, and it goes on. One that another process is
 * in the middle of, or was killed in, is not ours to call failed: the claim stays for the next look.
 */
async function startOne(
  { requests }: LookParams,
  { scheduleId, planId, mode, autoResume }: Schedule,
  dueAt: string,
): Promise<ScheduledRun> {
  const actor = actorOf(scheduleId);
  const idempotencyKey = keyOf(scheduleId, dueAt);
  const reason = `due at ${dueAt}`;
  try {
    const { executionId } = await requests.start({ planId, mode, autoResume, reason, idempotencyKey }, actor);
    return { dueAt, result: 'started', executionId };
  } catch (error) {
    const executionId = await requests.find(idempotencyKey, actor);
    if (executionId !== null) return { dueAt, result: 'started', executionId };
    if (hasCode(error, 'TooManyRequests')) throw error;
    return { dueAt, result: 'failed', detail: messageOf(error) };
  }
}

function isLate(dueMs: number, nowMs: number): boolean {
  return nowMs - dueMs > LATE_MS;
}

function keyOf(scheduleId: string, dueAt: string): string {
  return `${scheduleId}/${dueAt}`;
}

function actorOf(scheduleId: string): { readonly by: string } {
  return { by: `schedule:${scheduleId}` };
}

/** The execution, if it has not ended. */
async function unfinished({ services }: PlaneDeps, executionId: string | undefined): Promise<string | null> {
  if (executionId === undefined) return null;
  try {
    const { status } = await services.executions.head(executionId);
    return hasEnded(status) ? null : executionId;
  } catch (error) {
    if (hasCode(error, 'ExecutionNotFound')) return null;
    throw error;
  }
}

function evidence(scheduleId: string, action: string, data: JsonObject): AuditEntry {
  const target = `schedule/${scheduleId}`;
  return { action: `schedule.${action}`, ...actorOf(scheduleId), target, data };
}
