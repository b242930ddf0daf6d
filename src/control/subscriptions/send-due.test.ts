import { expect, test } from 'vitest';
import type { ChainedRecord } from '#core/audit-chain.ts';
import { BreakwaterError } from '#core/errors.ts';
import { virtualClock } from '#clocks/virtual.ts';
import { NOW, testPlane } from '../testing/plane.ts';
import { createCourier, type Letter } from './courier.ts';
import { sendDue } from './notifications.ts';
import { failingSubscriptions } from '../measures/subscriptions.ts';
import { createSubscriptions, Subscription, subscriptionStates } from './subscriptions.ts';

const ana = { by: 'token:ana' };
const MINUTE = 60_000;
const hook = (subscriptionId: string) =>
  Subscription.parse({
    subscriptionId,
    to: {
      type: 'webhook',
      url: `https://${subscriptionId}.example.com`,
      secret: 'sixteen-or-more-characters',
    },
  });

/** Functions that send from the same records. */
function bench() {
  const plane = testPlane();
  const clock = virtualClock({ startsAt: NOW });
  const deps = {
    ...plane.deps,
    sign: () => 'x',
    newSecret: () => 'x'.repeat(20),
    realNow: () => clock.now(),
  };
  const trail: ChainedRecord[] = [];
  const sent: { to: string; sequence: number }[] = [];
  const failures: unknown[] = [];
  const own = { answer: async (_to: string, _letter: Letter, _signal: AbortSignal): Promise<number> => 204 };
  const send = (async (url: string, init: RequestInit) => {
    const letter = JSON.parse(init.body as string) as Letter;
    const to = new URL(url).hostname.split('.')[0]!;
    sent.push({ to, sequence: letter.sequence });
    return new Response(null, { status: await own.answer(to, letter, init.signal!) });
  }) as typeof fetch;
  const newest = async (): Promise<number> => trail.length;
  const courier = createCourier(deps, { fetch: send, realClock: clock });
  const recordsAfter = async ({ after, limit }: { after: number; limit: number }) =>
    trail.slice(after, after + limit);
  return Object.assign(own, {
    ...plane,
    deps,
    clock,
    failures,
    subscriptions: createSubscriptions(deps, { newest, courier, recordsAfter }),
    to: (name: string) => sent.filter(({ to }) => to === name).map(({ sequence }) => sequence),
    state: async (name: string) => (await subscriptionStates(deps).find(name))!.value,
    tick: (isOver = (): boolean => false) =>
      sendDue(deps, {
        recordsAfter,
        newest,
        courier,
        realClock: clock,
        isOver,
        onFailure: (error) => failures.push(error),
      }),
    happens: (count: number, executionId = 'exec-1') => {
      for (let i = 0; i < count; i++) {
        const sequence = trail.length + 1;
        const at = new Date(clock.now()).toISOString();
        const data = { sequence, at: '2026-11-24T10:00:00.000Z', code: 'ExecutionPaused', data: {} };
        const record = { action: 'execution.event', at, executionId, data, sequence };
        trail.push({ sequence, hash: '', record } as unknown as ChainedRecord);
      }
    },
  });
}

test('a tick sends what came since the last one, to every subscriber', async () => {
  const b = bench();
  await b.subscriptions.create(hook('pager'), ana);
  await b.subscriptions.create(hook('wiki'), ana);
  b.happens(2);
  await b.tick();
  b.happens(1);
  await b.tick();
  await b.tick();
  expect([b.to('pager'), b.to('wiki')]).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  expect(b.failures).toEqual([]);
});

test('a pause is in the records: the next tick keeps it, and a change of the subscription ends it', async () => {
  const b = bench();
  await b.subscriptions.create(hook('pager'), ana);
  b.happens(1);
  b.answer = async () => 500;
  for (let tick = 0; tick < 5; tick++, await b.clock.sleep(MINUTE)) await b.tick();
  // Pauses of 5, 10, 20, 40 and 80 s: the fifth tick comes in the last one of them.
  expect(b.to('pager')).toEqual([1, 1, 1, 1, 1]);
  await b.tick();
  expect(b.to('pager')).toHaveLength(5);
  expect((await b.subscriptions.get('pager')).value).not.toHaveProperty('pause');
  b.answer = async () => 200;
  await b.subscriptions.update('pager', hook('pager'), 1, ana);
  await b.tick();
  expect(b.to('pager')).toHaveLength(6);
  expect(await b.state('pager')).toMatchObject({ after: 1, failures: 0 });
  expect(await b.state('pager')).not.toHaveProperty('pause');
});

test('a subscriber that hangs costs a tick ten seconds, counts as failed, and holds up nobody else', async () => {
  const b = bench();
  await b.subscriptions.create(hook('pager'), ana);
  await b.subscriptions.create(hook('wiki'), ana);
  b.happens(3);
  b.answer = async (to, _letter, signal) => {
    if (to === 'wiki') return 200;
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  };
  const began = b.clock.now();
  await b.tick();
  expect(b.clock.now() - began).toBe(10_000);
  expect([b.to('pager'), b.to('wiki')]).toEqual([[1], [1, 2, 3]]);
  expect(await b.state('pager')).toMatchObject({ after: 0, failures: 1, pause: { revision: 1 } });
  expect(b.clock.pending()).toBe(0);
});

test('two ticks at once pass nothing over, and keep the order', async () => {
  const b = bench();
  await b.subscriptions.create(hook('pager'), ana);
  b.happens(4);
  await Promise.all([b.tick(), b.tick()]);
  await b.tick();
  const sequences = b.to('pager');
  expect([...new Set(sequences)]).toEqual([1, 2, 3, 4]);
  // Whoever lost has sent one event that the other had sent too, and stopped.
  expect(sequences.length).toBe(5);
  expect(await b.state('pager')).toMatchObject({ after: 4, failures: 0 });
  expect(b.failures).toEqual([]);
});

test('a tick that was overtaken does not turn a delivery of the other into a failure', async () => {
  const b = bench();
  await b.subscriptions.create(hook('pager'), ana);
  b.happens(2);
  let answered = 0;
  b.answer = async () => {
    if (++answered > 1) return 200;
    await b.tick();
    return 500;
  };
  await b.tick();
  expect(b.to('pager')).toEqual([1, 1, 2]);
  expect(await b.state('pager')).toMatchObject({ after: 2, failures: 0 });
});

test('a tick that dies after a delivery repeats that one event, and none before it', async () => {
  const b = bench();
  await b.subscriptions.create(hook('pager'), ana);
  b.happens(3);
  const reached = new Promise<void>((resolve) => {
    b.answer = (_to, { sequence }) =>
      sequence === 2 ? (resolve(), new Promise<number>(() => {})) : Promise.resolve(200);
  });
  void b.tick();
  await reached;
  b.answer = async () => 200;
  await b.tick();
  expect(b.to('pager')).toEqual([1, 2, 2, 3]);
});

test('when its time is over a tick begins no delivery, and the next goes on there', async () => {
  const b = bench();
  await b.subscriptions.create(hook('pager'), ana);
  b.happens(3);
  await b.tick(() => b.to('pager').length === 2);
  expect(b.to('pager')).toEqual([1, 2]);
  await b.tick();
  expect(b.to('pager')).toEqual([1, 2, 3]);
});

const HOUR = 60 * MINUTE;

test('however long a receiver is down, nothing waits for more than 24 hours, or 25 if another was before it', async () => {
  const b = bench();
  await b.subscriptions.create(hook('pager'), ana);
  await b.subscriptions.create(hook('wiki'), ana);
  b.answer = async (to) => (to === 'pager' ? 503 : 200);
  const waiting: number[] = [];
  for (let hour = 0; hour < 72; hour++, await b.clock.sleep(HOUR)) {
    b.happens(1);
    await b.tick();
    waiting.push((await b.subscriptions.get('pager')).value.waiting!.count);
  }
  expect(waiting.slice(0, 24)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
  expect(new Set(waiting.slice(24))).toEqual(new Set([24]));
  // The others have theirs at once.
  expect(b.to('wiki')).toEqual(Array.from({ length: 72 }, (_, i) => i + 1));
  b.answer = async () => 200;
  await b.tick();
  // The one of 24 hours ago is the first that is too old; in their order, each once.
  expect(b.to('pager').slice(-23)).toEqual(Array.from({ length: 23 }, (_, i) => 50 + i));
});

test('a subscription says that it fails, since when, how, how many wait and how many were given up', async () => {
  const b = bench();
  await b.subscriptions.create(hook('pager'), ana);
  b.answer = async () => 503;
  for (let i = 0; i < 3; i++, await b.clock.sleep(MINUTE)) {
    b.happens(1);
    await b.tick();
  }
  const failing = {
    failures: 3,
    failingSince: '2026-11-24T10:00:00.000Z',
    lastDelivery: { result: 'failed', status: 503, detail: 'answered 503', sequence: 1 },
  };
  const { value } = await b.subscriptions.get('pager');
  expect(value).toMatchObject({
    ...failing,
    waiting: { count: 3, oldestAt: '2026-11-24T10:00:00.000Z', isMore: false },
  });
  expect(value).not.toHaveProperty('givenUp');
  expect((await b.subscriptions.list()).items[0]!.value).toMatchObject(failing);
  await b.clock.sleep(25 * HOUR - 2 * MINUTE);
  await b.tick();
  expect((await b.subscriptions.get('pager')).value).toMatchObject({
    failures: 4,
    failingSince: '2026-11-24T10:00:00.000Z',
    givenUp: { count: 2, lastAt: '2026-11-25T11:01:00.000Z' },
    waiting: { count: 1, oldestAt: '2026-11-24T10:02:00.000Z' },
    lastDelivery: { sequence: 3 },
  });
  b.answer = async () => 200;
  await b.clock.sleep(HOUR);
  b.happens(1);
  await b.tick();
  const mended = (await b.subscriptions.get('pager')).value;
  expect(mended).toMatchObject({ failures: 0, givenUp: { count: 3 }, waiting: { count: 0, isMore: false } });
  expect(mended).not.toHaveProperty('failingSince');
});

test('those that fail now are counted, without those that are off', async () => {
  const b = bench();
  for (const name of ['pager', 'wiki', 'off']) await b.subscriptions.create(hook(name), ana);
  b.answer = async (to) => (to === 'wiki' ? 200 : 500);
  b.happens(1);
  await b.tick();
  await b.subscriptions.update('off', { ...hook('off'), enabled: false }, 1, ana);
  expect(await failingSubscriptions(b.deps)).toBe(1);
  b.answer = async () => 200;
  await b.clock.sleep(MINUTE);
  await b.tick();
  expect(await failingSubscriptions(b.deps)).toBe(0);
});

test('what waits is counted in a trail of bounded length', async () => {
  const b = bench();
  await b.subscriptions.create(hook('pager'), ana);
  b.happens(5_001);
  expect((await b.subscriptions.get('pager')).value.waiting).toMatchObject({ count: 5_000, isMore: true });
});

test('events that are given up leave evidence with their execution, once, however many ticks find them', async () => {
  const b = bench();
  await b.subscriptions.create(hook('pager'), ana);
  b.happens(2);
  b.happens(1, 'exec-2');
  b.answer = async () => 500;
  await b.tick();
  await b.clock.sleep(25 * HOUR);
  await Promise.all([b.tick(), b.tick()]);
  await b.tick();
  const givenUp = b.audited.filter(({ action }) => action === 'subscription.give-up');
  const event = 'ExecutionPaused';
  expect(givenUp.map(({ executionId, data }) => [executionId, data])).toEqual([
    ['exec-1', { event, sequence: 1, lastSequence: 2, count: 2, detail: 'answered 500' }],
    ['exec-2', { event, sequence: 3, lastSequence: 3, count: 1, detail: 'answered 500' }],
  ]);
  expect(await b.state('pager')).toMatchObject({ after: 3, failures: 1, givenUp: { count: 3 } });
});

test('an event that another holds up is tried before it is given up, so that one that is not taken costs no other', async () => {
  const b = bench();
  await b.subscriptions.create(hook('pager'), ana);
  b.answer = async (_, { sequence }) => (sequence === 1 ? 400 : 200);
  b.happens(3);
  await b.tick();
  await b.clock.sleep(24 * HOUR - 1);
  await b.tick();
  await b.clock.sleep(1);
  await b.subscriptions.update('pager', hook('pager'), 1, ana);
  await b.tick();
  expect(b.to('pager')).toEqual([1, 1, 2, 3]);
  expect(await b.state('pager')).toMatchObject({ after: 3, failures: 0, givenUp: { count: 1 } });
});

test('what nobody has sent for a day is given up as well, and its evidence says so', async () => {
  const b = bench();
  await b.subscriptions.create(hook('pager'), ana);
  b.happens(1);
  await b.clock.sleep(25 * HOUR);
  b.happens(1);
  await b.tick();
  expect(b.to('pager')).toEqual([2]);
  expect(b.audited.at(-1)).toMatchObject({ data: { count: 1, detail: 'nothing was sent meanwhile' } });
});

test('a subscription whose records cannot be read is told, and the others get theirs', async () => {
  const b = bench();
  await b.subscriptions.create(hook('bad'), ana);
  await b.subscriptions.create(hook('pager'), ana);
  b.happens(1);
  const { get } = b.store;
  b.store.get = (params) =>
    params.key.sort === 'bad' ? Promise.reject(new BreakwaterError('StoreCorrupt', 'no')) : get(params);
  await b.tick();
  expect(b.failures).toMatchObject([{ code: 'StoreCorrupt' }]);
  expect(b.to('pager')).toEqual([1]);
});
