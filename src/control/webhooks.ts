import { BreakwaterError } from '#core/errors.ts';
import { EVENTS, type EventCode } from '#core/events.ts';
import type { JsonObject } from '#core/json.ts';
import { DocumentRepository, type Stored } from '#store/documents.ts';
import { z } from 'zod';
import { documentCollection, type Collection } from './collections.ts';
import { DOCUMENT_ID } from './document-id.ts';
import { viewedReads } from './document-views.ts';
import { keptDocuments, type KeptDocuments } from './kept-documents.ts';
import type { PlaneDeps } from './plane-deps.ts';
import { forgetState, putState } from './state-rows.ts';
import { urlProblem } from './webhook-address.ts';

/** Events that go out: all but the small ones. */
const CODES = Object.entries(EVENTS)
  .filter(([, { level }]) => level !== 'debug')
  .map(([code]) => code as EventCode);

/** A receiver of events, as an export shows it. */
const PublicWebhook = z.strictObject({
  webhookId: z.string().regex(DOCUMENT_ID, 'expected letters, digits and ._:- and at most 80 of them'),
  /** https, or http to this very machine. */
  url: z
    .string()
    .max(2_048)
    .superRefine((url, context) => {
      const message = urlProblem(url);
      if (message !== null) context.addIssue({ code: 'custom', message });
    }),
  /** Only these; by default all of level info and above. */
  events: z.array(z.enum(CODES)).min(1).max(CODES.length).optional(),
  enabled: z.boolean().default(true),
});

/** As it is sent in: a secret of one's own may come with it, else one is made. */
export const Webhook = PublicWebhook.extend({ secret: z.string().min(16).max(256).optional() });
export type Webhook = z.infer<typeof Webhook>;
export type KeptWebhook = Webhook & { readonly secret: string };

/** What the sender knows of a webhook. */
export interface WebhookState {
  /** Number of the audit record up to which all is delivered or not wanted. */
  readonly after: number;
  /** Failures in a row. */
  readonly failures: number;
  /** Since when the event that is next fails. ISO 8601. */
  readonly failingSince?: string;
  readonly lastDelivery?: Delivery;
}

export interface Delivery {
  /** ISO 8601. */
  readonly at: string;
  readonly event: string;
  readonly executionId: string;
  readonly sequence: number;
  readonly result: 'delivered' | 'failed';
  /** What the receiver answered, if it did. */
  readonly status?: number;
  readonly detail?: string;
}

export type WebhookView = Webhook & Partial<Pick<WebhookState, 'failures' | 'failingSince' | 'lastDelivery'>>;

/** Receivers of events. A secret is in the answer to its creation, and in no other. */
export interface Webhooks extends KeptDocuments<Webhook> {
  create(...params: Parameters<KeptDocuments<Webhook>['create']>): Promise<Stored<WebhookView>>;
  get(id: string): Promise<Stored<WebhookView>>;
}

const WHERE = { table: 'platform-records', partition: 'webhooks', noun: 'webhook' } as const;

export interface WebhooksParams {
  /** Number of the newest audit record. A webhook hears of what comes after it was made. */
  readonly newest: () => Promise<number>;
}

export function createWebhooks(deps: PlaneDeps, { newest }: WebhooksParams): Webhooks {
  const documents = keptDocuments<KeptWebhook>(deps, { ...WHERE, kind: 'webhook', idField: 'webhookId' });
  const states = webhookStates(deps);
  const view = async ({ value: { secret: _, ...value }, ...stored }: Stored<KeptWebhook>) => {
    const { after: __, ...state } = (await states.find(stored.id))?.value ?? { after: 0, failures: 0 };
    return { ...stored, value: { ...value, ...state } };
  };
  /** From now on: what happened while nobody listened is not sent afterwards. */
  const beginNow = async (id: string): Promise<void> =>
    putState(deps.store, 'webhook-states', id, { after: await newest(), failures: 0 });
  return {
    ...viewedReads(documents, view),
    async create({ secret = deps.newSecret(), ...value }, actor) {
      const stored = await documents.create({ ...value, secret }, actor);
      await beginNow(stored.id);
      const shown = await view(stored);
      return { ...shown, value: { ...shown.value, secret } };
    },
    async update(id, { secret, ...value }, expected, actor) {
      const before = (await documents.get(id)).value;
      const next = { ...value, secret: secret ?? before.secret };
      const stored = await documents.update(id, next, expected, actor);
      if (!before.enabled && value.enabled) await beginNow(id);
      return view(stored);
    },
    async remove(id, expected, actor) {
      await documents.remove(id, expected, actor);
      await forgetState(deps.store, 'webhook-states', id);
    },
  };
}

export function webhookDocuments({ store }: Pick<PlaneDeps, 'store'>): DocumentRepository<KeptWebhook> {
  return new DocumentRepository<KeptWebhook>({ ...WHERE, store });
}

export function webhookStates({ store }: Pick<PlaneDeps, 'store'>): DocumentRepository<WebhookState> {
  const where = { table: 'platform-records', partition: 'webhook-states', noun: 'state' } as const;
  return new DocumentRepository<WebhookState>({ ...where, store });
}

/** For export and import. A secret never leaves; one that is new here gets a new one. */
export function webhookCollection(deps: PlaneDeps): Collection {
  const { table, partition } = WHERE;
  return documentCollection({
    store: deps.store,
    table,
    partition,
    name: 'webhooks',
    schema: PublicWebhook,
    idField: 'webhookId',
    expose: ({ secret: _, ...rest }: JsonObject) => rest,
    hidden: (kept) => ({ secret: kept?.['secret'] ?? deps.newSecret() }),
  });
}

/** Throws `RequestInvalid` for an address that events must not go to. */
export function requireAddress(problem: string | null): void {
  if (problem !== null) throw new BreakwaterError('RequestInvalid', problem);
}
