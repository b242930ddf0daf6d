import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomOf } from '#sim/kernel/random.ts';

/**
 * Real processes, killed with SIGKILL at random instants over drills of the example, until each drill has ended. What
 * took effect is counted in the simulated AWS itself, which is kept on disk beside the records.
 */
const KILLS = Number(process.env['KILLS'] ?? 100);
const SPEED = 200;
const MAIN = ['--disable-warning=ExperimentalWarning', 'src/hosts/local/main.ts'];
const PLAN = 'examples/core-banking/plan.yaml';
const ESTATE = 'examples/core-banking/estate.yaml';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'breakwater-kill-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Run {
  readonly code: number | null;
  readonly killed: boolean;
  readonly output: string;
}

/** Runs the command line in the data directory; kills it after `killAfterMs`, unless it ends before. */
function runOnce(args: readonly string[], dataDir: string, killAfterMs: number | null): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...MAIN, ...args, '--data-dir', dataDir], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    const timer = killAfterMs === null ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, killed: signal === 'SIGKILL', output });
    });
  });
}

/** How often each operation took effect over the life of the world: `drs/StartRecovery` → 1. */
function effectsIn(dataDir: string): Record<string, number> {
  const database = new DatabaseSync(path.join(dataDir, 'simulation.db'), { readOnly: true });
  const rows = database.prepare("SELECT id, row FROM world_rows WHERE table_name = 'counters' AND id LIKE 'effect/%'").all();
  database.close();
  return Object.fromEntries(
    rows.map(({ id, row }) => [String(id).split('/').slice(1, 3).join('/'), (JSON.parse(String(row)) as { value: number }).value]),
  );
}

function statusIn(output: string): string | undefined {
  return /drill (completed|failed|cancelled)/.exec(output)?.[1];
}

test(
  `every drill that is killed again and again (${KILLS} kills) completes, and nothing is done twice`,
  { timeout: 20 * 60_000 },
  async () => {
    const random = randomOf(Number(process.env['KILL_SEED'] ?? 1), 'kills');
    let [kills, drills, harmful] = [0, 0, 0];
    while (kills < KILLS) {
      const dataDir = path.join(directory, `drill-${++drills}`);
      const run = ['run', PLAN, '--drill', '--scenario', ESTATE, '--speed', String(SPEED), '--auto-resume'];
      let result = await runOnce(run, dataDir, random.uniform(500, 4_500));
      for (let tries = 0; statusIn(result.output) === undefined; tries++) {
        expect(tries, `drill ${drills} does not end: ${result.output}`).toBeLessThan(60);
        if (result.killed) kills++;
        // Killed before anything was written: begin again. Killed later: the next start goes on.
        const killAfterMs = kills < KILLS ? random.uniform(500, 3_500) : null;
        result = await runOnce(run, dataDir, killAfterMs);
      }
      expect(statusIn(result.output), result.output).toBe('completed');
      expect(effectsIn(dataDir)).toEqual({
        'rds/FailoverDBCluster': 1,
        'drs/StartRecovery': 1,
        'ssm/SendCommand': 1,
        'route53/ChangeResourceRecordSets': 1,
      });
      if ((await restartsIn(dataDir)) > 0) harmful++;
    }
    expect(harmful, 'kills that hit a running drill').toBeGreaterThan(0);
  },
);

/** How often the drill of this directory was taken up again. */
async function restartsIn(dataDir: string): Promise<number> {
  const { output } = await runOnce(['executions', 'events', 'latest', '--json'], dataDir, null);
  return output.split('"code":"ProcessRestarted"').length - 1;
}
