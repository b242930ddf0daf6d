import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach } from 'vitest';
import { ROOT } from '../repo-files.ts';

/**
 * Real processes of the command line, and folders for them. What a test begins and leaves running is killed after it, and
 * its folders are removed.
 */
const running = new Set<ChildProcess>();
const folders: string[] = [];

afterEach(async () => {
  await Promise.all([...running].map(endAtOnce));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function endAtOnce(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

/** An empty folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-e2e-'));
  folders.push(folder);
  return folder;
}

export interface Ended {
  /** `null` when a signal has ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order they came. */
  readonly output: string;
}

export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Resolves when the output so far matches; refuses when the process ends without. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): Promise<Ended>;
}

export interface Surroundings {
  /** Added to an environment that knows nothing of AWS. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Runs as this user and group, if this process may. */
  readonly identity?: { readonly uid: number; readonly gid: number };
}

const MAIN = path.join(ROOT, 'src/hosts/local/main.ts');
/** Only how soon a failing test fails. */
const PATIENCE_MS = 25_000;
const COMPILED = path.join(ROOT, 'node_modules/.cache/breakwater-test');

/**
 * Runs a command line to its end. Nobody is at its terminal. For concurrent tests, too: it ends by itself, or is killed when
 * it takes too long.
 */
export function breakwater(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  return runNode(MAIN, args, surroundings);
}

/** As `breakwater`, with a script of another name. */
export function runNode(
  script: string,
  args: readonly string[],
  surroundings: Surroundings = {},
): Promise<Ended> {
  return observe(start([script, ...args], surroundings, PATIENCE_MS)).ended;
}

/** Starts a command line. It is killed when the test ends. */
export function begin(args: readonly string[], surroundings: Surroundings = {}): Running {
  const child = start([MAIN, ...args], surroundings);
  running.add(child);
  child.once('close', () => running.delete(child));
  return observe(child);
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

function start(args: readonly string[], { environment, identity }: Surroundings, timeout?: number): Child {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      HOME: tmpdir(),
      // Halves the time that a process takes to start.
      NODE_COMPILE_CACHE: COMPILED,
      AWS_EC2_METADATA_DISABLED: 'true',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    killSignal: 'SIGKILL',
    ...(timeout === undefined ? {} : { timeout }),
    ...identity,
  });
}

function observe(child: Child): Running {
  const said = { stdout: '', stderr: '', output: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      said[name] += chunk;
      said.output += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...said }));
  });
  return {
    pid: child.pid!,
    ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const give = (act: () => void): void => {
          listeners.delete(look);
          clearTimeout(limit);
          act();
        };
        const look = (): void => {
          const match = pattern.exec(said.output);
          if (match !== null) give(() => resolve(match));
        };
        const refuse = (): void =>
          give(() => reject(new TypeError(`it never said ${String(pattern)}:\n${said.output}`)));
        const limit = setTimeout(refuse, PATIENCE_MS);
        listeners.add(look);
        look();
        void ended.then(refuse, refuse);
      }),
    kill: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

/** The values that a `--json` command has printed, one a line. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
