import { expect, test } from 'vitest';
import { testPlane } from '#control/testing/plane.ts';
import { createWebhooks } from '#control/webhooks.ts';
import { testApp } from '../testing/test-app.ts';
import { webhooksRoutes } from './webhooks.ts';

const pager = { webhookId: 'pager', url: 'https://hooks.example.com/dr', events: ['ExecutionFailed'] };

const app = () => {
  const deps = { ...testPlane().deps, newSecret: () => 'a-secret-of-this-server' };
  return testApp(webhooksRoutes(createWebhooks(deps, { newest: async () => 0 })));
};

test('the secret is shown once, at creation', async () => {
  const { ask } = await app();
  const made = await ask('POST /webhooks', { body: pager });
  expect(made.status).toBe(201);
  expect(made.body).toEqual({ ...pager, enabled: true, secret: 'a-secret-of-this-server', failures: 0 });
  const changed = { ...pager, secret: 'another-secret-of-mine' };
  const answers = [
    await ask('GET /webhooks/pager', { as: 'ReadOnly' }),
    await ask('GET /webhooks'),
    await ask('PUT /webhooks/pager', { body: changed, ifMatch: 1 }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(answers.map(({ text }) => text).join()).not.toMatch(/secret/);
  expect((await ask('PUT /webhooks/pager', { body: pager, ifMatch: 1 })).status).toBe(412);
  expect((await ask('DELETE /webhooks/pager', { ifMatch: 2 })).status).toBe(204);
});

test('only an Admin may change webhooks', async () => {
  const { ask } = await app();
  for (const as of ['RecoveryManager', 'PlanManager', 'Operator', 'ReadOnly'] as const)
    expect((await ask('POST /webhooks', { as, body: pager })).status).toBe(403);
});

test.each([
  { url: 'http://hooks.example.com' },
  { url: 'https://169.254.169.254/latest' },
  { events: ['NoSuchEvent'] },
  { secret: 'short' },
])('%o is refused', async (wrong) => {
  const { ask } = await app();
  const { status, body } = await ask('POST /webhooks', { body: { ...pager, ...wrong } });
  expect([status, body.code]).toEqual([400, 'RequestInvalid']);
});
