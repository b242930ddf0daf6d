import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasCode } from '#core/errors.ts';
import { virtualClock, type VirtualClock } from '#clocks/virtual.ts';
import { call, gate, gateQueue, machine } from '../conformance/world.ts';
import { openEmbeddedEngine, type EmbeddedEngine, type EmbeddedEngineOptions } from './engine.ts';

let directory: string;
let clock: VirtualClock;
let engines: EmbeddedEngine[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'engine-'));
  clock = virtualClock({ startsAt: Date.parse('2026-01-07T10:00:00Z') });
  engines = [];
});

afterEach(async () => {
  for (const engine of engines) await engine.close();
  expect(clock.pending()).toBe(0);
  rmSync(directory, { recursive: true });
});

async function open(options: Partial<EmbeddedEngineOptions> = {}): Promise<EmbeddedEngine> {
  let ids = 0;
  const names = [
    ...Object.keys(options.functions ?? {}),
    ...Object.keys(options.queues ?? {}),
    ...Object.keys(options.machines ?? {}),
  ];
  const engine = await openEmbeddedEngine({
    path: join(directory, 'engine.db'),
    clock,
    newId: () => `id-${++ids}`,
    machines: {},
    substitutions: Object.fromEntries(names.map((name) => [name, name])),
    ...options,
  });
  engines.push(engine);
  return engine;
}

const ONE_GATE = { main: machine('Gate', { Gate: gate() }) };
const start = { machine: 'main', name: 'one', input: null };

describe('wake-ups that race', () => {
  test('Of a hundred calls that end the same task one succeeds, and the others hear of it after its commit (4).', async () => {
    const queue = gateQueue();
    let commits = 0;
    const engine = await open({
      machines: ONE_GATE,
      queues: { gates: queue.handler },
      faults: { at: (point) => void (commits += Number(point === 'commit.done')) },
    });
    const { executionId } = await engine.start(start);
    const taskToken = await queue.next();
    const before = commits;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, async (_, index) => {
        try {
          await engine.completeTask({ taskToken, output: index });
        } finally {
          expect(commits).toBeGreaterThan(before);
        }
      }),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(outcomes[0]!.status).toBe('fulfilled');
    expect((await engine.settled({ executionId })).output).toBe(0);
  });

  test('A consumer may end the task before the delivery itself has ended.', async () => {
    let engine: EmbeddedEngine | null = null;
    const gates = async (message: unknown): Promise<void> => {
      await engine!.completeTask({
        taskToken: (message as { taskToken: string }).taskToken,
        output: 'at once',
      });
    };
    engine = await open({ machines: ONE_GATE, queues: { gates } });
    const { executionId } = await engine.start(start);
    expect((await engine.settled({ executionId })).output).toBe('at once');
  });

  test('A consumer that throws gets the same token again, with longer and longer waits, until it takes it.', async () => {
    const deliveries: [ms: number, token: string][] = [];
    const begin = clock.now();
    const gates = async (message: unknown): Promise<void> => {
      deliveries.push([clock.now() - begin, (message as { taskToken: string }).taskToken]);
      if (deliveries.length < 4) throw new TypeError('not now');
    };
    const engine = await open({ machines: ONE_GATE, queues: { gates } });
    const { executionId } = await engine.start(start);
    await clock.sleep(60_000);
    expect(deliveries.map(([ms]) => ms)).toEqual([0, 1000, 3000, 7000]);
    expect(new Set(deliveries.map(([, token]) => token)).size).toBe(1);
    await engine.completeTask({ taskToken: deliveries[0]![1], output: 'taken' });
    expect((await engine.settled({ executionId })).output).toBe('taken');
  });

  test.each(['commit.begin', 'commit.written', 'commit.done'])(
    'A stop at %s of the commit that opens a gate ends in one of the two ways.',
    async (point) => {
      const queue = gateQueue();
      let strike: (() => void) | null = null;
      const engine = await open({
        machines: ONE_GATE,
        queues: { gates: queue.handler },
        faults: {
          at: (reached) => {
            if (reached !== point) return;
            strike?.();
            strike = null;
          },
        },
      });
      const { executionId } = await engine.start(start);
      const taskToken = await queue.next();
      await clock.sleep(1000);
      const stopped = Promise.withResolvers<void>();
      strike = () => stopped.resolve(engine.stop({ executionId }));
      const completed = engine.completeTask({ taskToken, output: 'opened' });
      await Promise.all([completed, stopped.promise]);
      expect(await engine.describe({ executionId })).toMatchObject({ status: 'SUCCEEDED', output: 'opened' });
    },
  );

  test('A stop before the commit of a completion wins, and the completion is refused.', async () => {
    const queue = gateQueue();
    const engine = await open({
      machines: {
        main: machine('Gate', { Gate: gate({ Output: '{% $states.result & "!" %}', End: true }) }),
      },
      queues: { gates: queue.handler },
    });
    const { executionId } = await engine.start(start);
    const taskToken = await queue.next();
    const completed = engine.completeTask({ taskToken, output: 'opened' });
    const stopped = engine.stop({ executionId });
    await expect(completed).rejects.toMatchObject({ code: 'TaskTokenUsed' });
    await stopped;
    expect(await engine.describe({ executionId })).toMatchObject({ status: 'ABORTED' });
  });

  test('A completion in the very instant of the time-out: one of the two counts, and both sides know which.', async () => {
    const queue = gateQueue();
    const engine = await open({
      machines: { main: machine('Gate', { Gate: gate({ TimeoutSeconds: 5, End: true }) }) },
      queues: { gates: queue.handler },
    });
    for (const [name, sleepMs] of [
      ['early', 4999],
      ['same', 5000],
      ['late', 5001],
    ] as const) {
      const { executionId } = await engine.start({ ...start, name });
      const taskToken = await queue.next();
      await clock.sleep(sleepMs);
      const outcome = await engine.completeTask({ taskToken, output: 1 }).then(
        () => 'SUCCEEDED',
        (error: unknown) => (hasCode(error, 'TaskTokenUsed') ? 'FAILED' : 'broken'),
      );
      expect((await engine.settled({ executionId })).status).toBe(outcome);
    }
  });

  test('330 signals that race with the pauses they end are all heard.', async () => {
    const engine = await open({
      machines: {
        main: machine('Gate', {
          Gate: gate({ Next: 'Rest' }),
          Rest: { Type: 'Wait', Seconds: 1, Next: 'Again' },
          Again: gate(),
        }),
      },
      queues: {
        gates: async (message) => {
          const { taskToken } = message as { taskToken: string };
          const turns = signals++ % 4;
          const signal = async (): Promise<void> => {
            for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
            await engine.completeTask({ taskToken, output: turns });
          };
          acknowledgements.push(signal());
        },
      },
    });
    let signals = 0;
    const acknowledgements: Promise<void>[] = [];
    const started = await Promise.all(
      Array.from({ length: 165 }, (_, index) => engine.start({ ...start, name: `run-${index}` })),
    );
    const ended = await Promise.all(started.map((execution) => engine.settled(execution)));
    expect(ended.every(({ status }) => status === 'SUCCEEDED')).toBe(true);
    expect(await Promise.all(acknowledgements)).toHaveLength(330);
  });
});

describe('tasks', () => {
  test('are on disk before they are dispatched (1).', async () => {
    const path = join(directory, 'engine.db');
    const scheduledSeen: number[] = [];
    const work = async (): Promise<null> => {
      const reader = new DatabaseSync(path, { readOnly: true });
      const sql = `SELECT count(*) AS scheduled FROM chunks WHERE records LIKE '%"k":"schedule"%'`;
      scheduledSeen.push((reader.prepare(sql).get() as { scheduled: number }).scheduled);
      reader.close();
      return null;
    };
    const main = machine('A', { A: call('work', { Next: 'B' }), B: call('work') });
    const engine = await open({ path, machines: { main }, functions: { work } });
    await engine.settled(await engine.start(start));
    expect(scheduledSeen).toEqual([1, 2]);
  });

  test('that wait are no failure, so a Catch of everything does not see them (7).', async () => {
    const queue = gateQueue();
    const inner = {
      StartAt: 'Gate',
      States: {
        Gate: gate({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'CaughtInside' }], End: true }),
        CaughtInside: { Type: 'Fail' },
      },
    };
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
    const main = machine('Map', {
      Map: { Type: 'Map', Items: [1], ItemProcessor: inner, Catch, End: true },
      Caught: { Type: 'Fail' },
    });
    const engine = await open({ machines: { main }, queues: { gates: queue.handler } });
    const execution = await engine.start(start);
    await engine.completeTask({ taskToken: await queue.next(), output: 'opened' });
    expect((await engine.settled(execution)).output).toEqual(['opened']);
  });
});

describe('closing and opening again', () => {
  test('A signal that is acknowledged while the engine closes is there after the next opening (2).', async () => {
    const tokens = new Map<string, string>();
    const machines = { main: machine('Gate', { Gate: gate({ Next: 'After' }), After: call('after') }) };
    const options = {
      machines,
      functions: { after: async () => 'went on' },
      queues: {
        gates: async (message: unknown) => {
          const { taskToken, input } = message as { taskToken: string; input: string };
          tokens.set(input, taskToken);
        },
      },
    };
    let engine = await open(options);
    const ids = new Map<string, string>();
    for (let index = 0; index < 40; index++) {
      const { executionId } = await engine.start({
        machine: 'main',
        name: `run-${index}`,
        input: `run-${index}`,
      });
      ids.set(`run-${index}`, executionId);
    }
    await clock.sleep(1);
    const acknowledged = new Set<string>();
    const signal = async (name: string, turns: number): Promise<void> => {
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      await engine.completeTask({ taskToken: tokens.get(name)!, output: null });
      acknowledged.add(name);
    };
    const signals = [...tokens.keys()].map((name, index) => signal(name, index % 5));
    const [outcomes] = await Promise.all([Promise.allSettled(signals), engine.close()]);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.every(({ reason }) => hasCode(reason, 'EngineClosed'))).toBe(true);
    expect(acknowledged.size).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);

    engine = await open(options);
    for (const name of acknowledged)
      expect((await engine.settled({ executionId: ids.get(name)! })).output).toBe('went on');
    for (const name of tokens.keys()) {
      if (!acknowledged.has(name)) await engine.completeTask({ taskToken: tokens.get(name)!, output: null });
    }
    for (const executionId of ids.values())
      expect(await engine.settled({ executionId })).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('What waits on time goes on at the time recorded, and at once if that has passed.', async () => {
    const machines = { main: machine('Wait', { Wait: { Type: 'Wait', Seconds: 100, End: true } }) };
    const first = await open({ machines });
    const { executionId } = await first.start(start);
    await clock.sleep(40_000);
    await first.close();
    await clock.sleep(20_000);
    const second = await open({ machines });
    await clock.sleep(10_000);
    await second.close();
    expect(clock.pending()).toBe(0);
    const third = await open({ machines });
    expect(await third.settled({ executionId })).toMatchObject({ stoppedAt: '2026-01-07T10:01:40.000Z' });
    const { executionId: later } = await third.start({ ...start, name: 'two' });
    await third.close();
    await clock.sleep(500_000);
    const fourth = await open({ machines });
    expect(await fourth.settled({ executionId: later })).toMatchObject({
      stoppedAt: '2026-01-07T10:10:00.000Z',
    });
  });

  test('An execution goes on with the definition that it began with.', async () => {
    const queue = gateQueue();
    const queues = { gates: queue.handler };
    const first = await open({
      machines: {
        main: machine('Gate', { Gate: gate({ Next: 'Old' }), Old: { Type: 'Succeed', Output: 'old' } }),
      },
      queues,
    });
    const { executionId } = await first.start(start);
    const taskToken = await queue.next();
    await first.close();
    const second = await open({
      machines: { main: machine('New', { New: { Type: 'Succeed', Output: 'new' } }) },
      queues,
    });
    await second.completeTask({ taskToken, output: null });
    expect((await second.settled({ executionId })).output).toBe('old');
    expect((await second.settled(await second.start({ ...start, name: 'two' }))).output).toBe('new');
  });

  test('After an opening no handler runs before the caller has the engine; a signal may come before that too.', async () => {
    const queue = gateQueue();
    let isOpen = true;
    const begun: boolean[] = [];
    const machines = {
      main: machine('Gate', { Gate: gate({ Next: 'Work' }), Work: call('work') }),
      other: machine('Work', { Work: call('work') }),
    };
    const work = async (): Promise<boolean> => {
      begun.push(isOpen);
      await clock.sleep(1000);
      return isOpen;
    };
    const options = { machines, functions: { work }, queues: { gates: queue.handler } };
    const first = await open(options);
    const gated = await first.start(start);
    const taskToken = await queue.next();
    const working = await first.start({ machine: 'other', name: 'two', input: null });
    await first.close();
    isOpen = false;
    const second = await open(options);
    isOpen = true;
    await second.completeTask({ taskToken, output: null });
    await Promise.all([second.settled(gated), second.settled(working)]);
    expect(begun).toEqual([true, true, true]);
  });

  test('A closed engine says so.', async () => {
    const engine = await open({ machines: ONE_GATE, queues: { gates: async () => {} } });
    await engine.close();
    await expect(engine.start(start)).rejects.toMatchObject({ code: 'EngineClosed' });
    await expect(engine.describe({ executionId: 'x' })).rejects.toMatchObject({ code: 'EngineClosed' });
    await engine.close();
  });

  test('A second engine on the same file is refused until the first is closed (5).', async () => {
    const first = await open();
    await expect(open()).rejects.toMatchObject({ code: 'DataDirectoryInUse' });
    await first.close();
    await open();
  });

  test('A file that cannot be opened is DataDirectoryUnusable.', async () => {
    await expect(open({ path: join(directory, 'missing', 'engine.db') })).rejects.toMatchObject({
      code: 'DataDirectoryUnusable',
    });
  });

  test('When nothing can be written any more, callers hear of it and the host is told.', async () => {
    let failure: unknown;
    let isFull = false;
    const engine = await open({
      machines: ONE_GATE,
      queues: { gates: async () => {} },
      faults: {
        at: () => {
          if (isFull) throw new TypeError('disk is full');
        },
      },
      onFailure: (error) => (failure = error),
    });
    isFull = true;
    await expect(engine.start(start)).rejects.toMatchObject({ code: 'DataDirectoryUnusable' });
    expect(hasCode(failure, 'DataDirectoryUnusable')).toBe(true);
  });
});

describe('size and order', () => {
  test('In virtual time the same program gives the same history (6).', async () => {
    const machines = {
      main: machine('Map', {
        Map: {
          Type: 'Map',
          Items: '{% [1..20] %}',
          ItemProcessor: {
            StartAt: 'Wait',
            States: {
              Wait: { Type: 'Wait', Seconds: '{% $states.input % 7 %}', Next: 'Call' },
              Call: call('work', { Retry: [{ ErrorEquals: ['States.ALL'] }], End: true }),
            },
          },
          End: true,
        },
      }),
    };
    const histories = [];
    for (const name of ['a.db', 'b.db']) {
      let calls = 0;
      clock = virtualClock({ startsAt: Date.parse('2026-01-07T10:00:00Z') });
      const work = async (input: unknown): Promise<number> => {
        await clock.sleep(((input as number) * 37) % 11);
        if (++calls % 3 === 0) throw new RangeError('third call');
        return calls;
      };
      const engine = await open({ path: join(directory, name), machines, functions: { work } });
      const { executionId } = await engine.start(start);
      await engine.settled({ executionId });
      histories.push((await engine.history({ executionId })).events);
      await engine.close();
    }
    expect(histories[0]!.length).toBeGreaterThan(150);
    expect(histories[1]).toEqual(histories[0]);
  });

  test('A Map of a thousand open gates writes no more for each than one of a hundred.', async () => {
    const bytesFor = async (count: number): Promise<number> => {
      const path = join(directory, `${count}.db`);
      const tokens: string[] = [];
      const Map = {
        Type: 'Map',
        Items: `{% [1..${count}] %}`,
        ItemProcessor: { StartAt: 'Gate', States: { Gate: gate({ TimeoutSeconds: 3600, End: true }) } },
        End: true,
      };
      const gates = async (message: unknown): Promise<void> =>
        void tokens.push((message as { taskToken: string }).taskToken);
      const engine = await open({ path, machines: { main: machine('Map', { Map }) }, queues: { gates } });
      const { executionId } = await engine.start(start);
      await clock.sleep(1000);
      expect(tokens).toHaveLength(count);
      for (const taskToken of tokens) await engine.completeTask({ taskToken, output: 'ok' });
      expect((await engine.settled({ executionId })).output).toHaveLength(count);
      await engine.close();
      const db = new DatabaseSync(path, { readOnly: true });
      const { bytes } = db.prepare('SELECT sum(length(records)) AS bytes FROM chunks').get() as {
        bytes: number;
      };
      db.close();
      return bytes / count;
    };
    const hundred = await bytesFor(100);
    const thousand = await bytesFor(1000);
    expect(hundred).toBeLessThan(800);
    expect(thousand).toBeLessThan(hundred * 1.1);
  });
});
