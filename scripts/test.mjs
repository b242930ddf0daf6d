import path from 'node:path';
import { ROOT } from './ensure.mjs';
import { runPinned } from './run-pinned.mjs';

const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs');
runPinned(['--disable-warning=ExperimentalWarning', vitest, 'run', ...process.argv.slice(2)], { cwd: ROOT });
