// Everything that continuous integration checks. `npm run check -- lint types` runs only these steps; `--all` goes on after a failure.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ensureInstalled, ROOT } from './ensure.mjs';

/** Where the test step leaves vitest's JSON report, for `scripts/count-tests.mjs`. */
const TEST_REPORT = path.join(ROOT, 'coverage', 'tests.json');

const REPORTERS = ['--reporter=default', '--reporter=json', `--outputFile.json=${TEST_REPORT}`];

const STEPS = [
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: ['oxlint', '--quiet'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'unused', command: ['knip'] },
  { name: 'copies', command: ['jscpd', 'src', 'sim'] },
  // Only where its packages are installed: a plain install leaves them out (infra/README.md).
  { name: 'infra', command: ['npm', 'run', 'check', '-w', 'infra'], needs: 'node_modules/aws-cdk-lib' },
  {
    name: 'test',
    command: ['node', 'scripts/test.mjs', '--coverage', ...REPORTERS],
  },
];

/** Runs steps in order. Answers the names of those that failed. */
function runSteps(steps, { goOn }) {
  const failed = [];
  for (const step of steps) {
    if (failed.length > 0 && !goOn) break;
    if (!runStep(step)) failed.push(step.name);
  }
  return failed;
}

function runStep({ name, command: [program, ...args], needs }) {
  if (needs !== undefined && !existsSync(path.join(ROOT, needs))) {
    console.log(`\n── ${name}: skipped, ${needs} is not installed: run npm ci`);
    return true;
  }
  console.log(`\n── ${name}: ${[program, ...args].join(' ')}`);
  const startedAt = performance.now();
  const env = {
    ...process.env,
    PATH: `${path.join(ROOT, 'node_modules/.bin')}${path.delimiter}${process.env.PATH}`,
  };
  const { status, error } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit', env });
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(
    `── ${name}: ${status === 0 ? 'passed' : `FAILED${error ? ` (${error.message})` : ''}`} in ${seconds} s`,
  );
  return status === 0;
}

function main(args) {
  const names = args.filter((arg) => arg !== '--all');
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(
      `check: no step ${unknown.join(', ')}; there are ${STEPS.map((step) => step.name).join(', ')}`,
    );
    process.exit(2);
  }
  ensureInstalled();
  const steps = names.length === 0 ? STEPS : STEPS.filter((step) => names.includes(step.name));
  const failed = runSteps(steps, { goOn: args.includes('--all') });
  console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}`);
  process.exit(failed.length === 0 ? 0 : 1);
}

main(process.argv.slice(2));
