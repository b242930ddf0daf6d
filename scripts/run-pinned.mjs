import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import path from 'node:path';
import { ensureInstalled, ROOT } from './ensure.mjs';

/**
 * Runs the pinned Node in place of this process: same input, output and signals, same exit code. `cwd` defaults to the
 * caller's, `env` to what this process has.
 */
export function runPinned(args, { cwd = process.cwd(), env = process.env } = {}) {
  const child = spawn(ensureInstalled(), args, { stdio: 'inherit', cwd, env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']) {
    process.on(signal, () => {
      // A terminal sends its interrupt to the child as well: passing it on would make one Ctrl-C into two.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`breakwater: the pinned Node could not be started: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** Where Node keeps compiled modules, so that a start does not compile them again. */
const COMPILE_CACHE = path.join(ROOT, 'node_modules', '.cache', 'breakwater');

/** Starts are slower where nothing can be written beside the project, and work all the same. */
function compileCache() {
  try {
    mkdirSync(COMPILE_CACHE, { recursive: true });
    accessSync(COMPILE_CACHE, constants.W_OK);
    return { NODE_COMPILE_CACHE: COMPILE_CACHE };
  } catch {
    return {};
  }
}

/** Runs the command line of Breakwater with these arguments. */
export function runCommandLine(args, options) {
  const main = path.join(ROOT, 'src/hosts/local/main.ts');
  const env = { ...compileCache(), ...process.env };
  runPinned(['--disable-warning=ExperimentalWarning', main, ...args], { ...options, env });
}
