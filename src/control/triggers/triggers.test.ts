import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { BreakwaterError } from '#core/errors.ts';
import { storedTurns } from '#store/turns.ts';
import type { StartRequest } from '../execution-requests.ts';
import { NOW, testPlane } from '../testing/plane.ts';
import { createTriggers, Trigger, triggerCollection, type TriggersParams } from './triggers.ts';

const ana = { by: 'token:ana' };
const bus = { by: 'token:eventbridge', requestId: 'req-1' };
const outage = Trigger.parse({
  triggerId: 'outage',
  planId: 'core',
  mode: 'recovery',
  eventPattern: { source: ['aws.health'] },
  minGap: 'PT1H',
});
const event = (id: string, source = 'aws.health') => ({ id, source });

async function bench(trigger: Partial<Trigger> = {}) {
  const plane = testPlane();
  const own = {
    now: NOW,
    refuse: null as BreakwaterError | null,
    /** Thrown when the execution has begun. */
    breakOff: null as BreakwaterError | null,
  };
  const deps = { ...plane.deps, realNow: () => own.now };
  const asked: (StartRequest & { by: string })[] = [];
  const byKey = new Map<string, string>();
  const params: TriggersParams = {
    planOf: async (planId) => {
      if (planId !== 'core') throw new BreakwaterError('NotFound', 'there is none');
    },
    requests: {
      start: async (request, { by }) => {
        asked.push({ ...request, by });
        if (own.refuse !== null) throw own.refuse;
        const key = request.idempotencyKey!;
        const joined = byKey.has(`${by} ${key}`);
        if (!joined) byKey.set(`${by} ${key}`, `exec-${byKey.size + 1}`);
        if (own.breakOff !== null) throw own.breakOff;
        return { executionId: byKey.get(`${by} ${key}`)!, joined };
      },
      find: async (key, { by }) => byKey.get(`${by} ${key}`) ?? null,
    },
  };
  const triggers = createTriggers(deps, params);
  await triggers.create({ ...outage, ...trigger }, ana);
  return Object.assign(own, { ...plane, deps, asked, triggers, params, started: () => byKey.size });
}

test('an event that matches starts the plan for whoever sent it, who so cannot approve it too, with evidence', async () => {
  const { triggers, asked, audited } = await bench();
  expect(await triggers.fire('outage', event('e-1'), bus)).toEqual({
    started: true,
    executionId: 'exec-1',
    why: 'matched',
  });
  expect(asked).toMatchObject([
    { planId: 'core', mode: 'recovery', reason: 'event e-1, trigger outage', by: 'token:eventbridge' },
  ]);
  expect(audited.at(-1)).toMatchObject({
    action: 'trigger.start',
    by: 'token:eventbridge',
    requestId: 'req-1',
    data: { eventId: 'e-1', executionId: 'exec-1', madeBy: 'token:ana' },
  });
  expect((await triggers.get('outage')).value).toMatchObject({
    by: 'token:ana',
    lastStart: { eventId: 'e-1', executionId: 'exec-1', at: '2026-11-24T10:00:00.000Z' },
  });
});

test('an event that does not match starts nothing, nor does any while the trigger is off', async () => {
  const { triggers, started } = await bench();
  expect(await triggers.fire('outage', event('e-1', 'aws.rds'), bus)).toEqual({
    started: false,
    why: 'notMatched',
  });
  await triggers.update('outage', { ...outage, enabled: false }, 1, ana);
  expect(await triggers.fire('outage', event('e-2'), bus)).toEqual({ started: false, why: 'disabled' });
  expect(started()).toBe(0);
  await expect(triggers.fire('none', event('e-1'), bus)).rejects.toMatchObject({ code: 'NotFound' });
});

test('an event that comes again within 24 hours is a duplicate; later it is another', async () => {
  const b = await bench();
  await b.triggers.fire('outage', event('e-1'), bus);
  b.now += 24 * 3_600_000 - 1;
  expect(await b.triggers.fire('outage', event('e-1'), bus)).toEqual({
    started: false,
    executionId: 'exec-1',
    why: 'duplicate',
  });
  b.now += 1;
  expect(await b.triggers.fire('outage', event('e-1'), bus)).toMatchObject({
    started: true,
    executionId: 'exec-2',
  });
});

test('within the gap nothing starts, and an event that was held then does not start when it comes again', async () => {
  const b = await bench();
  await b.triggers.fire('outage', event('e-1'), bus);
  b.now += 3_600_000 - 1;
  expect(await b.triggers.fire('outage', event('e-2'), bus)).toEqual({ started: false, why: 'minGap' });
  expect(b.audited.at(-1)).toMatchObject({ action: 'trigger.hold', data: { eventId: 'e-2' } });
  b.now += 1;
  expect(await b.triggers.fire('outage', event('e-2'), bus)).toEqual({ started: false, why: 'duplicate' });
  expect(await b.triggers.fire('outage', event('e-3'), bus)).toMatchObject({ started: true });
  expect(b.started()).toBe(2);
});

test('of many events at once only one starts something', async () => {
  const { triggers, started } = await bench();
  const ids = Array.from({ length: 20 }, (_, i) => `e-${i % 10}`);
  const fired = await Promise.all(ids.map((id) => triggers.fire('outage', event(id), bus)));
  expect(fired.filter((one) => one.started)).toHaveLength(1);
  expect(started()).toBe(1);
});

test('a start that fails is told to the sender, and the same event may try again', async () => {
  const b = await bench();
  b.refuse = new BreakwaterError('ValidationFailed', 'no servers match');
  await expect(b.triggers.fire('outage', event('e-1'), bus)).rejects.toMatchObject({
    code: 'ValidationFailed',
  });
  b.refuse = null;
  b.now += 60_000;
  expect(await b.triggers.fire('outage', event('e-1'), bus)).toMatchObject({ started: true });
  const [first, second] = b.asked;
  expect(first!.idempotencyKey).toBe(second!.idempotencyKey);
});

test('a start that was broken off when its execution had begun counts for the gap of the next event', async () => {
  const b = await bench();
  b.breakOff = new BreakwaterError('AwsUnreachable', 'the answer of Step Functions was lost');
  await expect(b.triggers.fire('outage', event('e-1'), bus)).rejects.toMatchObject({
    code: 'AwsUnreachable',
  });
  b.breakOff = null;
  b.now += 60_000;
  expect(await b.triggers.fire('outage', event('e-2'), bus)).toEqual({ started: false, why: 'minGap' });
  expect(b.audited.at(-1)).toMatchObject({ data: { eventId: 'e-2', lastExecutionId: 'exec-1' } });
  expect(await b.triggers.fire('outage', event('e-1'), bus)).toMatchObject({ executionId: 'exec-1' });
  expect(b.started()).toBe(1);
});

test('an event whose start failed, and began nothing, keeps no other from starting', async () => {
  const b = await bench();
  b.refuse = new BreakwaterError('ValidationFailed', 'no servers match');
  await expect(b.triggers.fire('outage', event('e-1'), bus)).rejects.toThrow('no servers match');
  b.refuse = null;
  expect(await b.triggers.fire('outage', event('e-2'), bus)).toMatchObject({ started: true });
  expect(await b.triggers.fire('outage', event('e-1'), bus)).toEqual({ started: false, why: 'minGap' });
});

test('a trigger that is switched off while an event waits for its turn starts nothing', async () => {
  const b = await bench();
  const turns = {
    run: async <T>(_: string, work: () => Promise<T>): Promise<T> => {
      await b.triggers.update('outage', { ...outage, enabled: false }, 1, ana);
      return work();
    },
  };
  const others = createTriggers({ ...b.deps, turns }, b.params);
  expect(await others.fire('outage', event('e-1'), bus)).toEqual({ started: false, why: 'disabled' });
  expect(b.asked).toEqual([]);
});

test('old events are cleared away', async () => {
  const b = await bench({ minGap: 'PT0S' });
  for (const id of ['e-1', 'e-2', 'e-3']) await b.triggers.fire('outage', event(id), bus);
  b.now += 25 * 3_600_000;
  await b.triggers.fire('outage', event('e-4'), bus);
  const left = await b.store.query({ table: 'platform-records', partition: 'trigger-events/outage' });
  expect(left.rows.map(({ key }) => key.sort)).toEqual(['e-4']);
});

test('a plan that is not there is refused, and one that is used is said to be', async () => {
  const { triggers } = await bench();
  await expect(triggers.create({ ...outage, triggerId: 'b', planId: 'none' }, ana)).rejects.toMatchObject({
    code: 'RequestInvalid',
  });
  expect(await triggers.planReferrers('core')).toEqual(['trigger outage']);
});

test('an export shows a trigger without who made it; an import over it keeps that', async () => {
  const { deps } = await bench();
  const collection = triggerCollection(deps);
  const [kept] = await collection.all();
  expect(kept!.value).toEqual(outage);
  const [write] = await collection.writesFor(kept!.value, kept!, ana);
  expect(write).toMatchObject({ value: { by: 'token:ana' } });
});

test('a gap that is no duration is refused', () => {
  expect(Trigger.safeParse({ ...outage, minGap: '1h' }).error?.issues[0]?.message).toBe(
    '"1h" is not an ISO 8601 duration such as PT5M',
  );
});

describe('functions on AWS, each a process of its own', () => {
  /** As many processes on the same records, which start what has no execution yet. */
  async function processes(count: number) {
    const plane = testPlane();
    const executions = new Map<string, string>();
    const all = Array.from({ length: count }, () => {
      const clock = virtualClock({ startsAt: NOW });
      const turns = storedTurns({ store: plane.deps.store, clock, newId: randomUUID });
      return createTriggers(
        { ...plane.deps, turns, realNow: () => clock.now() },
        {
          planOf: async () => {},
          requests: {
            start: async ({ idempotencyKey }) => {
              await clock.sleep(100);
              const joined = executions.has(idempotencyKey!);
              if (!joined) executions.set(idempotencyKey!, `exec-${executions.size + 1}`);
              return { executionId: executions.get(idempotencyKey!)!, joined };
            },
            find: async (key) => executions.get(key) ?? null,
          },
        },
      );
    });
    await all[0]!.create(outage, ana);
    return { all, executions };
  }

  test('start once for an event that comes to many of them at once', async () => {
    const { all, executions } = await processes(5);
    const fired = await Promise.all(all.map((triggers) => triggers.fire('outage', event('e-1'), bus)));
    expect(fired.map(({ why }) => why).toSorted()).toEqual([...Array(4).fill('duplicate'), 'matched']);
    expect(executions.size).toBe(1);
  });

  test('start once for different events that come to them within the gap', async () => {
    const { all, executions } = await processes(5);
    const fired = await Promise.all(
      all.map((triggers, index) => triggers.fire('outage', event(`e-${index}`), bus)),
    );
    expect(fired.map(({ why }) => why).toSorted()).toEqual(['matched', ...Array(4).fill('minGap')]);
    expect(executions.size).toBe(1);
  });
});
