// Makes the TypeScript client anew, of the description that the server gives of itself.
import path from 'node:path';
import { ROOT } from './ensure.mjs';
import { runPinned } from './run-pinned.mjs';

const main = path.join(ROOT, 'clients/generator/main.ts');
runPinned(['--disable-warning=ExperimentalWarning', main], { cwd: ROOT });
