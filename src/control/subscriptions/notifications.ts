import type { ChainedRecord } from '#core/audit-chain.ts';
import type { Clock } from '#core/clock.ts';
import { EVENTS, type ExecutionEventRecord } from '#core/events.ts';
import { EVENT_RECORD } from '#core/evidence-bundle.ts';
import type { Stored } from '#store/documents.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import { repositoryItems } from '../triggers/schedules.ts';
import type { Courier, Delivery } from './courier.ts';
import {
  subscriptionDocuments,
  subscriptionStates,
  type KeptSubscription,
  type SubscriptionState,
} from './subscriptions.ts';

/*
 * Sends events of executions to those who subscribed. It reads them from the audit trail, which has every event of every execution
 * in one durable order, and keeps for each subscription up to where it has come. Invariants:
 * 1. an execution never waits for it: it only reads what is written;
 * 2. a subscriber gets its events one at a time and in order, each at least once (`<executionId>/<sequence>` tells
 *    repeats), also over a restart;
 * 3. one that fails is tried again with growing pauses; an event that could not be delivered for 24 hours is given up,
 *    which is recorded, so that the next ones come.
 */

export interface NotifierParams {
  /** The audit trail's records behind a number, oldest first: `audit.chain.list`. */
  readonly recordsAfter: (params: { after: number; limit: number }) => Promise<readonly ChainedRecord[]>;
  /** Number of the newest of them. */
  readonly newest: () => Promise<number>;
  readonly courier: Courier;
  /** Of people, not of executions. */
  readonly realClock: Clock;
  readonly onFailure?: (error: unknown) => void;
}

export interface Notifier {
  /** Resolves when nothing is being sent any more. What is under way is broken off, and comes again. */
  stop(): Promise<void>;
}

/** An event is in the trail a moment after it was published. */
const SOON_MS = 500;
/** For what nobody wakes it up for: subscriptions that are new, and pauses that are over. */
const LOOK_MS = 10_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 3_600_000;
const GIVE_UP_MS = 24 * 3_600_000;
const PAGE = 500;

export function startNotifications(deps: PlaneDeps, params: NotifierParams): Notifier {
  const { realClock, onFailure = () => {} } = params;
  const stopping = new AbortController();
  const busy = new Map<string, Promise<void>>();
  const pausedUntil = new Map<string, number>();
  let looking: Promise<void> = Promise.resolve();
  let cancel = (): void => {};
  let isSoon = false;

  const look = async (): Promise<void> => {
    for (const subscription of await repositoryItems(subscriptionDocuments(deps))) {
      const key = `${subscription.id}/${subscription.revision}`;
      const waits = (pausedUntil.get(key) ?? 0) > realClock.now();
      if (!subscription.value.enabled || busy.has(subscription.id) || waits || stopping.signal.aborted)
        continue;
      const sending = sendAll(deps, params, subscription, stopping.signal)
        .then((pauseMs) =>
          pauseMs === null ? pausedUntil.delete(key) : pausedUntil.set(key, realClock.now() + pauseMs),
        )
        .catch(onFailure)
        .then(() => void busy.delete(subscription.id));
      busy.set(subscription.id, sending);
    }
  };
  const arm = (ms: number): void => {
    cancel();
    cancel = realClock.at(realClock.now() + ms, () => {
      isSoon = false;
      looking = look()
        .catch(onFailure)
        .finally(() => {
          if (!stopping.signal.aborted && !isSoon) arm(LOOK_MS);
        });
    });
  };
  const unsubscribe = deps.events.subscribe(() => {
    if (isSoon || stopping.signal.aborted) return;
    isSoon = true;
    arm(SOON_MS);
  });
  arm(0);
  return {
    async stop() {
      unsubscribe();
      stopping.abort();
      cancel();
      await looking;
      await Promise.all(busy.values());
    },
  };
}

/** Sends what a subscriber has not got yet. Answers how long to pause after a failure; `null`: all is sent. */
async function sendAll(
  deps: PlaneDeps,
  params: NotifierParams,
  subscription: Stored<KeptSubscription>,
  signal: AbortSignal,
): Promise<number | null> {
  const states = subscriptionStates(deps);
  const found = await states.find(subscription.id);
  let state: SubscriptionState = found?.value ?? { after: await params.newest(), failures: 0 };
  let revision = found?.revision ?? (await states.create(subscription.id, state)).revision;
  const put = async (next: SubscriptionState): Promise<void> => {
    ({ revision } = await states.update(subscription.id, next, revision));
    state = next;
  };
  for (;;) {
    const records = await params.recordsAfter({ after: state.after, limit: PAGE });
    for (const record of records) {
      const event = eventOf(record);
      if (event === null || !isWanted(subscription.value, event)) continue;
      if (signal.aborted || !(await isSame(deps, subscription))) return null;
      const delivery = await params.courier.deliver(subscription.value.to, event, signal);
      // What the end of the server broke off has not failed.
      if (signal.aborted && delivery.result === 'failed') return null;
      if (delivery.result === 'delivered') {
        await put({ after: record.sequence, failures: 0, lastDelivery: delivery });
        continue;
      }
      const { failingSince = delivery.at } = state;
      const failures = state.failures + 1;
      if (Date.parse(delivery.at) - Date.parse(failingSince) < GIVE_UP_MS) {
        await put({ ...state, failures, failingSince, lastDelivery: delivery });
        return pauseAfter(failures);
      }
      await put({ after: record.sequence, failures, lastDelivery: delivery });
      await noteGivenUp(deps, subscription.id, delivery);
      return pauseAfter(failures);
    }
    if (records.length < PAGE) return null;
    await put({ ...state, after: records.at(-1)!.sequence });
  }
}

/** Milliseconds: 5 s, doubled with each failure, at most an hour. */
export function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
}

/** Nobody has changed or removed it meanwhile. */
async function isSame(deps: PlaneDeps, { id, revision }: Stored<KeptSubscription>): Promise<boolean> {
  return (await subscriptionDocuments(deps).find(id))?.revision === revision;
}

/** The event that a record of the trail is about; `null`: it is about something else. */
function eventOf({ record: { action, executionId, data } }: ChainedRecord): ExecutionEventRecord | null {
  if (action !== EVENT_RECORD || executionId === undefined) return null;
  const { sequence, at, code, data: facts } = data as unknown as Omit<ExecutionEventRecord, 'executionId'>;
  // Of an older version, which had events that this one does not know.
  if (!(code in EVENTS)) return null;
  const { level, describe } = EVENTS[code];
  return { executionId, sequence, at, code, level, message: describe(facts), data: facts };
}

function isWanted({ events }: KeptSubscription, { level, code }: ExecutionEventRecord): boolean {
  return level !== 'debug' && (events === undefined || events.includes(code));
}

/** Nobody should have to find out from what is missing. */
function noteGivenUp(
  { audit }: PlaneDeps,
  subscriptionId: string,
  { detail, ...delivery }: Delivery,
): Promise<void> {
  const { executionId, sequence, event } = delivery;
  return audit.append({
    action: 'subscription.give-up',
    by: 'breakwater',
    target: `subscription/${subscriptionId}`,
    executionId,
    data: { event, sequence, detail: detail ?? '' },
  });
}
