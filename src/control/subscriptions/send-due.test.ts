import { expect, test } from 'vitest';
import type { ChainedRecord } from '#core/audit-chain.ts';
import { BreakwaterError } from '#core/errors.ts';
import { virtualClock } from '#clocks/virtual.ts';
import { NOW, testPlane } from '../testing/plane.ts';
import { createCourier, type Letter } from './courier.ts';
import { sendDue } from './notifications.ts';
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
    subscriptions: createSubscriptions(deps, { newest, courier }),
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
    happens: (count: number) => {
      for (let i = 0; i < count; i++) {
        const sequence = trail.length + 1;
        const data = { sequence, at: '2026-11-24T10:00:00.000Z', code: 'ExecutionPaused', data: {} };
        const record = { action: 'execution.event', executionId: 'exec-1', data, sequence };
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

test('an event that is given up leaves its evidence once, however many ticks find it', async () => {
  const b = bench();
  await b.subscriptions.create(hook('pager'), ana);
  b.happens(1);
  b.answer = async () => 500;
  await b.tick();
  await b.clock.sleep(24 * 60 * MINUTE);
  await Promise.all([b.tick(), b.tick()]);
  expect(b.audited.filter(({ action }) => action === 'subscription.give-up')).toHaveLength(1);
  expect(await b.state('pager')).toMatchObject({ after: 1, failures: 2 });
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
