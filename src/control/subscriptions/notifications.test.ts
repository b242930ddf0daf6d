import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { AuditRepository } from '#store/audit.ts';
import { createEventBus } from '../event-bus.ts';
import { pauseAfter, startNotifications } from './notifications.ts';
import { NOW, testPlane } from '../testing/plane.ts';
import { createCourier } from './courier.ts';
import { createSubscriptions, Subscription, subscriptionCollection } from './subscriptions.ts';
import { addressProblem, urlProblem } from '../outgoing-address.ts';

const ana = { by: 'token:ana' };
const SECRET = 'sixteen-or-more-characters';
const url = 'https://hooks.example.com/dr';
const pager = Subscription.parse({ subscriptionId: 'pager', to: { type: 'webhook', url, secret: SECRET } });

interface Sent {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: { executionId: string; sequence: number; code: string };
  readonly redirect: string;
}

function bench() {
  const plane = testPlane();
  const clock = virtualClock({ startsAt: NOW });
  const events = createEventBus();
  const sign = (key: string, text: string) => createHmac('sha256', key).update(text).digest('hex');
  const newSecret = () => 'made-by-the-server';
  const deps = { ...plane.deps, events, sign, newSecret, realNow: () => clock.now() };
  const chain = new AuditRepository({ ...deps, serverId: 'bw-1', now: () => clock.now() });
  const newest = async () => (await chain.head()).sequence;
  const sent: Sent[] = [];
  const own = { answer: async (_signal: AbortSignal): Promise<number> => 204 };
  const send = (async (url: string, init: RequestInit) => {
    sent.push({
      url,
      headers: init.headers as Record<string, string>,
      body: JSON.parse(init.body as string),
      redirect: init.redirect!,
    });
    return new Response(null, { status: await own.answer(init.signal!) });
  }) as typeof fetch;
  const failures: unknown[] = [];
  const courier = createCourier(deps, {
    fetch: send,
    realClock: clock,
  });
  let sequence = 0;
  return Object.assign(own, {
    ...plane,
    deps,
    clock,
    sent,
    failures,
    subscriptions: createSubscriptions(deps, { newest, courier, recordsAfter: (page) => chain.list(page) }),
    sequences: () => sent.map(({ body }) => body.sequence),
    start: () =>
      startNotifications(deps, {
        recordsAfter: (page) => chain.list(page),
        newest,
        courier,
        realClock: clock,
        onFailure: (error) => failures.push(error),
      }),
    /** An event that is in the trail, as it is a moment after it happened. */
    async happens(code: string, data: Record<string, string | number> = {}) {
      const executionId = 'exec-1';
      const event = { sequence: ++sequence, at: '2026-11-24T10:00:00.000Z', code, data };
      await chain.append({
        action: 'execution.event',
        by: 'breakwater',
        target: 'execution/exec-1',
        executionId,
        data: event,
      });
      events.publish([{ ...event, executionId } as never]);
    },
  });
}

test('an event goes out signed, and the small ones stay', async () => {
  const b = bench();
  await b.subscriptions.create(pager, ana);
  const notifier = b.start();
  await b.happens('WavePaused', { waveNumber: 1, reason: 'r' });
  await b.happens('WaveStarted', { waveNumber: 1, name: 'Data' });
  await b.clock.sleep(2_000);
  const [{ url, headers, body, redirect }] = b.sent as [Sent];
  expect(b.sent).toHaveLength(1);
  expect({ url, redirect }).toEqual({ url: 'https://hooks.example.com/dr', redirect: 'manual' });
  expect(body).toEqual({
    executionId: 'exec-1',
    sequence: 2,
    at: '2026-11-24T10:00:00.000Z',
    code: 'WaveStarted',
    level: 'info',
    message: 'wave 1 (Data) started',
    data: { waveNumber: 1, name: 'Data' },
  });
  expect(headers).toMatchObject({
    'x-breakwater-event': 'WaveStarted',
    'x-breakwater-delivery': 'exec-1/2',
  });
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers['x-breakwater-signature']!)!;
  expect(Math.abs(Number(t) - NOW / 1_000)).toBeLessThan(5);
  expect(v1).toBe(
    createHmac('sha256', SECRET)
      .update(`${t}.${JSON.stringify(body)}`)
      .digest('hex'),
  );
  expect((await b.subscriptions.get('pager')).value).toMatchObject({
    failures: 0,
    lastDelivery: { event: 'WaveStarted', sequence: 2, result: 'delivered', status: 204 },
  });
  await notifier.stop();
  expect(b.clock.pending()).toBe(0);
  expect(b.failures).toEqual([]);
});

test('a subscriber hears only of what it asked for, of what came after it was made, and not while it is off', async () => {
  const b = bench();
  const notifier = b.start();
  await b.happens('ExecutionCancelled');
  await b.subscriptions.create({ ...pager, events: ['ExecutionCancelled'] }, ana);
  await b.happens('ExecutionPaused');
  await b.happens('ExecutionCancelled');
  await b.clock.sleep(20_000);
  expect(b.sequences()).toEqual([3]);
  await b.subscriptions.update('pager', { ...pager, enabled: false }, 1, ana);
  await b.happens('ExecutionCancelled');
  await b.clock.sleep(20_000);
  await b.subscriptions.update('pager', pager, 2, ana);
  await b.happens('ExecutionPaused');
  await b.clock.sleep(20_000);
  expect(b.sequences()).toEqual([3, 5]);
  await notifier.stop();
});

test.each([500, 404, 302])(
  'an answer of %i is a failure: the same event comes again, before the next',
  async (status) => {
    const b = bench();
    await b.subscriptions.create(pager, ana);
    b.answer = async () => status;
    const notifier = b.start();
    await b.happens('ExecutionPaused');
    await b.happens('ExecutionCancelled');
    await b.clock.sleep(3_000);
    expect(b.sequences()).toEqual([1]);
    expect((await b.subscriptions.get('pager')).value).toMatchObject({
      failures: 1,
      lastDelivery: { result: 'failed', status },
    });
    b.answer = async () => 200;
    await b.clock.sleep(60_000);
    expect(b.sequences()).toEqual([1, 1, 2]);
    expect((await b.subscriptions.get('pager')).value.failures).toBe(0);
    await notifier.stop();
  },
);

test('what was not delivered before a restart is delivered after it, and nothing twice', async () => {
  const b = bench();
  await b.subscriptions.create(pager, ana);
  const first = b.start();
  await b.happens('ExecutionPaused');
  await b.clock.sleep(3_000);
  await first.stop();
  await b.happens('ExecutionCancelled');
  expect(b.sequences()).toEqual([1]);
  const second = b.start();
  await b.clock.sleep(3_000);
  expect(b.sequences()).toEqual([1, 2]);
  await second.stop();
});

test('an answer that does not come within 10 s is a failure, and does not hold up another subscriber', async () => {
  const b = bench();
  await b.subscriptions.create(pager, ana);
  await b.subscriptions.create(
    { ...pager, subscriptionId: 'wiki', to: { type: 'webhook', url: 'https://wiki.example.com' } },
    ana,
  );
  b.answer = (signal) =>
    b.sent.at(-1)!.url.includes('wiki')
      ? Promise.resolve(200)
      : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const notifier = b.start();
  await b.happens('ExecutionPaused');
  await b.clock.sleep(5_000);
  expect((await b.subscriptions.get('wiki')).value.lastDelivery).toMatchObject({ result: 'delivered' });
  await b.clock.sleep(6_000);
  expect((await b.subscriptions.get('pager')).value.lastDelivery).toMatchObject({
    result: 'failed',
    detail: 'no answer within 10 s',
  });
  await notifier.stop();
});

test('an event that fails for 24 hours is given up, with evidence, and the next one comes', async () => {
  const b = bench();
  await b.subscriptions.create(pager, ana);
  b.answer = async () => (b.sent.at(-1)!.body.sequence === 1 ? 400 : 200);
  const notifier = b.start();
  await b.happens('ExecutionPaused');
  await b.happens('ExecutionCancelled');
  await b.clock.sleep(27 * 3_600_000);
  expect(new Set(b.sequences())).toEqual(new Set([1, 2]));
  expect(b.sequences().at(-1)).toBe(2);
  expect(b.sent.length).toBeLessThan(50);
  expect(b.audited.at(-1)).toMatchObject({
    action: 'subscription.give-up',
    target: 'subscription/pager',
    data: { event: 'ExecutionPaused', sequence: 1, detail: 'answered 400' },
  });
  await notifier.stop();
});

test('pauses double, up to an hour', () => {
  expect([1, 2, 3, 20].map(pauseAfter)).toEqual([5_000, 10_000, 20_000, 3_600_000]);
});

test.each([
  'http://example.com',
  'ftp://example.com',
  'https://user:pw@example.com',
  'https://169.254.169.254/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://[::ffff:169.254.169.254]/',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[fe80::1]/',
  'https://[fd00:ec2::254]/',
  'https://metadata.google.internal./',
  'http://127.0.0.1.example.com/',
  'not a url',
])('%s is refused', (url) => expect(urlProblem(url)).not.toBeNull());

test.each([
  'https://example.com',
  'https://10.0.0.7:8443/x',
  'http://localhost:9000',
  'http://[::1]/',
  'http://127.0.0.9/',
])('%s is allowed', (url) => expect(urlProblem(url)).toBeNull());

test('a name is no address', () => expect(addressProblem('example.com')).toBeNull());

test('no secret is in the evidence or in an export, and an import keeps the one that is there', async () => {
  const b = bench();
  const made = await b.subscriptions.create(pager, ana);
  expect(made.value.to).toMatchObject({ secret: SECRET });
  expect(JSON.stringify(b.audited)).not.toContain(SECRET);
  const collection = subscriptionCollection(b.deps);
  const [kept] = await collection.all();
  expect(kept!.value).toEqual({ subscriptionId: 'pager', to: { type: 'webhook', url }, enabled: true });
  const [write] = await collection.writesFor(kept!.value, kept!, ana);
  expect(write).toMatchObject({ value: { to: { secret: SECRET } } });
  const [anew] = await collection.writesFor(kept!.value, null, ana);
  expect(anew).toMatchObject({ value: { to: { secret: 'made-by-the-server' } } });
});
