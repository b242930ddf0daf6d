import { expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { createCourier } from '#control/subscriptions/courier.ts';
import { createSubscriptions } from '#control/subscriptions/subscriptions.ts';
import { NOW, testPlane } from '#control/testing/plane.ts';
import { testApp } from '../testing/test-app.ts';
import { subscriptionsRoutes } from './subscriptions.ts';

const to = { type: 'webhook', url: 'https://hooks.example.com/dr' };
const pager = { subscriptionId: 'pager', to, events: ['ExecutionFailed'] };

const SECRET = 'a-secret-of-this-server';

const app = (answer = 204) => {
  const plane = testPlane();
  const deps = { ...plane.deps, newSecret: () => SECRET, sign: () => 'a-signature' };
  const sent: string[] = [];
  const courier = createCourier(deps, {
    fetch: async (url) => {
      sent.push(url);
      return new Response(null, { status: answer });
    },
    realClock: virtualClock({ startsAt: NOW }),
  });
  const subscriptions = createSubscriptions(deps, {
    newest: async () => 0,
    recordsAfter: async () => [],
    courier,
  });
  return testApp(subscriptionsRoutes(subscriptions)).then((tested) => ({ ...tested, sent }));
};

test('the secret is shown once, at creation', async () => {
  const { ask } = await app();
  const made = await ask('POST /subscriptions', { body: pager });
  expect(made.status).toBe(201);
  expect(made.body).toEqual({ ...pager, to: { ...to, secret: SECRET }, enabled: true, failures: 0 });
  const changed = { ...pager, to: { ...to, secret: 'another-secret-of-mine' } };
  const answers = [
    await ask('GET /subscriptions/pager', { as: 'ReadOnly' }),
    await ask('GET /subscriptions'),
    await ask('PUT /subscriptions/pager', { body: changed, ifMatch: 1 }),
    await ask('POST /subscriptions/pager/test'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(answers.map(({ text }) => text).join()).not.toMatch(/secret/);
  expect((await ask('PUT /subscriptions/pager', { body: pager, ifMatch: 1 })).status).toBe(412);
  expect((await ask('DELETE /subscriptions/pager', { ifMatch: 2 })).status).toBe(204);
});

test.each([
  [204, { result: 'delivered', status: 204 }],
  [500, { result: 'failed', status: 500, detail: 'answered 500' }],
])('a test is sent at once, and an answer of %i is told', async (answer, expected) => {
  const { ask, sent } = await app(answer);
  await ask('POST /subscriptions', { body: { ...pager, enabled: false } });
  const { status, body } = await ask('POST /subscriptions/pager/test');
  expect(status).toBe(200);
  expect(body).toMatchObject({ event: 'SubscriptionTested', executionId: 'test', sequence: 0, ...expected });
  expect(sent).toEqual([to.url]);
  expect((await ask('POST /subscriptions/nobody/test')).status).toBe(404);
});

test('only an Admin may change subscriptions, or test them', async () => {
  const { ask } = await app();
  await ask('POST /subscriptions', { body: pager });
  for (const as of ['RecoveryManager', 'PlanManager', 'Operator', 'ReadOnly'] as const) {
    expect((await ask('POST /subscriptions', { as, body: pager })).status).toBe(403);
    expect((await ask('POST /subscriptions/pager/test', { as })).status).toBe(403);
  }
});

const topic = 'arn:aws:sns:eu-west-1:111122223333:dr';
const bus = 'arn:aws:events:eu-west-1:111122223333:event-bus/dr';

test.each([
  { type: 'sns', topicArn: topic },
  { type: 'eventBridge', eventBusArn: bus },
])('%o is a target', async (other) => {
  const { ask } = await app();
  const { status, body } = await ask('POST /subscriptions', { body: { ...pager, to: other } });
  expect([status, body.to]).toEqual([201, other]);
});

test.each([
  { to: { ...to, url: 'http://hooks.example.com' } },
  { to: { ...to, url: 'https://169.254.169.254/latest' } },
  { to: { ...to, secret: 'short' } },
  { to: { type: 'sns', topicArn: `${topic}.fifo` } },
  { to: { type: 'sns', topicArn: bus } },
  { to: { type: 'eventBridge', eventBusArn: topic } },
  { to: { type: 'mail', address: 'a@example.com' } },
  { events: ['NoSuchEvent'] },
])('%o is refused', async (wrong) => {
  const { ask } = await app();
  const { status, body } = await ask('POST /subscriptions', { body: { ...pager, ...wrong } });
  expect([status, body.code]).toEqual([400, 'RequestInvalid']);
});
