import path from 'node:path';
import { ROOT } from './ensure.mjs';
import { ensureStepFunctions } from './ensure-step-functions.mjs';
import { runPinned } from './run-pinned.mjs';

// npm run test:cloud: what runs on AWS, on an independent Step Functions interpreter. `--install` only brings that.
ensureStepFunctions();
if (!process.argv.includes('--install')) {
  const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs');
  const args = [
    '--disable-warning=ExperimentalWarning',
    vitest,
    'run',
    'test/step-functions',
    ...process.argv.slice(2),
  ];
  runPinned(args, { cwd: ROOT });
}
