import { beforeEach, expect, test } from 'vitest';
import type { EngineExecution } from '#engine/port.ts';
import { planOf, workbench, type Bench } from '#workflow/testing/bench.ts';
import type { ControlDeps } from './deps.ts';
import { createSweep, recoverExecutions, type Sweep } from './recover.ts';

const MINUTE = 60_000;

type Machine = Pick<EngineExecution, 'status' | 'cause'> | null;

let bench: Bench;
let deps: ControlDeps;
/** By execution; those that are not in it were never started. */
let machines: Map<string, Machine>;
/** Asked of the engine, in order. */
let asked: string[];
/** Tokens that tasks wait for. */
let tokens: Set<string>;
/** Of one process. */
let sweepExecutions: Sweep;

beforeEach(() => {
  sweepExecutions = createSweep();
  bench = workbench();
  [machines, asked, tokens] = [new Map(), [], new Set()];
  deps = {
    ...bench.deps,
    services: { ...bench.services, completeTask: async (token) => tokens.delete(token) },
    engine: {
      ...bench.deps.engine,
      start: async ({ name }) => {
        asked.push(`start ${name}`);
        machines.set(name, { status: 'RUNNING' });
        return { executionId: name };
      },
      describe: async (params) => {
        const name = 'name' in params ? params.name : params.executionId;
        asked.push(`describe ${name}`);
        return (machines.get(name) ?? null) as EngineExecution | null;
      },
    },
  };
});

/** An execution that began so many minutes ago. */
async function begun(minutes: number, machine?: Machine): Promise<string> {
  const executionId = await bench.start(planOf([{}]));
  bench.now += minutes * MINUTE;
  if (machine !== undefined) machines.set(executionId, machine);
  return executionId;
}

async function eventsOf(executionId: string): Promise<string[]> {
  const events = await bench.services.executions.events(executionId, { after: 1 });
  return events.map(({ code, message }) => `${code}: ${message}`);
}

const UNDONE = 'ProcessRestarted: a process has ended before its work was done, and that is done now:';

test('an execution that is being started by another process is left alone', async () => {
  await begun(1.9);
  expect([await sweepExecutions(deps), asked]).toEqual([[], []]);
});

test('one whose state machine was never started is started after the grace, once, and says so', async () => {
  const id = await begun(2);
  expect(await sweepExecutions(deps)).toEqual([id]);
  bench.now += MINUTE;
  expect(await sweepExecutions(deps)).toEqual([]);
  expect(asked).toEqual([`describe ${id}`, `start ${id}`, `describe ${id}`]);
  expect(await eventsOf(id)).toEqual([`${UNDONE} its state machine had not been started`]);
});

test('one that runs, and in which nothing was left undone, is not touched', async () => {
  const id = await begun(90, { status: 'RUNNING' });
  expect(await sweepExecutions(deps)).toEqual([]);
  expect(await eventsOf(id)).toEqual([]);
});

test.each([
  { machine: { status: 'ABORTED' }, says: 'the state machine ended (ABORTED) without writing how' },
  {
    machine: { status: 'FAILED', cause: 'no such function' },
    says: 'the state machine ended (FAILED) without writing how: no such function',
  },
] as const)('one whose state machine has ended without clean-up fails: $says', async ({ machine, says }) => {
  const id = await begun(5, machine);
  expect(await sweepExecutions(deps)).toEqual([id]);
  expect(await sweepExecutions(deps)).toEqual([]);
  expect(await bench.services.executions.head(id)).toMatchObject({
    status: 'failed',
    error: { message: says },
  });
  expect(await eventsOf(id)).toEqual([
    'WaveCancelled: wave 1 (Wave 1) cancelled',
    `ExecutionFailed: execution failed: ${says}`,
  ]);
});

test('one that ends while it is looked at is not failed', async () => {
  const id = await begun(5);
  const { engine } = deps;
  deps = {
    ...deps,
    engine: {
      ...engine,
      describe: async () => {
        await bench.services.executions.change(id, (change) =>
          change.putHead({ ...change.head(), status: 'completed' }),
        );
        return { status: 'SUCCEEDED' } as EngineExecution;
      },
    },
  };
  expect(await sweepExecutions(deps)).toEqual([]);
  expect(await bench.services.executions.head(id)).toMatchObject({ status: 'completed' });
});

async function closeGate(executionId: string, taskToken: string): Promise<void> {
  const at = new Date(bench.now).toISOString();
  await bench.services.executions.change(executionId, (change) =>
    change.putGate({
      gateId: 'w1-pause',
      waveNumber: 1,
      kind: 'pause',
      status: 'closed',
      taskToken,
      openedAt: at,
      closedAt: at,
      reason: '',
      resolution: { proceed: true, action: 'resume', by: 'ana' },
    }),
  );
}

test('a gate that was closed and not passed on is passed on after the grace, and says so', async () => {
  const id = await begun(30, { status: 'RUNNING' });
  tokens.add('t-1');
  await closeGate(id, 't-1');
  bench.now += 1.9 * MINUTE;
  expect([await sweepExecutions(deps), [...tokens]]).toEqual([[], ['t-1']]);
  bench.now += 0.1 * MINUTE;
  expect([await sweepExecutions(deps), [...tokens]]).toEqual([[id], []]);
  expect(await sweepExecutions(deps)).toEqual([]);
  expect(await eventsOf(id)).toEqual([`${UNDONE} a gate held it up`]);
});

test('one that cannot be looked at keeps no other from it, and is told', async () => {
  const broken = await begun(5);
  const id = await begun(5);
  const { engine } = deps;
  const describe: typeof engine.describe = (params) =>
    'name' in params && params.name === broken
      ? Promise.reject(new RangeError('throttled'))
      : engine.describe(params);
  deps = { ...deps, engine: { ...engine, describe } };
  await expect(sweepExecutions(deps)).rejects.toThrow('throttled');
  expect(asked).toContain(`start ${id}`);
});

test('whatever is killed in the middle of a sweep is done by the next, and nothing is done twice', async () => {
  const [unstarted, ended] = [await begun(5), await begun(5, { status: 'ABORTED' })];
  const write = deps.store.write.bind(deps.store);
  let writes = 0;
  for (let killedAt = 1; killedAt < 12; killedAt++) {
    writes = 0;
    deps.store.write = async (rows) => {
      if (++writes >= killedAt) throw new RangeError('killed');
      return write(rows);
    };
    await sweepExecutions(deps).catch(() => {});
  }
  deps.store.write = write;
  await sweepExecutions(deps);
  expect(asked.filter((each) => each.startsWith('start'))).toEqual([`start ${unstarted}`]);
  expect(await eventsOf(ended)).toEqual([
    'WaveCancelled: wave 1 (Wave 1) cancelled',
    'ExecutionFailed: execution failed: the state machine ended (ABORTED) without writing how',
  ]);
});

test('two sweeps at once end an execution once', async () => {
  const id = await begun(5, { status: 'TIMED_OUT' });
  await Promise.all([sweepExecutions(deps), sweepExecutions(deps)]);
  expect((await eventsOf(id)).filter((event) => event.startsWith('ExecutionFailed'))).toHaveLength(1);
});

test('one that ends while a process that begins takes up the one before it says nothing after its end', async () => {
  const [first, second] = [await begun(1), await begun(0)];
  const { engine } = deps;
  deps = {
    ...deps,
    engine: {
      ...engine,
      start: async (params) => {
        if (params.name === first)
          await bench.services.executions.change(second, (change) => {
            change.putHead({ ...change.head(), status: 'completed' });
            change.emit('ExecutionCompleted', { outcome: 'clean' });
          });
        return engine.start(params);
      },
    },
  };
  expect(await recoverExecutions(deps)).toEqual([first, second]);
  const codes = (await bench.services.executions.events(second)).map(({ code }) => code);
  expect(codes).toEqual(['ExecutionStarted', 'ExecutionCompleted']);
});

/** The records that the next piece of work asks for. */
function countReads(): { reads: number } {
  const counted = { reads: 0 };
  const { query } = deps.store;
  deps.store.query = (params) => {
    if (params.table === 'execution-records') counted.reads++;
    return query(params);
  };
  return counted;
}

/** Executions that wait, and that a process has looked at until nothing could be undone in them any more. */
async function quiet(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(await begun(0, { status: 'RUNNING' }));
  bench.now += 5 * MINUTE;
  for (let sweeps = 0; sweeps < 2; sweeps++, bench.now += 5 * MINUTE) await sweepExecutions(deps);
  asked.length = 0;
  return ids;
}

test('of one in which nothing has changed only the state machine is looked at', async () => {
  const [id] = await quiet(1);
  const counted = countReads();
  expect([await sweepExecutions(deps), asked, counted.reads]).toEqual([[], [`describe ${id}`], 0]);
  machines.set(id!, { status: 'ABORTED' });
  expect(await sweepExecutions(deps)).toEqual([id]);
});

test('a change ends that: what is left undone behind it is done after the grace', async () => {
  const [id] = await quiet(1);
  tokens.add('t-1');
  await closeGate(id!, 't-1');
  const swept: unknown[] = [];
  for (let minute = 0; minute < 4; minute++, bench.now += MINUTE) swept.push(await sweepExecutions(deps));
  expect(swept).toEqual([[], [], [id], []]);
  expect([...tokens]).toEqual([]);
});

test('where many wait, some hundred are looked at a minute and each of them in its turn', async () => {
  const ids = await quiet(300);
  const perMinute: number[] = [];
  for (let minute = 0; minute < 6; minute++, bench.now += MINUTE) {
    const before = asked.length;
    await sweepExecutions(deps, { isOver: () => asked.length - before >= 100 });
    perMinute.push(asked.length - before);
  }
  expect(Math.max(...perMinute)).toBeLessThan(130);
  expect(new Set(asked)).toEqual(new Set(ids.map((id) => `describe ${id}`)));
  // Two rounds of all of them in six minutes, and no more.
  expect(asked).toHaveLength(600);
});

test('a sweep looks at several at once, and at no more than it may', async () => {
  for (let i = 0; i < 50; i++) await begun(0, { status: 'RUNNING' });
  bench.now += 5 * MINUTE;
  let [underWay, most] = [0, 0];
  const { engine } = deps;
  const describe: typeof engine.describe = async (params) => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
    return engine.describe(params);
  };
  deps = { ...deps, engine: { ...engine, describe } };
  await sweepExecutions(deps);
  expect([most, asked.length]).toEqual([20, 50]);
});

test('a sweep that has no time for all is gone on with by the next, in whatever process, so that none starves', async () => {
  const ids: string[] = [];
  for (let i = 0; i < 60; i++) ids.push(await begun(0));
  bench.now += 5 * MINUTE;
  for (let sweeps = 0; sweeps < 6; sweeps++) {
    const before = asked.length;
    // Each is a new process, which remembers nothing.
    await createSweep()(deps, { isOver: () => asked.length - before >= 10 });
  }
  expect(asked.filter((each) => each.startsWith('start')).toSorted()).toEqual(
    ids.map((id) => `start ${id}`).toSorted(),
  );
});
