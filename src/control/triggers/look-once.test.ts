import { expect, test } from 'vitest';
import { STARTS_AT, workbench, planOf } from '#workflow/testing/bench.ts';
import { BreakwaterError } from '#core/errors.ts';
import { Plan } from '#core/plan.ts';
import type { AuditEntry } from '../audit-log.ts';
import { createExecutionRequests, type StartRequest } from '../execution-requests.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import { keptAudit } from '../testing/kept-audit.ts';
import { lookOnce } from './schedule-runner.ts';
import { createSchedules, Schedule, scheduleCollection, scheduleStates } from './schedules.ts';

const ana = { by: 'token:ana' };
const MINUTE = 60_000;
const often = Schedule.parse({ scheduleId: 'often', planId: 'core', cron: '*/10 * * * *' });

/** Functions that look at the same records, each a process of its own, and start real executions of a plan that waits for ever. */
function bench() {
  const work = workbench();
  const audited: AuditEntry[] = [];
  const failures: unknown[] = [];
  const own = {
    now: STARTS_AT,
    startsAfter: async (): Promise<void> => {},
    startsBefore: async (): Promise<void> => {},
  };
  const deps = { ...work.deps, realNow: () => own.now, audit: keptAudit(audited) } as unknown as PlaneDeps;
  const schedules = createSchedules(deps, { planOf: async () => ({}) });
  const newTick = () => {
    const { start, ...rest } = createExecutionRequests(deps, {
      control: work.control,
      planOf: async () => Plan.parse(planOf([{}])),
    });
    const requests = {
      ...rest,
      start: async (request: StartRequest, actor: { by: string }) => {
        await own.startsBefore();
        const started = await start(request, actor);
        await own.startsAfter();
        return started;
      },
    };
    return (isOver = (): boolean => false): Promise<void> =>
      lookOnce(deps, { requests, now: () => own.now, isOver, onFailure: (error) => failures.push(error) });
  };
  return Object.assign(own, {
    work,
    deps,
    schedules,
    audited,
    failures,
    newTick,
    tick: newTick(),
    executions: async () => (await work.services.executions.list({})).heads.map((head) => head.executionId),
    evidence: () =>
      audited.filter(({ action }) => action.startsWith('schedule.')).map(({ action }) => action),
    state: async () => (await scheduleStates(deps).find('often'))!.value,
    end: (executionId: string) =>
      work.services.executions.change(executionId, (change) =>
        change.putHead({ ...change.head(), status: 'completed' }),
      ),
  });
}

/** A tick that comes as far as this, and no further. */
function killTick(b: ReturnType<typeof bench>, hook: 'startsBefore' | 'startsAfter'): Promise<void> {
  return new Promise((reached) => {
    b[hook] = () => (reached(), new Promise<void>(() => {}));
    void b.newTick()();
  });
}

test('a tick starts what is due, and the ticks behind it know that from the records alone', async () => {
  const b = bench();
  await b.schedules.create(often, ana);
  b.now += 10 * MINUTE + 20_000;
  await b.tick();
  await b.newTick()();
  b.now += MINUTE;
  await b.newTick()();
  expect(await b.executions()).toHaveLength(1);
  expect(b.evidence()).toEqual(['schedule.create', 'schedule.start']);
  expect(b.failures).toEqual([]);
});

test('two ticks at once start one drill, with one piece of evidence', async () => {
  const b = bench();
  await b.schedules.create(often, ana);
  b.now += 10 * MINUTE;
  await Promise.all([b.newTick()(), b.newTick()(), b.newTick()()]);
  expect(await b.executions()).toHaveLength(1);
  expect(b.evidence()).toEqual(['schedule.create', 'schedule.start']);
  expect(await b.state()).not.toHaveProperty('pending');
  expect(b.failures).toEqual([]);
});

test('a tick that comes while another is in the middle of a start takes part in the same execution', async () => {
  const b = bench();
  await b.schedules.create(often, ana);
  b.now += 10 * MINUTE;
  let second: Promise<void> = Promise.resolve();
  b.startsBefore = async () => {
    b.startsBefore = async () => {};
    second = b.newTick()();
    await second;
  };
  await b.tick();
  await second;
  expect(await b.executions()).toHaveLength(1);
  expect(b.evidence()).toEqual(['schedule.create', 'schedule.start']);
  expect((await b.state()).lastExecutionId).toBe((await b.executions())[0]);
  expect(b.failures).toEqual([]);
});

test.each([
  { where: 'between claim and start', hook: 'startsBefore' },
  { where: 'between start and record', hook: 'startsAfter' },
] as const)('a tick that is killed $where leaves its claim to the next', async ({ hook }) => {
  const b = bench();
  await b.schedules.create(often, ana);
  b.now += 10 * MINUTE;
  await killTick(b, hook);
  b[hook] = async () => {};
  expect((await b.state()).pending).toBe('2026-01-07T10:10:00.000Z');
  b.now += 2 * MINUTE;
  await b.newTick()();
  expect(await b.executions()).toHaveLength(1);
  expect((await b.schedules.get('often')).value.lastRun).toEqual({
    dueAt: '2026-01-07T10:10:00.000Z',
    result: 'started',
    executionId: (await b.executions())[0],
  });
  expect(b.evidence()).toEqual(['schedule.create', 'schedule.start']);
});

test.each([
  { what: 'is missed if nothing was started', hook: 'startsBefore', result: 'missed', executions: 0 },
  { what: 'is what it started', hook: 'startsAfter', result: 'started', executions: 1 },
] as const)('a claim that nobody takes up in time $what', async ({ hook, result, executions }) => {
  const b = bench();
  await b.schedules.create(often, ana);
  b.now += 10 * MINUTE;
  await killTick(b, hook);
  b.now += 6 * MINUTE;
  await b.newTick()();
  expect(await b.executions()).toHaveLength(executions);
  expect((await b.schedules.get('often')).value.lastRun).toMatchObject({ result });
});

test('a tick that is late by ten minutes records what it missed, and starts nothing but what is just due', async () => {
  const b = bench();
  await b.schedules.create(often, ana);
  await b.tick();
  b.now += 26 * MINUTE;
  await b.tick();
  expect(await b.executions()).toEqual([]);
  expect(b.audited.at(-1)).toMatchObject({
    action: 'schedule.miss',
    data: { from: '2026-01-07T10:10:00.000Z', to: '2026-01-07T10:20:00.000Z', count: 2 },
  });
  b.now += 18 * MINUTE;
  await b.tick();
  expect(b.audited.at(-2)).toMatchObject({
    action: 'execution.start',
    data: { reason: 'due at 2026-01-07T10:40:00.000Z' },
  });
  expect(b.evidence().slice(-2)).toEqual(['schedule.miss', 'schedule.start']);
});

test('a schedule that is made while no tick comes is due from then on, and from then on missed', async () => {
  const b = bench();
  await b.tick();
  b.now += 55 * MINUTE;
  await b.schedules.create(often, ana);
  b.now += 14 * MINUTE;
  await b.tick();
  expect(b.audited.at(-1)).toMatchObject({
    action: 'schedule.miss',
    data: { from: '2026-01-07T11:00:00.000Z', count: 1 },
  });
  await b.schedules.update('often', { ...often, cron: '*/5 * * * *' }, 1, ana);
  b.now += 2 * MINUTE;
  await b.tick();
  expect(await b.executions()).toHaveLength(1);
  expect(b.audited.at(-1)).toMatchObject({
    action: 'schedule.start',
    data: { dueAt: '2026-01-07T11:10:00.000Z' },
  });
});

test('a schedule that came by an import counts from a minute before the first tick that sees it', async () => {
  const b = bench();
  const [write] = await scheduleCollection(b.deps).writesFor(often, null, ana);
  await b.work.deps.store.write([write!]);
  b.now += 10 * MINUTE + 20_000;
  await b.tick();
  expect(await b.executions()).toHaveLength(1);
});

test('while its last drill runs, whoever looks, the next is skipped; the index may be behind', async () => {
  const b = bench();
  await b.schedules.create(often, ana);
  b.now += 10 * MINUTE;
  await b.tick();
  b.work.services.executions.unfinished = async () => [];
  b.now += 10 * MINUTE;
  await b.newTick()();
  const [executionId] = await b.executions();
  expect(b.audited.at(-1)).toMatchObject({ action: 'schedule.skip', data: { running: executionId } });
  await b.end(executionId!);
  b.now += 10 * MINUTE;
  await b.newTick()();
  expect(await b.executions()).toHaveLength(2);
});

test('a start whose answer is lost is known by its key, and stands in the way of the next', async () => {
  const b = bench();
  await b.schedules.create(often, ana);
  b.now += 10 * MINUTE;
  b.startsAfter = async () => {
    throw new BreakwaterError('ServerUnreachable', 'the answer is lost');
  };
  await b.tick();
  expect((await b.schedules.get('often')).value.lastRun).toMatchObject({ result: 'started' });
  b.now += 10 * MINUTE;
  await b.tick();
  expect(await b.executions()).toHaveLength(1);
  expect(b.evidence().at(-1)).toBe('schedule.skip');
});

test('a start that another process holds, or was killed in, is no failure: the next tick starts it', async () => {
  const b = bench();
  await b.schedules.create(often, ana);
  b.now += 10 * MINUTE;
  b.startsBefore = async () => {
    throw new BreakwaterError('TooManyRequests', 'another request for the same thing is under way');
  };
  await b.tick();
  expect(await b.state()).toMatchObject({ pending: '2026-01-07T10:10:00.000Z' });
  expect(b.failures).toMatchObject([{ code: 'TooManyRequests' }]);
  b.startsBefore = async () => {};
  b.now += MINUTE;
  await b.newTick()();
  expect(await b.executions()).toHaveLength(1);
  expect(b.evidence()).toEqual(['schedule.create', 'schedule.start']);
});

test('a schedule that is removed in the middle of its start is no failure of the tick', async () => {
  const b = bench();
  await b.schedules.create(often, ana);
  b.now += 10 * MINUTE;
  b.startsAfter = () => b.schedules.remove('often', 1, ana);
  await b.tick();
  expect(b.failures).toEqual([]);
  expect(await scheduleStates(b.deps).find('often')).toBeNull();
});

test('a schedule that cannot be dealt with is told, and the others are', async () => {
  const b = bench();
  await b.schedules.create({ ...often, scheduleId: 'bad' }, ana);
  await b.schedules.create(often, ana);
  const { get } = b.work.deps.store;
  b.work.deps.store.get = (params) =>
    params.key.sort === 'bad' ? Promise.reject(new BreakwaterError('StoreCorrupt', 'no')) : get(params);
  b.now += 10 * MINUTE;
  await b.tick();
  expect(b.failures).toMatchObject([{ code: 'StoreCorrupt' }]);
  expect(await b.executions()).toHaveLength(1);
});

test('when its time is over a tick begins with no other schedule', async () => {
  const b = bench();
  await b.schedules.create(often, ana);
  b.now += 10 * MINUTE;
  await b.tick(() => true);
  expect(await b.executions()).toEqual([]);
});
