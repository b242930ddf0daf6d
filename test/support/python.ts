import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../repo-files.ts';

/** With what we did not write and hold ourselves against: `scripts/ensure-step-functions.mjs` puts it there. */
export const PYTHON = path.join(ROOT, '.venv-step-functions/bin/python');

/** True if it is there, or has to be: in continuous integration its tests fail without, elsewhere they are skipped. */
export const HAS_PYTHON =
  existsSync(path.join(ROOT, '.venv-step-functions/requirements.txt')) || process.env['CI'] !== undefined;

if (!HAS_PYTHON) console.warn('Skipped: tests that need the Python that npm run test:cloud brings');

/** What a script makes of this input: JSON both. */
export function runPython(script: string, input: unknown): unknown {
  const { stdout, stderr, error } = spawnSync(PYTHON, [script], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  if (!stdout) throw new TypeError(`${script} says nothing: ${error?.message ?? stderr}`);
  return JSON.parse(stdout);
}
