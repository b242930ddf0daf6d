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
import { keptState, keyOf, lastStartIn, lastStartOf, type LastStart } from './trigger-state.ts';

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

export type TriggerView = Trigger & { readonly by?: string; readonly lastStart?: LastStart };

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
  readonly requests: Pick<ExecutionRequests, 'start' | 'find'>;
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
  const turns: Turns = deps.turns ?? new Mutexes();
  const view = async (stored: Stored<KeptTrigger>): Promise<Stored<TriggerView>> => {
    const lastStart = lastStartIn((await keptState(deps, stored.id)).value);
    return lastStart === undefined ? stored : { ...stored, value: { ...stored.value, lastStart } };
  };
  /** The trigger, if the event is a reason to start; else what is to be said. */
  const matched = async (triggerId: string, event: IncomingEvent): Promise<KeptTrigger | Fired> => {
    const { value } = await documents.get(triggerId);
    if (!value.enabled) return { started: false, why: 'disabled' };
    return matchesPattern(value.eventPattern, event) ? value : { started: false, why: 'notMatched' };
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
      const seen = await matched(triggerId, event);
      if ('started' in seen) return seen;
      // One event at a time for a trigger: else two could both find that the gap is over.
      return turns.run(`trigger/${triggerId}`, async () => {
        // Somebody may have switched it off while this event waited for its turn.
        const trigger = await matched(triggerId, event);
        return 'started' in trigger
          ? trigger
          : fireMatched(deps, params, { trigger, eventId: event.id, actor });
      });
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

/**
 * The event is claimed before anything starts, and the start has a key of its own: an event that comes again after a crash or a
 * failure goes on with its claim, and starts once. Whoever sent it is who starts, so that nobody can make up an event and then
 * approve what it has started. Which event is about to start is known before it does: what it began without anybody hearing of it
 * counts for the gap.
 */
async function fireMatched(
  deps: PlaneDeps,
  { requests }: TriggersParams,
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
  const state = await keptState(deps, triggerId);
  const last = await lastStartOf(deps, requests, { state: state.value, triggerId, now });
  if (last !== undefined && last.eventId !== eventId) {
    const nextAt = Date.parse(last.at) + parseDuration(minGap);
    if (now < nextAt) {
      await claims.put(eventId, { ...claim, result: 'minGap' });
      await note('hold', { why: 'minGap', lastExecutionId: last.executionId });
      return { started: false, why: 'minGap' };
    }
  }
  await claims.put(eventId, claim);
  await state.put({ ...last, beginning: eventId });
  const { executionId } = await requests.start(
    {
      planId,
      mode,
      autoResume,
      reason: `event ${eventId}, trigger ${triggerId}`,
      idempotencyKey: keyOf(deps, eventId, claim),
    },
    {
      by: claim.by,
      ...requestOf(actor),
    },
  );
  await state.put({ at: new Date(now).toISOString(), eventId, executionId });
  await claims.put(eventId, { ...claim, result: 'started', executionId });
  await note('start', { mode, planId, executionId, madeBy });
  return { started: true, executionId, why: 'matched' };
}
