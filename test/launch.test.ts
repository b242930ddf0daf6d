import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from './repo-files.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'breakwater-launch-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs a program from another directory than the project's, to its end. */
async function run(program: string, args: readonly string[]): Promise<{ output: string; exit: unknown[] }> {
  const child = spawn(program, args, { cwd: directory, stdio: ['ignore', 'pipe', 'ignore'] });
  const [output, exit] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { output, exit };
}

test('the launcher works from any directory, also through a symbolic link', async () => {
  const link = path.join(directory, 'linked');
  symlinkSync(path.join(ROOT, 'breakwater'), link);
  const { output, exit } = await run(link, ['--help']);
  expect(output).toMatch(/^Usage: breakwater /);
  expect(exit).toEqual([0, null]);
});

test('the exit code of the command line is passed on', async () => {
  const launcher = path.join(ROOT, 'scripts/breakwater.mjs');
  const { exit } = await run(process.execPath, [launcher, 'validate', '--json', 'no-such-plan.yaml']);
  expect(exit).toEqual([1, null]);
});

test('a signal to the launcher reaches the process that works, and its end is passed on', async () => {
  const scenario = path.join(ROOT, 'examples/core-banking/estate.yaml');
  const args = [path.join(ROOT, 'scripts/breakwater.mjs'), 'simulate', '--scenario', scenario, '--port', '0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  // The pipe closes when the last process that holds it has ended.
  const [, exit] = await Promise.all([once(child.stdout, 'close'), once(child, 'exit')]);
  expect([
    [0, null],
    [143, null],
    [null, 'SIGTERM'],
  ]).toContainEqual(exit);
});
