import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { planOfDrill, scenarioOfDrills } from './control-plane-drills.ts';
import { fillDirectory, filledId } from './control-plane-fill.ts';
import type { ListenersAnswer, ListenersOrder } from './control-plane-listeners.ts';
import type { LoadAnswer, LoadOrder } from './control-plane-load.ts';
import { startServer, type Server } from './control-plane-server.ts';

/**
 * How the server does with a full store: its start, reads at a fixed rate alone and while drills run, starts of drills, and
 * live events to many listeners. Beside it the same of a nearly empty store, in the same run. `README.md` says what each number means.
 *
 *   node bench/control-plane.ts [--executions N] [--seconds N] [--drills N] [--speed N] [--directory DIR]
 */
const { values } = parseArgs({
  options: {
    executions: { type: 'string', default: '10000' },
    events: { type: 'string', default: '100' },
    rate: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '20' },
    drills: { type: 'string', default: '100' },
    speed: { type: 'string', default: '10' },
    listeners: { type: 'string', default: '500' },
    /** Keeps the filled stores there, for the next run. */
    directory: { type: 'string' },
    /** Of `start`, `reads`, `drills`, `listeners`: only these, comma-separated. */
    only: { type: 'string', default: 'start,reads,drills,listeners' },
  },
});
const [executions, eventsEach, perSecond, seconds, drills, listeners] = [
  values.executions,
  values.events,
  values.rate,
  values.seconds,
  values.drills,
  values.listeners,
].map(Number) as [number, number, number, number, number, number];
const FEW = 100;
const ROUNDS = 3;
/** A principal may ask 500 times a second. */
const TOKENS = 5;

const base = values.directory ?? mkdtempSync(path.join(tmpdir(), 'bench-control-plane-'));
mkdirSync(base, { recursive: true });
const scenario = path.join(base, 'scenario.yaml');
writeFileSync(scenario, JSON.stringify(scenarioOfDrills(drills)));
const stores = {
  full: { name: `full-${executions}-${eventsEach}`, executions, eventsEach },
  few: { name: `few-${FEW}-${eventsEach}`, executions: FEW, eventsEach },
};
type Which = keyof typeof stores;

const rows: { measure: string; few: string; full: string; ratio: string; target: string }[] = [];
const does = new Set(values.only.split(','));

try {
  for (const store of Object.values(stores)) {
    await fillDirectory(path.join(base, store.name), store);
    rmSync(workOf(store.name), { recursive: true, force: true });
    cpSync(path.join(base, store.name), workOf(store.name), { recursive: true });
  }
  if (does.has('start')) await measureStart();
  if (does.has('reads')) await measureReads();
  if (does.has('drills') || does.has('listeners')) await measureDrills();
  console.table(rows);
} finally {
  for (const { name } of Object.values(stores)) rmSync(workOf(name), { recursive: true, force: true });
  if (values.directory === undefined) rmSync(base, { recursive: true, force: true });
}

/** A server changes its directory, so it gets a copy of the filled one. */
function workOf(name: string): string {
  return path.join(base, `${name}-work`);
}

function serve(which: Which, ...args: string[]): Promise<Server> {
  return startServer(workOf(stores[which].name), ['--scenario', scenario, '--speed', values.speed, ...args]);
}

async function measureStart(): Promise<void> {
  const times: Record<Which, number[]> = { few: [], full: [] };
  const memory: Record<Which, number[]> = { few: [], full: [] };
  // The first start fills caches, of compiled modules for one.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const which of ['few', 'full'] as const) {
      const server = await serve(which);
      if (round > 0) times[which].push(server.readyMs);
      if (round > 0) memory[which].push((await server.use()).residentMb);
      await server.stop();
    }
  }
  add('from spawn to the first answer of /ready, ms', quantileOf(times, 0.5), '< 2000');
  add('memory after the start, MB', quantileOf(memory, 0.5), '');
}

async function measureReads(): Promise<void> {
  const results: Record<Which, LoadAnswer[]> = { few: [], full: [] };
  const cpu: Record<Which, number[]> = { few: [], full: [] };
  for (const which of ['few', 'full'] as const) {
    const server = await serve(which);
    const tokens = await makeTokens(server);
    await load(server, tokens, { which, seconds: 3 });
    for (let round = 0; round < ROUNDS; round++) {
      const before = await server.use();
      results[which].push(await load(server, tokens, { which, seconds }));
      const after = await server.use();
      cpu[which].push(((after.cpuSeconds - before.cpuSeconds) * 1_000) / (perSecond * seconds));
    }
    await server.stop();
  }
  addLatencies('alone', results);
  add('CPU of the server a request, ms', quantileOf(cpu, 0.5), '');
}

async function measureDrills(): Promise<void> {
  const server = await serve('full');
  const tokens = await makeTokens(server);
  const starts: number[] = [];
  const ids: string[] = [];
  for (let drill = 1; drill <= drills; drill++) {
    const { planId } = planOfDrill(drill);
    await server.ask('POST /recovery-plans', planOfDrill(drill));
    const startedAt = performance.now();
    const started = await server.ask<{ executionId: string }>('POST /executions', { planId, mode: 'drill' });
    starts.push(performance.now() - startedAt);
    ids.push(started.executionId);
  }
  addFull('start of a drill, p50, ms', quantile(starts, 0.5), '');
  addFull('start of a drill, p99, ms', quantile(starts, 0.99), '');
  if (does.has('drills')) {
    const [running, before] = [await countRunning(server), await server.use()];
    const result = await load(server, tokens, { which: 'full', seconds });
    const after = await server.use();
    addFull(`drills running when the reads began`, running, '');
    addFull('drills running when the reads ended', await countRunning(server), '');
    addLatencies(`${drills} drills`, { few: [], full: [result] });
    addFull('CPU of the server, share of a core', (after.cpuSeconds - before.cpuSeconds) / seconds, '');
    addFull('memory after that, MB', after.residentMb, '');
  }
  if (does.has('listeners')) {
    const order = { url: server.url, tokens, executionId: ids[0]!, listeners, rounds: 20 };
    const { answered, first, last } = await inProcess<ListenersAnswer>('control-plane-listeners.ts', order);
    addFull('event: answer to who made it, p50, ms', quantile(answered, 0.5), '');
    addFull(`event: first of ${listeners} listeners, p50, ms`, quantile(first, 0.5), '');
    addFull(`event: last of ${listeners} listeners, p50, ms`, quantile(last, 0.5), '');
    addFull(`event: last of ${listeners} listeners, p95, ms`, quantile(last, 0.95), '');
    addFull('memory after that, MB', (await server.use()).residentMb, '');
  }
  await server.stop();
}

async function makeTokens(server: Server): Promise<string[]> {
  const tokens: string[] = [];
  while (tokens.length < TOKENS) {
    const order = {
      name: `bench ${tokens.length}`,
      roles: ['RecoveryManager', 'ReadOnly'],
      expiresInDays: 1,
    };
    tokens.push((await server.ask<{ token: string }>('POST /tokens', order)).token);
  }
  return tokens;
}

async function countRunning(server: Server): Promise<number> {
  const { executions } = await server.ask<{ executions: readonly { status: string }[] }>('GET /executions');
  return executions.filter(({ status }) => !/completed|failed|cancelled/.test(status)).length;
}

/** What people and pipelines read most, in equal shares. */
function load(
  server: Server,
  tokens: readonly string[],
  { which, seconds }: { which: Which; seconds: number },
): Promise<LoadAnswer> {
  const middle = filledId(Math.floor(stores[which].executions / 2));
  return inProcess<LoadAnswer>('control-plane-load.ts', {
    url: server.url,
    tokens,
    perSecond,
    seconds,
    requests: [
      { name: 'list of 100', path: '/executions' },
      { name: 'list of 100 by status', path: '/executions?status=completed' },
      { name: 'one execution', path: `/executions/${middle}` },
      { name: 'its 100 events', path: `/executions/${middle}/events` },
    ],
  });
}

/** Gives one order to another process, so that it does not share this one's event loop. */
async function inProcess<Answer>(file: string, order: LoadOrder | ListenersOrder): Promise<Answer> {
  const child = fork(path.join(import.meta.dirname, file));
  child.send(order);
  const [answer] = (await once(child, 'message')) as [Answer];
  return answer;
}

function addLatencies(label: string, results: Record<Which, readonly LoadAnswer[]>): void {
  const names = Object.keys(results.full[0]!.latencies);
  for (const name of ['all', ...names]) {
    const p = (q: number): Record<Which, number> => ({
      few: atQuantile(results.few, name, q),
      full: atQuantile(results.full, name, q),
    });
    add(`${label}: ${name}, p50, ms`, p(0.5), '');
    add(`${label}: ${name}, p99, ms`, p(0.99), name === 'all' ? '< 25' : '');
  }
  const failed = results.full.reduce((sum, one) => sum + one.failed, 0);
  addFull(`${label}: not answered by 200`, failed, '0');
}

/** The median of the rounds. */
function atQuantile(results: readonly LoadAnswer[], name: string, q: number): number {
  const each = results.map(({ latencies }) =>
    quantile(name === 'all' ? Object.values(latencies).flat() : latencies[name]!, q),
  );
  return quantile(each, 0.5);
}

function quantileOf(numbers: Record<Which, readonly number[]>, q: number): Record<Which, number> {
  return { few: quantile(numbers.few, q), full: quantile(numbers.full, q) };
}

function quantile(numbers: readonly number[], q: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * q), sorted.length - 1)] ?? NaN;
}

function add(measure: string, { few, full }: Record<Which, number>, target: string): void {
  const hasBoth = Number.isFinite(few);
  rows.push({
    measure,
    few: hasBoth ? shown(few) : '',
    full: shown(full),
    ratio: hasBoth ? (full / few).toFixed(2) : '',
    target,
  });
}

function addFull(measure: string, full: number, target: string): void {
  add(measure, { few: NaN, full }, target);
}

function shown(value: number): string {
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(2);
}
