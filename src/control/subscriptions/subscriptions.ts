import { EVENTS, type EventCode } from '#core/events.ts';
import type { JsonObject } from '#core/json.ts';
import { DocumentRepository, type Stored } from '#store/documents.ts';
import { z } from 'zod';
import { documentCollection, type Collection } from '../collections.ts';
import type { Courier, Delivery } from './courier.ts';
import { DOCUMENT_ID } from '../document-id.ts';
import { viewedReads } from '../document-views.ts';
import { keptDocuments, type KeptDocuments } from '../kept-documents.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import { forgetState, putState } from '../state-rows.ts';
import { PublicTarget, TargetInput, withoutSecret, withSecret, type Target } from './target.ts';
import { waitingEvents, type RecordsAfter, type WaitingEvents } from './wanted-events.ts';

/** Events that go out: all but the small ones. */
const CODES = Object.entries(EVENTS)
  .filter(([, { level }]) => level !== 'debug')
  .map(([code]) => code as EventCode);

const common = {
  subscriptionId: z.string().regex(DOCUMENT_ID, 'expected letters, digits and ._:- and at most 80 of them'),
  /** Only these; by default all of level info and above. */
  events: z.array(z.enum(CODES)).min(1).max(CODES.length).optional(),
  enabled: z.boolean().default(true),
};

/** Where events of executions go. */
export const Subscription = z.strictObject({
  ...common,
  to: TargetInput,
});
export type Subscription = z.infer<typeof Subscription>;

/** As an export shows it: without a secret. */
export const PublicSubscription = z.strictObject({
  ...common,
  to: PublicTarget,
});

export type KeptSubscription = Omit<Subscription, 'to'> & { readonly to: Target };

export interface GivenUp {
  readonly count: number;
  /** When the last ones were. ISO 8601. */
  readonly lastAt: string;
}

/** What the sender knows of a subscription. */
export interface SubscriptionState {
  /** Number of the audit record up to which all is delivered or not wanted. */
  readonly after: number;
  /** Failures in a row. */
  readonly failures: number;
  /** When the first of those failures was. ISO 8601. */
  readonly failingSince?: string;
  readonly lastDelivery?: Delivery;
  /** Events that were too old before they could be delivered, since the subscription was made or enabled. */
  readonly givenUp?: GivenUp;
  /** After a failure nothing is sent until then (ISO 8601), unless the subscription has changed since: it was at this revision. */
  readonly pause?: { readonly until: string; readonly revision: number };
}

export type SubscriptionView = Subscription &
  Partial<Pick<SubscriptionState, 'failures' | 'failingSince' | 'lastDelivery' | 'givenUp'>> & {
    /** Of one that is asked for by its id. */
    readonly waiting?: WaitingEvents;
  };

/** Who hears of the events of executions. A webhook's secret is in the answer to its creation, and in no other. */
export interface Subscriptions extends KeptDocuments<Subscription> {
  create(...params: Parameters<KeptDocuments<Subscription>['create']>): Promise<Stored<SubscriptionView>>;
  get(id: string): Promise<Stored<SubscriptionView>>;
  /** Sends an event of no execution, now and once, also while it is disabled. A delivery that fails is an answer. */
  test(id: string): Promise<Delivery>;
}

const WHERE = { table: 'platform-records', partition: 'subscriptions', noun: 'subscription' } as const;

export interface SubscriptionsParams {
  /** The audit trail's records behind a number, oldest first. */
  readonly recordsAfter: RecordsAfter;
  /** Number of the newest audit record. A subscription hears of what comes after it was made. */
  readonly newest: () => Promise<number>;
  readonly courier: Courier;
}

export function createSubscriptions(
  deps: PlaneDeps,
  { newest, courier, recordsAfter }: SubscriptionsParams,
): Subscriptions {
  const documents = keptDocuments<KeptSubscription>(deps, {
    ...WHERE,
    kind: 'subscription',
    idField: 'subscriptionId',
  });
  const states = subscriptionStates(deps);
  const stateOf = async (id: string): Promise<SubscriptionState | undefined> =>
    (await states.find(id))?.value;
  const viewOf = (
    { value, ...stored }: Stored<KeptSubscription>,
    { after: _, pause: __, ...state }: SubscriptionState = { after: 0, failures: 0 },
  ): Stored<SubscriptionView> => ({ ...stored, value: { ...value, to: withoutSecret(value.to), ...state } });
  const view = async (stored: Stored<KeptSubscription>): Promise<Stored<SubscriptionView>> =>
    viewOf(stored, await stateOf(stored.id));
  /** From now on: what happened while nobody listened is not sent afterwards. */
  const beginNow = async (id: string): Promise<void> =>
    putState(deps.store, 'subscription-states', id, { after: await newest(), failures: 0 });
  return {
    ...viewedReads(documents, view),
    async get(id) {
      const stored = await documents.get(id);
      const state = await stateOf(id);
      const shown = viewOf(stored, state);
      if (state === undefined || !stored.value.enabled) return shown;
      const waiting = await waitingEvents(stored.value, { after: state.after, recordsAfter });
      return { ...shown, value: { ...shown.value, waiting } };
    },
    async create(value, actor) {
      const stored = await documents.create(
        { ...value, to: withSecret(value.to, () => deps.newSecret()) },
        actor,
      );
      await beginNow(stored.id);
      const shown = await view(stored);
      return { ...shown, value: { ...shown.value, to: stored.value.to } };
    },
    async update(id, value, expected, actor) {
      const before = (await documents.get(id)).value;
      const to = withSecret(value.to, () => ('secret' in before.to ? before.to.secret : deps.newSecret()));
      const stored = await documents.update(id, { ...value, to }, expected, actor);
      if (!before.enabled && value.enabled) await beginNow(id);
      return view(stored);
    },
    async remove(id, expected, actor) {
      await documents.remove(id, expected, actor);
      await forgetState(deps.store, 'subscription-states', id);
    },
    async test(id) {
      const { value } = await documents.get(id);
      return courier.test(value.to, testEvent(deps.realNow()), deps.services.signal);
    },
  };
}

function testEvent(now: number): Parameters<Courier['deliver']>[1] {
  return {
    executionId: 'test',
    sequence: 0,
    at: new Date(now).toISOString(),
    code: 'SubscriptionTested',
    level: 'info',
    message: 'a test of this subscription: nothing has happened',
    data: {},
  };
}

export function subscriptionDocuments({
  store,
}: Pick<PlaneDeps, 'store'>): DocumentRepository<KeptSubscription> {
  return new DocumentRepository<KeptSubscription>({ ...WHERE, store });
}

export function subscriptionStates({
  store,
}: Pick<PlaneDeps, 'store'>): DocumentRepository<SubscriptionState> {
  const where = { table: 'platform-records', partition: 'subscription-states', noun: 'state' } as const;
  return new DocumentRepository<SubscriptionState>({ ...where, store });
}

/** For export and import. A secret never leaves; a webhook that is new here gets a new one. */
export function subscriptionCollection(deps: PlaneDeps): Collection {
  const { table, partition } = WHERE;
  return documentCollection({
    store: deps.store,
    table,
    partition,
    name: 'subscriptions',
    schema: PublicSubscription,
    idField: 'subscriptionId',
    expose: (kept) => ({ ...kept, to: withoutSecret(kept['to'] as unknown as Target) }),
    complete: (value, kept) => ({
      ...value,
      to: withSecret(
        value['to'] as unknown as Subscription['to'],
        () => keptSecret(kept) ?? deps.newSecret(),
      ),
    }),
  });
}

function keptSecret(kept: JsonObject | null): string | undefined {
  const to = kept?.['to'] as unknown as Target | undefined;
  return to?.type === 'webhook' ? to.secret : undefined;
}
