// Installs the independent Step Functions interpreter that the tests in test/step-functions run on. Needs Python 3.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './ensure.mjs';

const FOLDER = path.join(ROOT, '.venv-step-functions');
const PYTHON = path.join(FOLDER, 'bin', 'python');
const REQUIREMENTS = path.join(ROOT, 'test/step-functions/oracle/requirements.txt');
/** A copy of the requirements that were installed last. */
const INSTALLED = path.join(FOLDER, 'requirements.txt');

/** A folder of its own: it and the AWS CLI ask for different versions of the same packages. Ends the process on failure. */
export function ensureStepFunctions() {
  const wanted = readFileSync(REQUIREMENTS, 'utf8');
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === wanted) return;
  process.stderr.write(
    'Installing the Step Functions interpreter: test/step-functions/oracle/requirements.txt\n',
  );
  run('python3', ['-m', 'venv', '--clear', FOLDER]);
  run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS]);
  writeFileSync(INSTALLED, wanted);
}

function run(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  process.stderr.write(
    `breakwater: ${program} ${args.join(' ')} failed${error ? ` (${error.message})` : ''}; Python 3 with venv and pip is needed\n`,
  );
  process.exit(1);
}
