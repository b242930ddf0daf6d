import path from 'node:path';
import { ROOT } from './ensure.mjs';
import { runPinned } from './run-pinned.mjs';

// npm run bench [engine | rehearsal | control-plane | cloud-cost | minute] [arguments]: bench/README.md says what they measure.
const [name = 'rehearsal', ...args] = process.argv.slice(2);
runPinned(['--disable-warning=ExperimentalWarning', path.join(ROOT, 'bench', `${name}.ts`), ...args], {
  cwd: ROOT,
});
