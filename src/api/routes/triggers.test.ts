import { expect, test } from 'vitest';
import { testPlane } from '#control/testing/plane.ts';
import { createTriggers, permissionFor } from '#control/triggers/triggers.ts';
import { testApp } from '../testing/test-app.ts';
import { triggersRoutes } from './triggers.ts';

const outage = {
  triggerId: 'outage',
  planId: 'core',
  mode: 'recovery',
  eventPattern: { detail: { state: ['down'] } },
};
const event = {
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': 'State',
  source: 'com.example',
  detail: { state: 'down' },
};

const app = () => {
  const requests = { start: async () => ({ executionId: 'exec-1', joined: false }), find: async () => null };
  return testApp(triggersRoutes(createTriggers(testPlane().deps, { planOf: async () => {}, requests })));
};

test('triggers are made, read, changed and removed', async () => {
  const { ask } = await app();
  const made = await ask('POST /triggers', { body: outage });
  expect(made.status).toBe(201);
  const whole = { ...outage, minGap: 'PT15M', enabled: true, autoResume: false, by: 'token:Admin' };
  expect(made.body).toEqual(whole);
  expect((await ask('GET /triggers', { as: 'ReadOnly' })).body).toEqual({ triggers: [whole] });
  expect((await ask('PUT /triggers/outage', { body: outage, ifMatch: 7 })).status).toBe(412);
  expect((await ask('PUT /triggers/outage', { body: outage, ifMatch: 1 })).headers['etag']).toBe('"2"');
  expect((await ask('DELETE /triggers/outage', { ifMatch: 2 })).status).toBe(204);
});

test('an event is taken, whatever becomes of it', async () => {
  const { ask } = await app();
  await ask('POST /triggers', { body: outage });
  const fire = (body: object) => ask('POST /triggers/outage/events', { as: 'Operator', body });
  const first = await fire(event);
  expect([first.status, first.body]).toEqual([202, { started: true, executionId: 'exec-1', why: 'matched' }]);
  const again = await fire(event);
  expect([again.status, again.body.why]).toEqual([202, 'duplicate']);
  expect((await fire({ ...event, detail: {} })).body.why).toBe('notMatched');
  expect((await fire({ ...event, id: 'other' })).body.why).toBe('minGap');
  expect((await fire({ source: 'x' })).status).toBe(400);
  expect((await fire({ ...event, id: 'a\nb' })).status).toBe(400);
  expect((await ask('POST /triggers/none/events', { body: event })).status).toBe(404);
});

test('those who may not are refused', async () => {
  const { ask } = await app();
  await ask('POST /triggers', { body: outage });
  for (const as of ['RecoveryManager', 'PlanManager', 'Operator', 'ReadOnly'] as const)
    expect((await ask('POST /triggers', { as, body: outage })).status).toBe(403);
  for (const as of ['PlanManager', 'ReadOnly'] as const)
    expect((await ask('POST /triggers/outage/events', { as, body: event })).status).toBe(403);
});

test('a trigger needs the right to start what it starts', () => {
  expect(permissionFor({ mode: 'recovery' })).toBe('execution:start-recovery');
  expect(permissionFor({ mode: 'drill' })).toBe('execution:start-drill');
});

test('whoever makes or changes a trigger of a recovery must have the right to start one', async () => {
  const made: unknown[] = [];
  const triggers = { create: async (value: unknown) => made.push(value) };
  const changing = triggersRoutes(triggers as never).filter(
    ({ path, method }) => method === 'PUT' || (method === 'POST' && path === '/triggers'),
  );
  expect(changing).toHaveLength(2);
  // No role has `trigger:write` without it today.
  const principal = { id: 'token:ops', kind: 'token', name: 'ops', roles: ['Operator'] } as const;
  for (const { handle } of changing)
    await expect(
      handle({ principal, requestId: 'r', body: outage, params: { triggerId: 'outage' } } as never),
    ).rejects.toMatchObject({ code: 'Forbidden' });
  expect(made).toEqual([]);
});

test('a pattern that is none is refused, with its place', async () => {
  const { ask } = await app();
  const body = { ...outage, eventPattern: { detail: { state: [{ wildcard: '*' }] } } };
  const { status, body: problem } = await ask('POST /triggers', { body });
  expect(status).toBe(400);
  expect(JSON.stringify(problem.findings)).toContain('eventPattern.detail.state');
});

test('the description has its shapes', async () => {
  const { describe } = await app();
  expect(Object.keys(describe().paths)).toEqual([
    '/triggers',
    '/triggers/{triggerId}',
    '/triggers/{triggerId}/events',
  ]);
});
