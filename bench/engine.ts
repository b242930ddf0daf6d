/**
 * How fast the embedded engine is, beside the floor that SQLite sets on the same disk in the same run.
 * Run: `node_modules/.bin/node --disable-warning=ExperimentalWarning bench/engine.ts`
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openEmbeddedEngine, type EmbeddedEngine } from '#engine/embedded/engine.ts';
import { systemClock } from '#clocks/system.ts';

const STEPS = 10;
const ROUNDS = 3;
const GATE = 'https://queue/gate';
const directory = mkdtempSync(join(tmpdir(), 'bench-engine-'));
let commits = 0;
let ids = 0;
let afterGate: () => void = () => {};
let atGate: (token: string) => void = () => {};

const task = (functionName: string, next: object): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: functionName, Payload: '{% $states.input %}' },
  Output: '{% $states.result.Payload %}',
  ...next,
});

const machines = {
  steps: {
    QueryLanguage: 'JSONata',
    StartAt: 'Step1',
    States: Object.fromEntries(
      Array.from({ length: STEPS }, (_, index) => [
        `Step${index + 1}`,
        task('step', index + 1 === STEPS ? { End: true } : { Next: `Step${index + 2}` }),
      ]),
    ),
  },
  gate: {
    QueryLanguage: 'JSONata',
    StartAt: 'Gate',
    States: {
      Gate: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
        Arguments: { QueueUrl: GATE, MessageBody: { taskToken: '{% $states.context.Task.Token %}' } },
        TimeoutSeconds: 3600,
        Next: 'After',
      },
      After: task('after', { End: true }),
    },
  },
};

function open(name: string): Promise<EmbeddedEngine> {
  return openEmbeddedEngine({
    path: resolve(directory, name),
    clock: systemClock(),
    newId: () => `id-${++ids}`,
    machines,
    functions: {
      step: async (input) => ({ count: (input as { count: number }).count + 1 }),
      after: async () => (afterGate(), null),
    },
    queues: { [GATE]: async (message) => atGate((message as { taskToken: string }).taskToken) },
    faults: {
      at: (point) => {
        if (point === 'commit.done') commits++;
      },
    },
  });
}

async function runOne(engine: EmbeddedEngine, name: string): Promise<void> {
  const { executionId } = await engine.start({ machine: 'steps', name, input: { count: 0 } });
  const { output } = await engine.settled({ executionId });
  if ((output as { count: number }).count !== STEPS)
    throw new TypeError(`wrong result ${JSON.stringify(output)}`);
}

interface Load {
  readonly stepsPerSecond: number;
  readonly syncsPerWorkflow: number;
}

async function runMany(
  engine: EmbeddedEngine,
  label: string,
  inFlight: number,
  workflows: number,
): Promise<Load> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < workflows) await runOne(engine, `${label}-${inFlight}-${next++}`);
  };
  const commitsBefore = commits;
  const start = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  const seconds = (performance.now() - start) / 1000;
  return {
    stepsPerSecond: (workflows * STEPS) / seconds,
    syncsPerWorkflow: (commits - commitsBefore) / workflows,
  };
}

async function timesAlone(engine: EmbeddedEngine, label: string, runs: number): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await runOne(engine, `${label}-alone-${run}`);
    times.push(performance.now() - start);
  }
  return times;
}

/** From the call that opens a gate to the start of the step behind it. */
async function timesOfResume(engine: EmbeddedEngine, label: string, runs: number): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const gate = Promise.withResolvers<string>();
    const after = Promise.withResolvers<void>();
    atGate = gate.resolve;
    afterGate = after.resolve;
    await engine.start({ machine: 'gate', name: `${label}-gate-${run}`, input: null });
    const taskToken = await gate.promise;
    const start = performance.now();
    await Promise.all([engine.completeTask({ taskToken, output: null }), after.promise]);
    times.push(performance.now() - start);
  }
  return times;
}

/** Rows that `node:sqlite` alone commits in a second, `rows` to a commit. */
function floorRowsPerSecond(rows: number, rounds: number): number {
  const db = new DatabaseSync(join(directory, `floor-${++ids}.db`));
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)',
  );
  const [begin, insert, commit] = ['BEGIN', 'INSERT INTO t (text) VALUES (?)', 'COMMIT'].map((sql) =>
    db.prepare(sql),
  );
  const text = 'x'.repeat(200);
  const start = performance.now();
  for (let round = 0; round < rounds; round++) {
    begin!.run();
    for (let row = 0; row < rows; row++) insert!.run(text);
    commit!.run();
  }
  const seconds = (performance.now() - start) / 1000;
  db.close();
  return (rows * rounds) / seconds;
}

/**
 * From the start of a process to the result of its first workflow, ten steps, with Node's compile cache as the CLI has it; and
 * the memory that the process then holds.
 */
async function coldStart(run: number): Promise<{ readonly ms: number; readonly megabytes: number }> {
  const flags = [...process.execArgv, import.meta.filename, '--cold', join(directory, `cold-${run}.db`)];
  const env = { ...process.env, NODE_COMPILE_CACHE: join(directory, 'compile-cache') };
  const startMs = performance.now();
  const child = spawn(process.execPath, flags, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const done = Promise.withResolvers<{ ms: number; megabytes: number }>();
  child.stdout.once('data', (data: Buffer) => {
    done.resolve({ ms: performance.now() - startMs, megabytes: Number(data.toString()) });
  });
  child.once('exit', () => done.resolve({ ms: NaN, megabytes: NaN }));
  return done.promise;
}

async function cold(path: string): Promise<void> {
  const engine = await open(path);
  await runOne(engine, 'first');
  process.stdout.write(`${process.memoryUsage.rss() / 1e6}\n`);
  await engine.close();
}

/** What one round measures; rounds are repeated, and the median of each number counts. */
async function measureRound(
  engine: EmbeddedEngine,
  round: number,
): Promise<Readonly<Record<string, number>>> {
  const floorGroup = floorRowsPerSecond(64, 300);
  const load64 = await runMany(engine, `round${round}`, 64, 3000);
  const load256 = await runMany(engine, `round${round}`, 256, 3000);
  const floorOne = floorRowsPerSecond(1, 1000);
  const commitsBefore = commits;
  const alone = await timesAlone(engine, `round${round}`, 200);
  const syncsAlone = (commits - commitsBefore) / alone.length;
  const resumes = await timesOfResume(engine, `round${round}`, 200);
  return {
    floorOne,
    floorGroup,
    steps64: load64.stepsPerSecond,
    syncs64: load64.syncsPerWorkflow,
    steps256: load256.stepsPerSecond,
    syncs256: load256.syncsPerWorkflow,
    aloneP50: quantile(alone, 0.5),
    aloneP99: quantile(alone, 0.99),
    syncsAlone,
    resumeP50: quantile(resumes, 0.5),
    resumeP99: quantile(resumes, 0.99),
  };
}

function quantile(values: readonly number[], q: number): number {
  return [...values].sort((a, b) => a - b)[Math.min(Math.floor(values.length * q), values.length - 1)]!;
}

async function main(): Promise<void> {
  const engine = await open('engine.db');
  await runMany(engine, 'warm', 64, 500);
  const rounds: Readonly<Record<string, number>>[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measureRound(engine, round));
  const loadedMegabytes = process.memoryUsage.rss() / 1e6;
  await engine.close();
  const colds = [];
  for (let run = 0; run <= ROUNDS; run++) colds.push(await coldStart(run));
  const median = (key: string): number =>
    quantile(
      rounds.map((round) => round[key]!),
      0.5,
    );
  const warm = colds.slice(1);
  const coldMs = quantile(
    warm.map(({ ms }) => ms),
    0.5,
  );
  const idleMegabytes = quantile(
    warm.map(({ megabytes }) => megabytes),
    0.5,
  );
  const times = (value: number, unit: string): string => `${value.toFixed(2)} × ${unit}`;
  const perMs = median('floorOne') / 1000;
  console.table(
    [
      ['floor: node:sqlite, a row a commit', `${Math.round(median('floorOne'))} rows/s`, '', ''],
      ['floor: node:sqlite, 64 rows a commit', `${Math.round(median('floorGroup'))} rows/s`, '', ''],
      [
        'durable steps, 64 in flight',
        `${Math.round(median('steps64'))} /s`,
        times(median('steps64') / median('floorGroup'), '64 rows a commit'),
        '',
      ],
      [
        'durable steps, 256 in flight',
        `${Math.round(median('steps256'))} /s`,
        times(median('steps256') / median('floorGroup'), '64 rows a commit'),
        '≥ 20000 /s',
      ],
      [
        '10 steps alone, p50',
        `${median('aloneP50').toFixed(2)} ms`,
        times((median('aloneP50') * perMs) / 11, '11 bare commits'),
        '≤ 5 ms, then < 3',
      ],
      [
        '10 steps alone, p99',
        `${median('aloneP99').toFixed(2)} ms`,
        times((median('aloneP99') * perMs) / 11, '11 bare commits'),
        '< 8 ms',
      ],
      [
        'from resume to next step, p50',
        `${median('resumeP50').toFixed(2)} ms`,
        times(median('resumeP50') * perMs, 'a bare commit'),
        '< 2 ms',
      ],
      [
        'from resume to next step, p99',
        `${median('resumeP99').toFixed(2)} ms`,
        times(median('resumeP99') * perMs, 'a bare commit'),
        '',
      ],
      [
        'syncs per workflow, 64 / 256 / 1 in flight',
        ['syncs64', 'syncs256', 'syncsAlone'].map((key) => median(key).toFixed(2)).join(' / '),
        '',
        '',
      ],
      ['cold start to first result', `${coldMs.toFixed(0)} ms`, '', '< 150 ms'],
      ['memory after the first workflow', `${idleMegabytes.toFixed(0)} MB`, '', '< 80 MB'],
      ['memory after the load', `${loadedMegabytes.toFixed(0)} MB`, '', ''],
    ].map(([measure, value, ratio, target]) => ({ measure, value, ratio, target })),
  );
}

try {
  await (process.argv[2] === '--cold' ? cold(process.argv[3]!) : main());
} finally {
  rmSync(directory, { recursive: true, force: true });
}
