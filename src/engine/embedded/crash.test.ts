import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasCode } from '#core/errors.ts';
import { virtualClock } from '#clocks/virtual.ts';
import type { Json } from '#core/json.ts';
import { call, gate, machine, nested } from '../conformance/world.ts';
import type { EngineExecution } from '../port.ts';
import { openEmbeddedEngine, type EmbeddedEngine } from './engine.ts';

const flow = (StartAt: string, States: object) => ({ StartAt, States });

/** Every kind of wait: task, nested execution, Wait, gate, retry, Map, Parallel. */
const MACHINES = {
  main: machine('First', {
    First: call('work', { Assign: { first: '{% $states.result.Payload %}' }, Next: 'Loop' }),
    Loop: {
      Type: 'Map',
      Items: ['a', 'b', 'c'],
      MaxConcurrency: 2,
      ItemSelector: { item: '{% $states.context.Map.Item.Value %}' },
      ItemProcessor: flow('Run', { Run: nested() }),
      Next: 'Gate',
    },
    Gate: gate({
      TimeoutSeconds: 600,
      Output: { items: '{% $states.input %}', by: '{% $states.result %}' },
      Next: 'Both',
    }),
    Both: {
      Type: 'Parallel',
      Branches: [
        flow('Flaky', {
          Flaky: call('flaky', { Retry: [{ ErrorEquals: ['RangeError'], IntervalSeconds: 5 }], End: true }),
        }),
        flow('Broken', {
          Broken: call('broken', { Catch: [{ ErrorEquals: ['TypeError'], Next: 'Mended' }], End: true }),
          Mended: { Type: 'Pass', Output: ['{% $first %}', '{% $states.input.Error %}'], End: true },
        }),
      ],
      Next: 'Last',
    },
    Last: call('work'),
  }),
  inner: machine('Wait', {
    Wait: { Type: 'Wait', Seconds: 30, Next: 'Poll' },
    Poll: call('poll', { Next: 'Ready' }),
    Ready: {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input.polls = 2 %}', Next: 'Done' }],
      Default: 'Wait',
    },
    Done: { Type: 'Succeed', Output: '{% $states.input.item %}' },
  }),
};

const OUTPUT = { work: { both: [{ flaky: true }, [{ work: {} }, 'TypeError']] } };

interface Journey {
  readonly ended: EngineExecution;
  readonly calls: Readonly<Record<string, number>>;
  readonly points: readonly string[];
  readonly deaths: number;
  readonly eventIds: readonly number[];
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'engine-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Runs `main` to its end; the engine dies at the fault points for which `isDeadly` says so, and is opened again. */
async function travel(isDeadly: (hit: number) => boolean): Promise<Journey> {
  const clock = virtualClock({ startsAt: Date.parse('2026-01-07T10:00:00Z') });
  const calls: Record<string, number> = {};
  const points: string[] = [];
  const tokens = new Set<string>();
  let ids = 0;
  let deaths = 0;
  let died = Promise.withResolvers<void>();
  const count = (name: string): void => void (calls[name] = (calls[name] ?? 0) + 1);
  const open = (): Promise<EmbeddedEngine> =>
    openEmbeddedEngine({
      path: join(directory, 'engine.db'),
      clock,
      newId: () => `id-${++ids}`,
      machines: MACHINES,
      substitutions: {
        work: 'work',
        flaky: 'flaky',
        broken: 'broken',
        poll: 'poll',
        inner: 'inner',
        gates: 'gates',
      },
      functions: {
        work: async (input) => {
          count('work');
          const { items, ...rest } = (Array.isArray(input) ? { both: input } : input) as { items?: Json };
          void items;
          return { work: rest };
        },
        poll: async (input) => {
          const { item, polls = 0 } = input as { item: string; polls?: number };
          count(`poll ${item}${polls}`);
          await clock.sleep(100);
          return { item, polls: polls + 1 };
        },
        flaky: async () => {
          count('flaky');
          if (calls['flaky'] === 1) throw new RangeError('once');
          return { flaky: true };
        },
        broken: async () => {
          count('broken');
          throw new TypeError('always');
        },
      },
      queues: { gates: async (message) => void tokens.add((message as { taskToken: string }).taskToken) },
      faults: {
        at: (point) => {
          points.push(point);
          if (isDeadly(points.length)) throw new TypeError('power cut');
        },
      },
      onFailure: () => {
        deaths++;
        died.resolve();
      },
    });
  let engine = await open();
  const start = { machine: 'main', name: 'drill', input: {} };
  for (;;) {
    const ended = await Promise.race([drive(engine, start, tokens, clock), died.promise]);
    if (ended !== undefined) {
      const { events } = await engine.history({ executionId: ended.executionId });
      await engine.close();
      return { ended, calls, points, deaths, eventIds: events.map(({ id }) => id) };
    }
    died = Promise.withResolvers();
    engine = await open();
  }
}

/** Starts the drill unless it exists, opens its gates, and waits for its end. */
async function drive(
  engine: EmbeddedEngine,
  start: { machine: string; name: string; input: Json },
  tokens: ReadonlySet<string>,
  clock: { sleep(ms: number): Promise<void> },
): Promise<EngineExecution | undefined> {
  try {
    const known = await engine.describe({
      executionId: 'arn:aws:states:local:000000000000:execution:main:drill',
    });
    const { executionId } = known ?? (await engine.start(start));
    const settled = engine.settled({ executionId });
    const waiting = { isOver: false };
    const over = (): void => void (waiting.isOver = true);
    void settled.then(over, over);
    while (!waiting.isOver) {
      await clock.sleep(10_000);
      for (const taskToken of tokens) await openGate(engine, taskToken);
    }
    return await settled;
  } catch (error) {
    if (hasCode(error, 'EngineClosed') || hasCode(error, 'DataDirectoryUnusable')) return undefined;
    throw error;
  }
}

async function openGate(engine: EmbeddedEngine, taskToken: string): Promise<void> {
  try {
    await engine.completeTask({ taskToken, output: 'operator' });
  } catch (error) {
    if (!hasCode(error, 'TaskTokenUsed')) throw error;
  }
}

describe('an engine that dies', () => {
  test('A drill without a death is the measure for the others.', async () => {
    const { ended, calls, eventIds, points } = await travel(() => false);
    expect(ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(ended.output).toMatchObject(OUTPUT);
    expect(calls).toEqual({
      work: 2,
      flaky: 2,
      broken: 1,
      'poll a0': 1,
      'poll a1': 1,
      'poll b0': 1,
      'poll b1': 1,
      'poll c0': 1,
      'poll c1': 1,
    });
    expect(eventIds).toEqual(Array.from({ length: eventIds.length }, (_, index) => index + 1));
    expect(new Set(points)).toEqual(
      new Set([
        'commit.begin',
        'commit.written',
        'commit.done',
        'task.dispatch',
        'task.result',
        'task.submitted',
      ]),
    );
  });

  test('Dying once, at any point, ends the same; only what was in flight is done again (invariant 3).', async () => {
    const { points } = await travel(() => false);
    let repeated = 0;
    for (let deadly = 1; deadly <= points.length; deadly++) {
      rmSync(directory, { recursive: true });
      directory = mkdtempSync(join(tmpdir(), 'engine-'));
      const { ended, calls, deaths, eventIds } = await travel((hit) => hit === deadly);
      expect(deaths, `death ${deadly} at ${points[deadly - 1]}`).toBe(1);
      expect(ended.status, `death ${deadly} at ${points[deadly - 1]}`).toBe('SUCCEEDED');
      expect(ended.output).toMatchObject(OUTPUT);
      expect(eventIds).toEqual(Array.from({ length: eventIds.length }, (_, index) => index + 1));
      for (const count of Object.values(calls)) expect(count).toBeLessThanOrEqual(3);
      const sum = Object.values(calls).reduce((total, count) => total + count, 0);
      expect(sum).toBeGreaterThanOrEqual(11);
      expect(sum).toBeLessThanOrEqual(11 + 2);
      repeated += sum - 11;
    }
    expect(repeated).toBeGreaterThan(0);
  });

  test('Dying again and again still ends the same.', async () => {
    const { ended, deaths } = await travel((hit) => Math.imul(hit, 2654435761) >>> 0 < 2 ** 32 / 12);
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: OUTPUT });
    expect(deaths).toBeGreaterThan(5);
  });
});
