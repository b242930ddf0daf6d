import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#clocks/system.ts';
import { openEmbeddedEngine } from './engine.ts';
import type { Durability } from './statements.ts';

const KILLS = 20;
const WORKFLOWS = 200;
const STEPS = 10;

let directory: string;
let children: ChildProcess[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'engine-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

test.each<Durability>(['power', 'process'])(
  'With durability "%s", a process killed twenty times completes every workflow and repeats only steps in flight (3).',
  { timeout: 120_000 },
  async (durability) => {
    for (let life = 0; life < KILLS; life++) await liveAndDie(life, (life * 37) % 90, durability);
    expect(await live(KILLS, durability)).toContain('done');

    const begun = new Set<string>();
    let repeated = 0;
    let interrupted = 0;
    for (let life = 0; life <= KILLS; life++) {
      const steps = stepsBegunIn(life);
      const again = new Set(steps.filter((step) => begun.has(step)));
      expect(steps, `life ${life} began a step twice`).toHaveLength(new Set(steps).size);
      expect(again.size, `life ${life} repeated more than was in flight`).toBeLessThanOrEqual(WORKFLOWS);
      repeated += again.size;
      interrupted += Number(again.size > 0);
      for (const step of steps) begun.add(step);
    }
    expect(begun.size).toBe(WORKFLOWS * STEPS);
    expect(repeated, 'the kills did no harm').toBeGreaterThan(0);
    expect(interrupted).toBeGreaterThan(3);
  },
);

test(
  'Another process cannot open the file, and can as soon as the owner is killed (5).',
  { timeout: 30_000 },
  async () => {
    const child = startChild(0, 'power');
    await said(child, 'open');
    const options = {
      path: join(directory, 'engine.db'),
      clock: systemClock(),
      newId: () => 'id',
      machines: {},
      functions: { work: async () => null },
    };
    await expect(openEmbeddedEngine(options)).rejects.toMatchObject({ code: 'DataDirectoryInUse' });
    await kill(child);
    const engine = await openEmbeddedEngine(options);
    await engine.close();
  },
);

function startChild(life: number, durability: Durability): ChildProcess {
  const script = join(import.meta.dirname, 'testing', 'kill-child.ts');
  const args = [directory, String(life), String(WORKFLOWS), durability];
  const flags = ['--disable-warning=ExperimentalWarning', script, ...args];
  const env = { ...process.env, NODE_COMPILE_CACHE: join(directory, 'cache') };
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'], env });
  children.push(child);
  return child;
}

function said(child: ChildProcess, word: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout!.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.includes(word)) resolve(text);
    });
    child.once('exit', () => resolve(text));
  });
}

async function liveAndDie(life: number, afterMs: number, durability: Durability): Promise<void> {
  const child = startChild(life, durability);
  await said(child, 'open');
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  await kill(child);
}

async function live(life: number, durability: Durability): Promise<string> {
  const child = startChild(life, durability);
  return said(child, 'done');
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

/** Whole lines only: a kill can come between the making of the file and its first line. */
function stepsBegunIn(life: number): string[] {
  const log = join(directory, `life-${life}.log`);
  return existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : [];
}
