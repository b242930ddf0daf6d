import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomOf, type Random } from '#sim/kernel/random.ts';

/**
 * Real processes, killed with SIGKILL at random instants over drills of the example, until each drill has ended. What
 * took effect is counted in the simulated AWS itself, which is kept on disk beside the records. `KILLS` says how many
 * (continuous integration: 100), `KILL_SEED` which.
 */
const KILLS = Number(process.env['KILLS'] ?? 6);
const AT_ONCE = 3;
const SPEED = 200;
const MAIN = ['--disable-warning=ExperimentalWarning', 'src/hosts/local/main.ts'];
const RUN =
  'run examples/core-banking/plan.yaml --drill --scenario examples/core-banking/estate.yaml --auto-resume --speed'
    .split(' ')
    .concat(String(SPEED));
/** A drill prints about this many lines. */
const LINES = 20;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'breakwater-kill-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Outcome {
  readonly killed: boolean;
  readonly output: string;
}

/** Runs the command line in the data directory; kills it some ms after it has printed so many lines, unless it ends before. */
function runOnce(
  args: readonly string[],
  dataDir: string,
  kill: { lines: number; ms: number } | null,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...MAIN, ...args, '--data-dir', dataDir], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let timer: NodeJS.Timeout | undefined;
    const listen = (chunk: unknown): void => {
      output += String(chunk);
      if (kill === null || timer !== undefined || output.split('\n').length <= kill.lines) return;
      timer = setTimeout(() => child.kill('SIGKILL'), kill.ms);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('error', reject);
    child.once('close', (_, signal) => {
      clearTimeout(timer);
      resolve({ killed: signal === 'SIGKILL', output });
    });
  });
}

/** How often each operation took effect over the life of the world: `drs/StartRecovery` → 1. */
function effectsIn(dataDir: string): Record<string, number> {
  const database = new DatabaseSync(path.join(dataDir, 'simulation.db'), { readOnly: true });
  const rows = database
    .prepare("SELECT id, row FROM world_rows WHERE table_name = 'counters' AND id LIKE 'effect/%'")
    .all();
  database.close();
  return Object.fromEntries(
    rows.map(({ id, row }) => [
      String(id).split('/').slice(1, 3).join('/'),
      (JSON.parse(String(row)) as { value: number }).value,
    ]),
  );
}

/** Runs one drill, killing it again and again, until it has ended. Answers how often it was killed. */
async function runDrill(dataDir: string, random: Random): Promise<number> {
  let kills = 0;
  let output = '';
  // A start that goes on prints the events so far again, so each kill comes later in the drill, or soon after the start.
  for (let starts = 0; !/drill (completed|failed|cancelled)/.test(output); starts++) {
    expect(starts, `the drill does not end: ${output}`).toBeLessThan(40);
    const lines = Math.floor(random.uniform(starts === 0 ? 1 : 2, LINES));
    const result = await runOnce(RUN, dataDir, starts > 6 ? null : { lines, ms: random.uniform(0, 400) });
    if (result.killed) kills++;
    output = result.output;
  }
  expect(output).toContain('· drill completed');
  expect(effectsIn(dataDir)).toEqual({
    'rds/FailoverDBCluster': 1,
    'drs/StartRecovery': 1,
    'ssm/SendCommand': 1,
    'route53/ChangeResourceRecordSets': 1,
  });
  return kills;
}

/** How often the drill of this directory was taken up again. */
async function restartsIn(dataDir: string): Promise<number> {
  const { output } = await runOnce(['executions', 'events', 'latest', '--json'], dataDir, null);
  return output.split('"code":"ProcessRestarted"').length - 1;
}

test(
  `drills that are killed ${KILLS} times complete, and nothing is done twice`,
  { timeout: 30 * 60_000 },
  async () => {
    let [kills, drills, restarts] = [0, 0, 0];
    const lane = async (): Promise<void> => {
      while (kills < KILLS) {
        const number = ++drills;
        const dataDir = path.join(directory, `drill-${number}`);
        kills += await runDrill(dataDir, randomOf(Number(process.env['KILL_SEED'] ?? 1), `drill ${number}`));
        restarts += await restartsIn(dataDir);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    expect(restarts, 'kills that hit a running drill').toBeGreaterThan(KILLS / 2);
  },
);
