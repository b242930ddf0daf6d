import { expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { StartRequest } from '../execution-requests.ts';
import { nextTime } from './cron.ts';
import { startSchedules } from './schedule-runner.ts';
import { createSchedules, Schedule, scheduleCollection } from './schedules.ts';
import { NOW, testPlane } from '../testing/plane.ts';

const ana = { by: 'token:ana' };
const nightly = Schedule.parse({ scheduleId: 'nightly', planId: 'core', cron: '0 11 * * *' });

function bench() {
  const plane = testPlane();
  const clock = virtualClock({ startsAt: NOW });
  const deps = { ...plane.deps, realNow: () => clock.now() };
  const started: (StartRequest & { by: string })[] = [];
  const own = { refuse: null as BreakwaterError | null, left: null as string | null };
  const start = async (request: StartRequest, { by }: { by: string }) => {
    started.push({ ...request, by });
    if (own.refuse !== null) throw own.refuse;
    const executionId = `exec-${started.length}`;
    return { executionId, joined: false };
  };
  const schedules = createSchedules(deps, {
    planOf: async (planId) => {
      if (planId !== 'core') throw new BreakwaterError('NotFound', 'there is none');
    },
  });
  const find = async (): Promise<string | null> => own.left;
  const params = { requests: { start, find }, realClock: clock };
  return Object.assign(own, { ...plane, deps, clock, started, schedules, params });
}

test('a schedule shows when it runs next, in its own time zone, and nothing while it is off', async () => {
  const { schedules } = bench();
  const berlin = { ...nightly, timeZone: 'Europe/Berlin' };
  expect((await schedules.create(berlin, ana)).value).toMatchObject({
    nextRunAt: '2026-11-25T10:00:00.000Z',
  });
  const off = await schedules.update('nightly', { ...berlin, enabled: false }, 1, ana);
  expect(off.value).not.toHaveProperty('nextRunAt');
  expect(await schedules.planReferrers('core')).toEqual(['schedule nightly']);
  expect(await schedules.planReferrers('other')).toEqual([]);
});

test.each([
  { what: 'six fields', cron: '0 0 11 * * *', message: 'expected five fields' },
  { what: 'a nickname', cron: '@daily', message: 'expected five fields' },
  { what: 'a minute that is none', cron: '61 * * * *', message: 'is no cron expression' },
  { what: 'a day that never comes', cron: '0 0 30 2 *', message: 'never comes' },
  {
    what: 'no time zone',
    cron: '0 0 * * *',
    timeZone: 'Mars/Olympus',
    message: 'expected an IANA time zone',
  },
])('$what is refused', ({ cron, timeZone = 'UTC', message }) => {
  const parsed = Schedule.safeParse({ ...nightly, cron, timeZone });
  expect(parsed.error?.issues[0]?.message).toContain(message);
});

test('recoveries are not started by the clock', () => {
  expect(Schedule.safeParse({ ...nightly, mode: 'recovery' }).success).toBe(false);
});

test('when clocks are put back, an hour that comes twice is due once; when forward, the drill still comes', () => {
  const rule = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
  const autumn = nextTime(rule, Date.parse('2026-10-24T22:00:00Z'))!;
  expect(new Date(autumn).toISOString()).toBe('2026-10-25T00:30:00.000Z');
  expect(new Date(nextTime(rule, autumn)!).toISOString()).toBe('2026-10-26T01:30:00.000Z');
  const spring = nextTime(rule, Date.parse('2026-03-28T22:00:00Z'))!;
  expect(new Date(spring).toISOString().slice(0, 10)).toBe('2026-03-29');
});

test('a plan that is not there is refused', async () => {
  const { schedules } = bench();
  await expect(schedules.create({ ...nightly, planId: 'none' }, ana)).rejects.toMatchObject({
    code: 'RequestInvalid',
  });
});

test('a drill starts when it is due, with a key of schedule and time', async () => {
  const { schedules, deps, params, clock, started, audited } = bench();
  await schedules.create({ ...nightly, autoResume: true }, ana);
  const runner = startSchedules(deps, params);
  await clock.sleep(70 * 60_000);
  expect(started).toEqual([
    {
      planId: 'core',
      mode: 'drill',
      autoResume: true,
      reason: 'due at 2026-11-24T11:00:00.000Z',
      idempotencyKey: 'nightly/2026-11-24T11:00:00.000Z',
      by: 'schedule:nightly',
    },
  ]);
  const { value } = await schedules.get('nightly');
  expect(value.lastRun).toEqual({
    dueAt: '2026-11-24T11:00:00.000Z',
    result: 'started',
    executionId: 'exec-1',
  });
  expect(value.nextRunAt).toBe('2026-11-25T11:00:00.000Z');
  expect(audited.map(({ action, by }) => [action, by])).toEqual([
    ['schedule.create', 'token:ana'],
    ['schedule.start', 'schedule:nightly'],
  ]);
  await runner.stop();
  expect(clock.pending()).toBe(0);
});

test('a schedule made between two looks is not late for the next minute, and one that is off does not run', async () => {
  const { schedules, deps, params, clock, started } = bench();
  const runner = startSchedules(deps, params);
  await clock.sleep(30_000);
  await schedules.create({ ...nightly, cron: '* * * * *' }, ana);
  await schedules.create({ ...nightly, scheduleId: 'off', cron: '* * * * *', enabled: false }, ana);
  await clock.sleep(31_000);
  expect(started.map(({ by }) => by)).toEqual(['schedule:nightly']);
  await runner.stop();
});

test('what came due while the server was down is recorded as missed, and not started', async () => {
  const { schedules, deps, params, clock, started, audited } = bench();
  await schedules.create({ ...nightly, cron: '*/10 * * * *' }, ana);
  await startSchedules(deps, params).stop();
  const first = startSchedules(deps, params);
  await clock.sleep(61_000);
  await first.stop();
  await clock.sleep(33 * 60_000);
  const second = startSchedules(deps, params);
  await clock.sleep(1_000);
  expect(started).toEqual([]);
  expect(audited.at(-1)).toMatchObject({
    action: 'schedule.miss',
    data: { from: '2026-11-24T10:10:00.000Z', to: '2026-11-24T10:30:00.000Z', count: 3 },
  });
  expect((await schedules.get('nightly')).value.lastRun).toMatchObject({ result: 'missed' });
  await clock.sleep(10 * 60_000);
  expect(started.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['nightly/2026-11-24T10:40:00.000Z']);
  await second.stop();
});

test('while the last drill still runs the next one is skipped, with evidence', async () => {
  const { schedules, deps, params, clock, started, unfinished, audited } = bench();
  await schedules.create({ ...nightly, cron: '*/10 * * * *' }, ana);
  const runner = startSchedules(deps, params);
  await clock.sleep(11 * 60_000);
  unfinished.push({ executionId: 'exec-1', planId: 'core' });
  await clock.sleep(20 * 60_000);
  expect(started).toHaveLength(1);
  expect(audited.at(-1)).toMatchObject({
    action: 'schedule.skip',
    data: { dueAt: '2026-11-24T10:30:00.000Z', running: 'exec-1' },
  });
  unfinished.pop();
  await clock.sleep(10 * 60_000);
  expect(started).toHaveLength(2);
  await runner.stop();
});

test('a drill that cannot be started is recorded as failed, and the next one is tried', async () => {
  const b = bench();
  await b.schedules.create({ ...nightly, cron: '*/10 * * * *' }, ana);
  b.refuse = new BreakwaterError('ValidationFailed', 'no servers match');
  const runner = startSchedules(b.deps, b.params);
  await b.clock.sleep(11 * 60_000);
  expect((await b.schedules.get('nightly')).value.lastRun).toMatchObject({
    result: 'failed',
    detail: 'no servers match',
  });
  b.refuse = null;
  await b.clock.sleep(10 * 60_000);
  expect((await b.schedules.get('nightly')).value.lastRun).toMatchObject({ result: 'started' });
  await runner.stop();
});

test('a crash between claim and start makes the next server start it under the same key', async () => {
  const b = bench();
  await b.schedules.create({ ...nightly, cron: '*/10 * * * *' }, ana);
  const { store } = b;
  const key = { partition: 'schedule-states', sort: 'nightly' };
  const place = { table: 'platform-records', key } as const;
  const due = '2026-11-24T10:10:00.000Z';
  const value = { rule: '*/10 * * * * UTC', since: due, pending: due };
  await store.write([{ kind: 'put', ...place, value, expect: 'any' }]);
  const clock = virtualClock({ startsAt: NOW + 12 * 60_000 });
  const runner = startSchedules(b.deps, { ...b.params, realClock: clock });
  await clock.sleep(1_000);
  expect(b.started.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['nightly/2026-11-24T10:10:00.000Z']);
  await runner.stop();
});

test('an export has what was asked for, and nothing of what became of it', async () => {
  const { schedules, deps, params, clock } = bench();
  await schedules.create(nightly, ana);
  const runner = startSchedules(deps, params);
  await clock.sleep(70 * 60_000);
  await runner.stop();
  const [kept] = await scheduleCollection(deps).all();
  expect(kept!.value).toEqual(nightly);
  await schedules.remove('nightly', 1, ana);
  expect(await scheduleCollection(deps).all()).toEqual([]);
});
