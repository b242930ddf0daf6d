import type { Clock } from '#core/clock.ts';
import { messageOf } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { timesBetween } from './cron.ts';
import type { ExecutionRequests } from '../execution-requests.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import {
  allSchedules,
  scheduleStates,
  type Schedule,
  type ScheduledRun,
  type ScheduleState,
} from './schedules.ts';

/*
 * Starts drills when they are due. Looks at each full minute, which is as fine as cron gets. Invariants:
 * 1. a due time is claimed (`pending`) before it is started, under an idempotency key of its own: a crash in between
 *    starts it once, and only once, when the server is back;
 * 2. what came due while nobody looked is recorded as missed and never started;
 * 3. a schedule never starts a drill while its last one is unfinished.
 */

export interface ScheduleRunnerParams {
  readonly start: ExecutionRequests['start'];
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

export function startSchedules(deps: PlaneDeps, params: ScheduleRunnerParams): ScheduleRunner {
  const { realClock, onFailure = () => {} } = params;
  const startedAt = realClock.now();
  let lookedAt = startedAt;
  let stopped = false;
  let cancel = (): void => {};
  let looking: Promise<void> = Promise.resolve();

  const look = async (): Promise<void> => {
    const now = realClock.now();
    for (const { value } of await allSchedules(deps)) {
      if (stopped) return;
      // One that cannot be dealt with does not stand in the way of the others.
      await lookAt(deps, params, value, { now, startedAt, lookedAt }).catch(onFailure);
    }
    lookedAt = now;
  };
  const run = (): void => {
    const release = realClock.hold();
    looking = look()
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

interface Look {
  readonly now: number;
  readonly startedAt: number;
  readonly lookedAt: number;
}

async function lookAt(
  deps: PlaneDeps,
  params: ScheduleRunnerParams,
  schedule: Schedule,
  { now, startedAt, lookedAt }: Look,
): Promise<void> {
  const states = scheduleStates(deps);
  const id = schedule.scheduleId;
  const rule = schedule.enabled ? `${schedule.cron} ${schedule.timeZone}` : 'off';
  const found = await states.find(id);
  let revision = found?.revision ?? 0;
  // A new rule counts from the last look on, so that a schedule made half a minute ago is not late for this one.
  let state: ScheduleState =
    found?.value.rule === rule
      ? found.value
      : { ...found?.value, rule, since: new Date(lookedAt).toISOString() };
  const put = async (next: ScheduleState): Promise<void> => {
    const stored = revision === 0 ? await states.create(id, next) : await states.update(id, next, revision);
    ({ revision } = stored);
    state = next;
  };
  if (state !== found?.value) await put(state);
  const finish = async (run: ScheduledRun): Promise<void> => {
    const { pending: _, ...rest } = state;
    const { executionId } = run;
    await put({
      ...rest,
      lastRun: run,
      ...(executionId === undefined ? {} : { lastExecutionId: executionId }),
    });
  };

  if (state.pending !== undefined) await finish(await startOne(deps, params, schedule, state.pending));
  if (!schedule.enabled) return;
  const due = timesBetween(schedule, Date.parse(state.since), now, MOST_MISSED);
  const last = due.at(-1);
  if (last === undefined) return;
  const isOnTime = last >= startedAt && now - last <= LATE_MS;
  const missed = isOnTime ? due.slice(0, -1) : due;
  const missedLast = missed.at(-1);
  if (missedLast !== undefined) {
    const [from, to] = [missed[0]!, missedLast].map((ms) => new Date(ms).toISOString()) as [string, string];
    // Beyond the most that are counted nobody looks one by one.
    const since = due.length === MOST_MISSED ? new Date(now).toISOString() : to;
    await put({ ...state, since, lastRun: { dueAt: to, result: 'missed' } });
    await note(deps, 'miss', id, { from, to, count: missed.length });
  }
  if (!isOnTime) return;
  const dueAt = new Date(last).toISOString();
  if (await isUnfinished(deps, state.lastExecutionId)) {
    const executionId = state.lastExecutionId!;
    await put({
      ...state,
      since: dueAt,
      lastRun: { dueAt, result: 'skipped', detail: `execution ${executionId} still runs` },
    });
    await note(deps, 'skip', id, { dueAt, running: executionId });
    return;
  }
  await put({ ...state, since: dueAt, pending: dueAt });
  await finish(await startOne(deps, params, schedule, dueAt));
}

async function startOne(
  deps: PlaneDeps,
  { start }: ScheduleRunnerParams,
  { scheduleId, planId, mode, autoResume }: Schedule,
  dueAt: string,
): Promise<ScheduledRun> {
  const actor = { by: `schedule:${scheduleId}` };
  const idempotencyKey = `${scheduleId}/${dueAt}`;
  const reason = `due at ${dueAt}`;
  try {
    const { executionId } = await start({ planId, mode, autoResume, reason, idempotencyKey }, actor);
    await note(deps, 'start', scheduleId, { dueAt, executionId });
    return { dueAt, result: 'started', executionId };
  } catch (error) {
    const detail = messageOf(error);
    await note(deps, 'fail', scheduleId, { dueAt, detail });
    return { dueAt, result: 'failed', detail };
  }
}

async function isUnfinished({ services }: PlaneDeps, executionId: string | undefined): Promise<boolean> {
  if (executionId === undefined) return false;
  return (await services.executions.unfinished()).some((head) => head.executionId === executionId);
}

function note({ audit }: PlaneDeps, action: string, scheduleId: string, data: JsonObject): Promise<void> {
  const by = `schedule:${scheduleId}`;
  return audit.append({ action: `schedule.${action}`, by, target: `schedule/${scheduleId}`, data });
}
