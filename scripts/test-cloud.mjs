import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './ensure.mjs';
import { ensureStepFunctions } from './ensure-step-functions.mjs';
import { runPinned } from './run-pinned.mjs';

// npm run test:cloud: what runs on AWS, on an independent Step Functions interpreter, and then all of it, assembled, with Amazon's
// DynamoDB Local and the synthesised templates. `--install` only brings what that needs.
const args = process.argv.slice(2);

if (args.includes('--help')) {
  process.stdout.write(`npm run test:cloud [-- OPTIONS]

Tests what runs on AWS: on an independent Step Functions interpreter (test/step-functions), and all of it,
assembled of what is deployed (test/cloud). Installs what that needs: Python 3, Java 17, Maven and npm are asked for.

  --install      only install
  -t PATTERN     only tests whose titles match; other options of vitest run are taken too
`);
  process.exit(0);
}

/** What is still missing afterwards skips its tests, with a message; in continuous integration they fail. */
const NEEDED = [
  {
    what: 'the packages of infra/',
    isThere: () => existsSync(path.join(ROOT, 'node_modules/aws-cdk-lib')),
    command: ['npm', 'ci', '--no-fund', '--no-audit', '--loglevel=error'],
  },
  {
    what: 'DynamoDB Local (with Maven; it runs on Java 17)',
    isThere: () => existsSync(path.join(ROOT, '.dynamodb-local')),
    command: ['node', 'scripts/dynamodb-local.mjs'],
  },
];

for (const { what, isThere, command } of NEEDED) {
  if (!isThere()) install(what, command);
}
ensureStepFunctions();
if (!args.includes('--install')) {
  const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs');
  const tests = ['run', 'test/step-functions', 'test/cloud', '--reporter=verbose'];
  runPinned(['--disable-warning=ExperimentalWarning', vitest, ...tests, ...args], { cwd: ROOT });
}

function install(what, [program, ...rest]) {
  process.stderr.write(`Installing ${what}: ${program} ${rest.join(' ')}\n`);
  const { status } = spawnSync(program, rest, {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  process.stderr.write(`breakwater: ${what} could not be installed\n`);
  if (process.env.CI !== undefined) process.exit(1);
}
