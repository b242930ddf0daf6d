import { spawn } from 'node:child_process';
import path from 'node:path';
import { ensureInstalled, ROOT } from './ensure.mjs';

/**
 * Runs the pinned Node in place of this process: same input, output and signals, same exit code. `cwd` defaults to the
 * caller's.
 */
export function runPinned(args, { cwd = process.cwd() } = {}) {
  const child = spawn(ensureInstalled(), args, { stdio: 'inherit', cwd });
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

/** Runs the command line of Breakwater with these arguments. */
export function runCommandLine(args, options) {
  const main = path.join(ROOT, 'src/hosts/local/main.ts');
  runPinned(['--disable-warning=ExperimentalWarning', main, ...args], options);
}
