import type { Clock } from '#core/clock.ts';
import { hasCode } from '#core/errors.ts';
import type { Stored } from '#store/documents.ts';
import type { Write } from '#store/port.ts';
import type { AuditEntry } from '../audit-log.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import { repositoryItems } from '../triggers/schedules.ts';
import type { Courier, Delivery } from './courier.ts';
import {
  subscriptionDocuments,
  subscriptionStates,
  type KeptSubscription,
  type SubscriptionState,
} from './subscriptions.ts';
import { wantedEvents, type RecordsAfter, type WantedEvent } from './wanted-events.ts';

/*
 * Sends events of executions to those who subscribed. It reads them from the audit trail, which has every event of every execution
 * in one durable order, and keeps for each subscription up to where it has come. Invariants:
 * 1. an execution never waits for it: it only reads what is written;
 * 2. a subscriber gets its events one at a time and in order, each at least once (`<executionId>/<sequence>` tells
 *    repeats), also over a restart;
 * 3. one that fails is tried again with growing pauses, which are in the records; an event that is not delivered within 24 hours
 *    is given up, or an hour later if it was not tried before, for another was before it. That is counted in the state and recorded
 *    with it, and no more than 25 hours' events ever wait;
 * 4. of two that send at once, whoever finds that the other has come further stops: no event is passed over, and one comes twice.
 */

interface SenderParams {
  readonly recordsAfter: RecordsAfter;
  /** Number of the newest of them. */
  readonly newest: () => Promise<number>;
  readonly courier: Courier;
  /** Of people, not of executions. */
  readonly realClock: Clock;
}

export interface NotifierParams extends SenderParams {
  readonly onFailure?: (error: unknown) => void;
}

export interface SendParams extends SenderParams {
  /** No other delivery is begun then. One that is under way has its own limit, `LONGEST_DELIVERY_MS`. */
  readonly isOver: () => boolean;
  /** Told of a subscription that could not be dealt with. What a receiver does not take is no failure here. */
  readonly onFailure: (error: unknown) => void;
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
const OVERTAKEN = ['PreconditionFailed', 'AlreadyExists', 'NotFound'] as const;

/** Sends soon after something happened. For a process that lasts. */
export function startNotifications(deps: PlaneDeps, params: NotifierParams): Notifier {
  const { realClock, onFailure = () => {} } = params;
  const stopping = new AbortController();
  const { signal } = stopping;
  const busy = new Map<string, Promise<void>>();
  let looking: Promise<void> = Promise.resolve();
  let cancel = (): void => {};
  let isSoon = false;

  const look = async (): Promise<void> => {
    for (const subscription of await repositoryItems(subscriptionDocuments(deps))) {
      if (!subscription.value.enabled || busy.has(subscription.id) || signal.aborted) continue;
      const sending = sendAll(deps, { ...params, signal, isOver: () => signal.aborted }, subscription)
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
          if (!signal.aborted && !isSoon) arm(LOOK_MS);
        });
    });
  };
  const unsubscribe = deps.events.subscribe(() => {
    if (isSoon || signal.aborted) return;
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

/** Sends what is due now, to all subscribers at once. To be called about once a minute, by whomever. */
export async function sendDue(deps: PlaneDeps, params: SendParams): Promise<void> {
  const all = await repositoryItems(subscriptionDocuments(deps));
  const enabled = all.filter(({ value }) => value.enabled);
  const own = { ...params, signal: deps.services.signal };
  await Promise.all(enabled.map((subscription) => sendAll(deps, own, subscription).catch(params.onFailure)));
}

interface Sending extends SenderParams {
  readonly signal: AbortSignal;
  readonly isOver: () => boolean;
}

/** Sends what a subscriber has not got yet, until all is sent, something fails, or its time is over. */
async function sendAll(
  deps: PlaneDeps,
  params: Sending,
  subscription: Stored<KeptSubscription>,
): Promise<void> {
  const { recordsAfter, courier, signal, isOver } = params;
  try {
    const kept = await keptState(deps, params, subscription);
    if (isPaused(kept.state, subscription, params.realClock.now())) return;
    for (;;) {
      const records = await recordsAfter({ after: kept.state.after, limit: PAGE });
      const wanted = wantedEvents(subscription.value, records);
      const events = tooOld(wanted, kept.state, params.realClock.now());
      if (!(await giveUp(kept, subscription, { events, ...params }))) return;
      for (const { number, event } of wanted.slice(events.length)) {
        if (isOver() || !(await isSame(deps, subscription))) return;
        const delivery = await courier.deliver(subscription.value.to, event, signal);
        // What the end of the server broke off has not failed.
        if (signal.aborted && delivery.result === 'failed') return;
        if (!(await noteDelivery(kept, subscription, { delivery, sequence: number }))) return;
      }
      if (records.length < PAGE || isOver()) return;
      await kept.put({ ...kept.state, after: records.at(-1)!.sequence });
    }
  } catch (error) {
    // Another sender has come further, or a person has changed or removed the subscription.
    if (!OVERTAKEN.some((code) => hasCode(error, code))) throw error;
  }
}

interface KeptState {
  readonly state: SubscriptionState;
  /** Refused if anybody else has changed it. */
  put(next: SubscriptionState, entry?: AuditEntry): Promise<void>;
}

async function keptState(
  deps: PlaneDeps,
  { newest }: SenderParams,
  { id }: Stored<KeptSubscription>,
): Promise<KeptState> {
  const states = subscriptionStates(deps);
  const found = (await states.find(id)) ?? (await states.create(id, { after: await newest(), failures: 0 }));
  let { value: state, revision } = found;
  return {
    get state() {
      return state;
    },
    async put(next, entry) {
      const write = async (along: readonly Write[]): Promise<void> =>
        void ({ revision } = await states.update(id, next, revision, along));
      await (entry === undefined ? write([]) : deps.audit.change(entry, (announced) => write([announced])));
      state = next;
    },
  };
}

/** Writes down how a delivery went. True if the next one may come. */
async function noteDelivery(
  kept: KeptState,
  subscription: Stored<KeptSubscription>,
  { delivery, sequence }: { delivery: Delivery; sequence: number },
): Promise<boolean> {
  if (delivery.result === 'delivered') {
    const { givenUp } = kept.state;
    const rest = givenUp === undefined ? {} : { givenUp };
    await kept.put({ after: sequence, failures: 0, lastDelivery: delivery, ...rest });
    return true;
  }
  const { failingSince = delivery.at } = kept.state;
  const failures = kept.state.failures + 1;
  const pause = {
    until: new Date(Date.parse(delivery.at) + pauseAfter(failures)).toISOString(),
    revision: subscription.revision,
  };
  await kept.put({ ...kept.state, failures, failingSince, lastDelivery: delivery, pause });
  return false;
}

/** The first ones. One that was held up by another, and was never tried itself, has a last try. */
function tooOld(
  wanted: readonly WantedEvent[],
  { lastDelivery }: SubscriptionState,
  now: number,
): readonly WantedEvent[] {
  const end = wanted.findIndex(({ since, event: { executionId, sequence } }) => {
    const isTried = lastDelivery?.executionId === executionId && lastDelivery.sequence === sequence;
    return now - Date.parse(since) < GIVE_UP_MS + (isTried ? 0 : LONGEST_PAUSE_MS);
  });
  return end < 0 ? wanted : wanted.slice(0, end);
}

interface Late extends Pick<Sending, 'isOver' | 'realClock'> {
  /** The first that are to be delivered. */
  readonly events: readonly WantedEvent[];
}

/** Passes over what is too old, and leaves evidence with the execution that it is about. True if the next one may come. */
async function giveUp(
  kept: KeptState,
  { id }: Stored<KeptSubscription>,
  { events, isOver, realClock }: Late,
): Promise<boolean> {
  for (let from = 0; from < events.length;) {
    if (isOver()) return false;
    const { executionId } = events[from]!.event;
    const end = events.findIndex(({ event }, index) => index > from && event.executionId !== executionId);
    const some = events.slice(from, end < 0 ? events.length : end);
    const { state } = kept;
    const count = (state.givenUp?.count ?? 0) + some.length;
    const givenUp = { count, lastAt: new Date(realClock.now()).toISOString() };
    await kept.put({ ...state, after: some.at(-1)!.number, givenUp }, givenUpEntry(id, state, some));
    from += some.length;
  }
  return true;
}

/** A change of the subscription ends its pause: perhaps it has been mended. */
function isPaused(
  { pause }: SubscriptionState,
  { revision }: Stored<KeptSubscription>,
  now: number,
): boolean {
  return pause !== undefined && pause.revision === revision && now < Date.parse(pause.until);
}

/** Milliseconds: 5 s, doubled with each failure, at most an hour. */
export function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
}

/** Nobody has changed or removed it meanwhile. */
async function isSame(deps: PlaneDeps, { id, revision }: Stored<KeptSubscription>): Promise<boolean> {
  return (await subscriptionDocuments(deps).find(id))?.revision === revision;
}

/** Nobody should have to find out from what is missing. `events`: of one execution, one after the other. */
function givenUpEntry(
  subscriptionId: string,
  { lastDelivery }: SubscriptionState,
  events: readonly WantedEvent[],
): AuditEntry {
  const { executionId, sequence, code } = events[0]!.event;
  const detail =
    lastDelivery?.result === 'failed' ? (lastDelivery.detail ?? '') : 'nothing was sent meanwhile';
  return {
    action: 'subscription.give-up',
    by: 'breakwater',
    target: `subscription/${subscriptionId}`,
    executionId,
    data: {
      event: code,
      sequence,
      lastSequence: events.at(-1)!.event.sequence,
      count: events.length,
      detail,
    },
  };
}
