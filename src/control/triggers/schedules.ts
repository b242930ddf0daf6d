import { BreakwaterError, hasCode } from '#core/errors.ts';
import { DocumentRepository, type Stored } from '#store/documents.ts';
import { z } from 'zod';
import { documentCollection, type Collection } from '../collections.ts';
import { nextTime, ruleProblems } from './cron.ts';
import { DOCUMENT_ID } from '../document-id.ts';
import { viewedReads } from '../document-views.ts';
import { keptDocuments, type KeptDocuments } from '../kept-documents.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import { forgetState } from '../state-rows.ts';

/**
 * A drill that starts by itself. Recoveries are never started by the clock, and what was missed while the server was down is
 * never started afterwards.
 */
export const Schedule = z
  .strictObject({
    scheduleId: z.string().regex(DOCUMENT_ID, 'expected letters, digits and ._:- and at most 80 of them'),
    planId: z.string().min(1).max(80),
    mode: z.literal('drill').default('drill'),
    /** Five fields. */
    cron: z.string().min(1).max(200),
    /** IANA. */
    timeZone: z.string().min(1).max(64).default('UTC'),
    enabled: z.boolean().default(true),
    /** Opens pause gates by itself. */
    autoResume: z.boolean().default(false),
  })
  .superRefine(({ cron, timeZone }, context) => {
    for (const { field, message } of ruleProblems({ cron, timeZone }))
      context.addIssue({ code: 'custom', message, path: [field] });
  });
export type Schedule = z.infer<typeof Schedule>;

/** What became of one due time. */
export interface ScheduledRun {
  /** ISO 8601. */
  readonly dueAt: string;
  /**
   * `skipped`: the drill before it still ran; `missed`: the server was down; `failed`: the drill could not be started.
   */
  readonly result: 'started' | 'skipped' | 'missed' | 'failed';
  readonly executionId?: string;
  readonly detail?: string;
}

/** What the runner knows of a schedule. It alone writes it, but for the rule and since when it counts. */
export interface ScheduleState {
  /** Cron and time zone that `since` is for; `off` while the schedule is not enabled. */
  readonly rule: string;
  /** Due times up to and with this one are dealt with. ISO 8601. */
  readonly since: string;
  /** Being started: after a crash it is started again under the same key. */
  readonly pending?: string;
  readonly lastRun?: ScheduledRun;
  readonly lastExecutionId?: string;
}

export type ScheduleView = Schedule & {
  /** Only while it is enabled. ISO 8601. */
  readonly nextRunAt?: string;
  readonly lastRun?: ScheduledRun;
};

/** Schedules of drills. Their values are `ScheduleView`s. */
export interface Schedules extends KeptDocuments<Schedule> {
  get(id: string): Promise<Stored<ScheduleView>>;
  /** Schedules that start this plan, in words: `schedule nightly`. They stand against its removal. */
  planReferrers(planId: string): Promise<string[]>;
}

export interface SchedulesParams {
  /** Throws `NotFound` when there is no such plan. */
  readonly planOf: (planId: string) => Promise<unknown>;
}

const WHERE = { table: 'platform-records', partition: 'schedules', noun: 'schedule' } as const;

export function scheduleStates({ store }: Pick<PlaneDeps, 'store'>): DocumentRepository<ScheduleState> {
  const where = { table: 'platform-records', partition: 'schedule-states', noun: 'state' } as const;
  return new DocumentRepository<ScheduleState>({ ...where, store });
}

export function createSchedules(deps: PlaneDeps, { planOf }: SchedulesParams): Schedules {
  const documents = keptDocuments<Schedule>(deps, { ...WHERE, kind: 'schedule', idField: 'scheduleId' });
  const states = scheduleStates(deps);
  const view = async (stored: Stored<Schedule>): Promise<Stored<ScheduleView>> => {
    const { lastRun } = (await states.find(stored.id))?.value ?? {};
    const next = stored.value.enabled ? nextTime(stored.value, deps.realNow()) : null;
    const value = {
      ...stored.value,
      ...(next === null ? {} : { nextRunAt: new Date(next).toISOString() }),
      ...(lastRun === undefined ? {} : { lastRun }),
    };
    return { ...stored, value };
  };
  return {
    ...viewedReads(documents, view),
    async create(value, actor) {
      await requirePlan(planOf, value.planId);
      const stored = await documents.create(value, actor);
      await beginNow(deps, value);
      return view(stored);
    },
    async update(id, value, expected, actor) {
      await requirePlan(planOf, value.planId);
      const stored = await documents.update(id, value, expected, actor);
      await beginNow(deps, value);
      return view(stored);
    },
    async remove(id, expected, actor) {
      await documents.remove(id, expected, actor);
      await forgetState(deps.store, 'schedule-states', id);
    },
    async planReferrers(planId) {
      const all = await allSchedules(deps);
      return all
        .filter(({ value }) => value.planId === planId)
        .map(({ value }) => `schedule ${value.scheduleId}`);
    },
  };
}

/** Throws `RequestInvalid` for a plan that is not there. For documents that refer to plans. */
export async function requirePlan(
  planOf: (planId: string) => Promise<unknown>,
  planId: string,
): Promise<void> {
  try {
    await planOf(planId);
  } catch (cause) {
    if (!hasCode(cause, 'NotFound')) throw cause;
    const message = `there is no recovery plan ${JSON.stringify(planId)}`;
    const remedy = 'Name a stored plan, or store it first.';
    const finding = {
      level: 'error',
      rule: 'ReferenceUnknown',
      path: 'planId',
      value: planId,
      message,
      remedy,
    };
    throw new BreakwaterError('RequestInvalid', message, { details: { findings: [finding] } });
  }
}

/** As `ScheduleState` has it. */
export function ruleOf({ enabled, cron, timeZone }: Schedule): string {
  return enabled ? `${cron} ${timeZone}` : 'off';
}

/** A rule counts from the moment that it was made, however long ago anybody has looked. */
async function beginNow(deps: PlaneDeps, schedule: Schedule): Promise<void> {
  const states = scheduleStates(deps);
  const id = schedule.scheduleId;
  for (;;) {
    const found = await states.find(id);
    if (found?.value.rule === ruleOf(schedule)) return;
    const state = { ...found?.value, rule: ruleOf(schedule), since: new Date(deps.realNow()).toISOString() };
    try {
      await (found === null ? states.create(id, state) : states.update(id, state, found.revision));
      return;
    } catch (error) {
      // Someone looks at it in this very moment.
      if (!hasCode(error, 'AlreadyExists') && !hasCode(error, 'PreconditionFailed')) throw error;
    }
  }
}

export async function allSchedules({ store }: Pick<PlaneDeps, 'store'>): Promise<Stored<Schedule>[]> {
  const repository = new DocumentRepository<Schedule>({ ...WHERE, store });
  return repositoryItems(repository);
}

/** Every document of a repository. */
export async function repositoryItems<T>(repository: DocumentRepository<T>): Promise<Stored<T>[]> {
  const found: Stored<T>[] = [];
  let cursor: string | undefined;
  do {
    const page = await repository.list({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

/** For export and import. */
export function scheduleCollection({ store }: Pick<PlaneDeps, 'store'>): Collection {
  const { table, partition } = WHERE;
  const what = { name: 'schedules', schema: Schedule, idField: 'scheduleId' };
  return documentCollection({ store, table, partition, ...what });
}
