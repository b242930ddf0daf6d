import type { Aws } from '#aws/aws.ts';
import type { Clock } from '#core/clock.ts';
import { BreakwaterError, messageOf } from '#core/errors.ts';
import type { ExecutionEventRecord } from '#core/events.ts';
import type { JsonObject } from '#core/json.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import { requestDoor } from '../request-door.ts';
import type { KeptWebhook, Target } from './target.ts';
import { urlProblem } from '../outgoing-address.ts';

/** What is sent: an event as the API shows it. `code` may be one that is in no execution: a test. */
export type Letter = Omit<ExecutionEventRecord, 'code' | 'data'> & {
  readonly code: string;
  readonly data: JsonObject;
};

/** One try to deliver an event. */
export interface Delivery {
  /** ISO 8601. */
  readonly at: string;
  readonly event: string;
  readonly executionId: string;
  readonly sequence: number;
  readonly result: 'delivered' | 'failed';
  /** What a webhook's receiver answered, if it did. */
  readonly status?: number;
  /** Why it failed; or the id that SNS or EventBridge gave it. */
  readonly detail?: string;
}

/** Brings events to webhooks, topics and buses. Tries once; a failure is an answer. */
export interface Courier {
  deliver(to: Target, letter: Letter, signal: AbortSignal): Promise<Delivery>;
  /** As `deliver`, and looks first whether there is such a bus: EventBridge takes events for one that is not, and drops them. */
  test(to: Target, letter: Letter, signal: AbortSignal): Promise<Delivery>;
}

export interface CourierParams {
  /** Follows no redirect, and goes to no address that `addressProblem` has something against. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Of people, not of executions. */
  readonly realClock: Clock;
}

/** One try takes no longer. */
export const LONGEST_DELIVERY_MS = 10_000;
/** SNS: "Subject … up to 100 characters", https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const LONGEST_SUBJECT = 100;

type Outcome = Pick<Delivery, 'result' | 'status' | 'detail'>;

export function createCourier(deps: PlaneDeps, params: CourierParams): Courier {
  // Kept while it works: a new one assumes its roles anew, which helps when a target account has been mended.
  let door: Aws | null = null;
  const open = (): Aws => (door ??= requestDoor(deps, { requestId: 'notifications' }));
  const send = async (to: Target, letter: Letter, signal: AbortSignal): Promise<Outcome> => {
    if (to.type === 'webhook') return post(deps, params, to, { letter, signal });
    const id =
      to.type === 'sns'
        ? await publish(open(), to.topicArn, { letter, signal })
        : await putEvent(open(), to.eventBusArn, { letter, signal });
    return { result: 'delivered', detail: id };
  };
  const outcomeOf = async (
    { letter, signal: stopped }: Sending,
    sending: (signal: AbortSignal) => Promise<Outcome>,
  ): Promise<Delivery> => {
    const { realClock } = params;
    const { executionId, sequence, code } = letter;
    const about = { at: new Date(realClock.now()).toISOString(), event: code, executionId, sequence };
    const timeout = new AbortController();
    const cancel = realClock.at(realClock.now() + LONGEST_DELIVERY_MS, () => timeout.abort(tooLate()));
    try {
      return { ...about, ...(await sending(AbortSignal.any([timeout.signal, stopped]))) };
    } catch (thrown) {
      door = null;
      const error: unknown = timeout.signal.aborted ? timeout.signal.reason : thrown;
      return { ...about, result: 'failed', detail: messageOf(error).slice(0, 300) };
    } finally {
      cancel();
    }
  };
  return {
    deliver: (to, letter, signal) => outcomeOf({ letter, signal }, (own) => send(to, letter, own)),
    test: (to, letter, signal) =>
      outcomeOf({ letter, signal }, async (own) => {
        if (to.type === 'eventBridge') await requireBus(open(), to.eventBusArn, own);
        return send(to, letter, own);
      }),
  };
}

/** Redirects are answers like others: they could lead anywhere. */
async function post(
  deps: PlaneDeps,
  { fetch, realClock }: CourierParams,
  { url, secret }: KeptWebhook,
  { letter, signal }: Sending,
): Promise<Outcome> {
  const problem = urlProblem(url);
  if (problem !== null) throw new BreakwaterError('RequestInvalid', problem);
  const body = JSON.stringify(letter);
  const t = Math.floor(realClock.now() / 1_000);
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    signal,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'breakwater',
      'x-breakwater-event': letter.code,
      'x-breakwater-delivery': deliveryId(letter),
      'x-breakwater-signature': `t=${t},v1=${deps.sign(secret, `${t}.${body}`)}`,
    },
    body,
  });
  // Nobody reads it, however much it is.
  await response.body?.cancel();
  const { status } = response;
  if (status >= 200 && status < 300) return { result: 'delivered', status };
  return { result: 'failed', status, detail: `answered ${status}` };
}

/** The same for a repeat, so that receivers can tell. */
function deliveryId({ executionId, sequence }: Letter): string {
  return `${executionId}/${sequence}`;
}

interface Sending {
  readonly letter: Letter;
  readonly signal: AbortSignal;
}

async function publish(aws: Aws, topicArn: string, { letter, signal }: Sending): Promise<string> {
  const { code, level, executionId } = letter;
  const notification = {
    topicArn,
    subject: `Breakwater: ${code} (${executionId})`.slice(0, LONGEST_SUBJECT),
    message: JSON.stringify(letter),
    attributes: { event: code, level, executionId, delivery: deliveryId(letter) },
  };
  return (await placeOf(aws, topicArn).sns.publish(notification, signal)).messageId;
}

async function putEvent(aws: Aws, eventBusArn: string, { letter, signal }: Sending): Promise<string> {
  const entry = {
    source: 'breakwater',
    detailType: letter.code,
    detail: { ...letter, delivery: deliveryId(letter) },
    eventBus: eventBusArn,
    time: new Date(letter.at),
  };
  const { eventIds } = await placeOf(aws, eventBusArn).events.putEvents({ entries: [entry] }, signal);
  return eventIds[0]!;
}

async function requireBus(aws: Aws, eventBusArn: string, signal: AbortSignal): Promise<void> {
  await placeOf(aws, eventBusArn).events.describeEventBus({ eventBus: eventBusArn }, signal);
}

/** `arn:aws:sns:eu-west-1:111122223333:topic` */
function placeOf(aws: Aws, arn: string): ReturnType<Aws['for']> {
  const [, , , region, accountId] = arn.split(':');
  return aws.for({ region, accountId });
}

function tooLate(): BreakwaterError {
  return new BreakwaterError('ServerUnreachable', `no answer within ${LONGEST_DELIVERY_MS / 1_000} s`);
}
