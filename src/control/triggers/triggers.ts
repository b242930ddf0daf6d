import { durationProblem, parseDuration, readDuration } from '#core/duration.ts';
import type { JsonObject } from '#core/json.ts';
import type { Permission } from '#core/permissions.ts';
import { DocumentRepository, type Stored } from '#store/documents.ts';
import { Mutexes } from '#store/mutexes.ts';
import type { Turns } from '#store/turns.ts';
import { z } from 'zod';
import { requestOf, type Actor } from '../audit-log.ts';
import { documentCollection, type Collection } from '../collections.ts';
import { DOCUMENT_ID } from '../document-id.ts';
import { viewedReads } from '../document-views.ts';
import { matchesPattern, patternProblem } from './event-pattern.ts';
import type { ExecutionRequests } from '../execution-requests.ts';
import { keptDocuments, type KeptDocuments } from '../kept-documents.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import { forgetState } from '../state-rows.ts';
import { repositoryItems, requirePlan } from './schedules.ts';
import { eventClaims, type EventClaim } from './trigger-claims.ts';

/** Starts an execution when an event of EventBridge matches. */
export const Trigger = z.strictObject({
  triggerId: z.string().regex(DOCUMENT_ID, 'expected letters, digits and ._:- and at most 80 of them'),
  planId: z.string().min(1).max(80),
  mode: z.enum(['drill', 'recovery']),
  /** See `event-pattern.ts`. */
  eventPattern: z.record(z.string(), z.unknown()).superRefine((pattern, context) => {
    const problem = patternProblem(pattern);
    if (problem !== null) context.addIssue({ code: 'custom', ...problem });
  }),
  /** From one start to the next. ISO 8601. */
  minGap: z
    .string()
    .max(40)
    .refine((text) => readDuration(text) !== null, { error: ({ input }) => durationProblem(String(input)) })
    .default('PT15M'),
  enabled: z.boolean().default(true),
  /** Opens pause gates by itself. */
  autoResume: z.boolean().default(false),
});
export type Trigger = z.infer<typeof Trigger>;
/** `by`: who made or last changed it, and had the right to start what it starts. */
export type KeptTrigger = Trigger & { readonly by: string };

interface TriggerState {
  /** ISO 8601. */
  readonly at: string;
  readonly eventId: string;
  readonly executionId: string;
}

export type TriggerView = Trigger & { readonly by?: string; readonly lastStart?: TriggerState };

/** What became of an event. */
export interface Fired {
  readonly started: boolean;
  readonly executionId?: string;
  readonly why: 'matched' | 'notMatched' | 'duplicate' | 'minGap' | 'disabled';
}

/** What is looked at of an event; patterns may ask for more. */
export interface IncomingEvent {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** Triggers. Whoever makes or changes one must have `permissionFor` its mode. */
export interface Triggers extends KeptDocuments<Trigger> {
  get(id: string): Promise<Stored<TriggerView>>;
  /**
   * An event has come. What is no reason to start is an answer; when the start itself fails, it throws as `ExecutionRequests.start`
   * does, and the same event may come again.
   */
  fire(triggerId: string, event: IncomingEvent, actor: Actor): Promise<Fired>;
  /** Triggers that start this plan, in words: `trigger region-down`. They stand against its removal. */
  planReferrers(planId: string): Promise<string[]>;
}

export interface TriggersParams {
  readonly start: ExecutionRequests['start'];
  /** Throws `NotFound` when there is no such plan. */
  readonly planOf: (planId: string) => Promise<unknown>;
}

const WHERE = { table: 'platform-records', partition: 'triggers', noun: 'trigger' } as const;

/** What one must be allowed to do to make a trigger of this mode: it acts for whoever made it. */
export function permissionFor({ mode }: Pick<Trigger, 'mode'>): Permission {
  return mode === 'drill' ? 'execution:start-drill' : 'execution:start-recovery';
}

export function createTriggers(deps: PlaneDeps, params: TriggersParams): Triggers {
  const documents = keptDocuments<KeptTrigger>(deps, { ...WHERE, kind: 'trigger', idField: 'triggerId' });
  const states = statesOf(deps);
  const turns: Turns = deps.turns ?? new Mutexes();
  const view = async (stored: Stored<KeptTrigger>): Promise<Stored<TriggerView>> => {
    const state = await states.find(stored.id);
    return state === null ? stored : { ...stored, value: { ...stored.value, lastStart: state.value } };
  };
  return {
    ...viewedReads(documents, view),
    async create(value, actor) {
      await requirePlan(params.planOf, value.planId);
      return view(await documents.create({ ...value, by: actor.by }, actor));
    },
    async update(id, value, expected, actor) {
      await requirePlan(params.planOf, value.planId);
      return view(await documents.update(id, { ...value, by: actor.by }, expected, actor));
    },
    async remove(id, expected, actor) {
      await documents.remove(id, expected, actor);
      await forgetState(deps.store, 'trigger-states', id);
    },
    async fire(triggerId, event, actor) {
      const { value } = await documents.get(triggerId);
      if (!value.enabled) return { started: false, why: 'disabled' };
      if (!matchesPattern(value.eventPattern, event)) return { started: false, why: 'notMatched' };
      // One event at a time for a trigger: else two could both find that the gap is over.
      return turns.run(`trigger/${triggerId}`, () =>
        fireMatched(deps, params, { trigger: value, eventId: event.id, actor }),
      );
    },
    async planReferrers(planId) {
      const all = await repositoryItems(new DocumentRepository<KeptTrigger>({ ...WHERE, store: deps.store }));
      return all
        .filter(({ value }) => value.planId === planId)
        .map(({ value }) => `trigger ${value.triggerId}`);
    },
  };
}

/** For export and import. An import is by an Admin, so `by` says so until someone changes the trigger. */
export function triggerCollection({ store }: Pick<PlaneDeps, 'store'>): Collection {
  const { table, partition } = WHERE;
  return documentCollection({
    store,
    table,
    partition,
    name: 'triggers',
    schema: Trigger,
    idField: 'triggerId',
    expose: ({ by: _, ...rest }: JsonObject) => rest,
    complete: (value, kept) => ({ ...value, by: kept?.['by'] ?? 'import' }),
  });
}

function statesOf({ store }: PlaneDeps): DocumentRepository<TriggerState> {
  const where = { table: 'platform-records', partition: 'trigger-states', noun: 'state' } as const;
  return new DocumentRepository<TriggerState>({ ...where, store });
}

/**
 * The event is claimed before anything starts, and the start has a key of its own: an event that comes again after a crash or a
 * failure goes on with its claim, and starts once. Whoever sent it is who starts, so that nobody can make up an event and then
 * approve what it has started.
 */
async function fireMatched(
  deps: PlaneDeps,
  { start }: TriggersParams,
  { trigger, eventId, actor }: { trigger: KeptTrigger; eventId: string; actor: Actor },
): Promise<Fired> {
  const { triggerId, planId, mode, autoResume, minGap, by: madeBy } = trigger;
  const now = deps.realNow();
  const claims = eventClaims(deps, triggerId);
  const note = (action: string, data: JsonObject): Promise<void> =>
    deps.audit.append({
      action: `trigger.${action}`,
      by: actor.by,
      target: `trigger/${triggerId}`,
      ...requestOf(actor),
      data: { eventId, ...data },
    });
  const known = await claims.find(eventId, now);
  if (known?.result !== undefined) {
    const { executionId } = known;
    return { started: false, why: 'duplicate', ...(executionId === undefined ? {} : { executionId }) };
  }
  const claim: EventClaim = known ?? { at: new Date(now).toISOString(), by: actor.by };
  const states = statesOf(deps);
  const last = await states.find(triggerId);
  if (last !== null && last.value.eventId !== eventId) {
    const nextAt = Date.parse(last.value.at) + parseDuration(minGap);
    if (now < nextAt) {
      await claims.put(eventId, { ...claim, result: 'minGap' });
      await note('hold', { why: 'minGap', lastExecutionId: last.value.executionId });
      return { started: false, why: 'minGap' };
    }
  }
  await claims.put(eventId, claim);
  const { executionId } = await start(
    {
      planId,
      mode,
      autoResume,
      reason: `event ${eventId}, trigger ${triggerId}`,
      idempotencyKey: `${deps.hash(eventId)}/${claim.at}`,
    },
    {
      by: claim.by,
      ...requestOf(actor),
    },
  );
  const state = { at: new Date(now).toISOString(), eventId, executionId };
  if (last === null) await states.create(triggerId, state);
  else await states.update(triggerId, state, last.revision);
  await claims.put(eventId, { ...claim, result: 'started', executionId });
  await note('start', { mode, planId, executionId, madeBy });
  return { started: true, executionId, why: 'matched' };
}
