import { expect, test } from 'vitest';
import { createSchedules } from '#control/triggers/schedules.ts';
import { testPlane } from '#control/testing/plane.ts';
import { testApp } from '../testing/test-app.ts';
import { schedulesRoutes } from './schedules.ts';

const nightly = { scheduleId: 'nightly', planId: 'core', cron: '0 2 * * *', timeZone: 'Europe/Berlin' };

const app = () => testApp(schedulesRoutes(createSchedules(testPlane().deps, { planOf: async () => {} })));

test('schedules are made, read, listed, changed and removed', async () => {
  const { ask } = await app();
  const made = await ask('POST /schedules', { as: 'PlanManager', body: nightly });
  expect(made.status).toBe(201);
  expect(made.headers).toMatchObject({ location: '/schedules/nightly', etag: '"1"' });
  const whole = {
    ...nightly,
    mode: 'drill',
    enabled: true,
    autoResume: false,
    nextRunAt: '2026-11-25T01:00:00.000Z',
  };
  expect(made.body).toEqual(whole);
  expect((await ask('GET /schedules/nightly', { as: 'ReadOnly' })).body).toEqual(whole);
  expect((await ask('GET /schedules?limit=1')).body).toEqual({ schedules: [whole] });
  const body = { ...nightly, enabled: false };
  expect(await ask('PUT /schedules/nightly', { body, ifMatch: 1 })).toMatchObject({ status: 200 });
  expect((await ask('PUT /schedules/nightly', { body, ifMatch: 1 })).body.code).toBe('PreconditionFailed');
  expect((await ask('PUT /schedules/nightly', { body })).body.code).toBe('PreconditionMissing');
  expect((await ask('DELETE /schedules/nightly', { ifMatch: 1 })).status).toBe(412);
  expect((await ask('DELETE /schedules/nightly', { ifMatch: 2 })).status).toBe(204);
  expect((await ask('GET /schedules/nightly')).status).toBe(404);
});

test('what is no schedule is refused with every finding', async () => {
  const { ask } = await app();
  const body = { ...nightly, cron: 'at noon', mode: 'recovery', color: 'red' };
  const { status, body: problem } = await ask('POST /schedules', { body });
  expect(status).toBe(400);
  expect(problem.code).toBe('RequestInvalid');
  expect(JSON.stringify(problem.findings)).toMatch(/color/);
});

test('those who only operate may read schedules and not change them', async () => {
  const { ask } = await app();
  for (const as of ['Operator', 'RecoveryManager', 'ReadOnly'] as const)
    expect((await ask('POST /schedules', { as, body: nightly })).status).toBe(403);
  expect((await ask('DELETE /schedules/nightly', { as: 'Operator', ifMatch: 1 })).status).toBe(403);
});
