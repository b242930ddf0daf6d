import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { emitKeypressEvents, type Key as NodeKey } from 'node:readline';
import { text as readAll } from 'node:stream/consumers';
import { input, password } from '@inquirer/prompts';
import { createLogUpdate } from 'log-update';
import { BreakwaterError } from '#core/errors.ts';

/**
 * The terminal, the person at it, and the real time that passes there. This file alone touches `process.stdout`,
 * `process.stderr` and signals; everything else of the command line goes through an `IoHost`, so that tests have a fake.
 */
export interface IoHost {
  /** A person can be asked and a live view be drawn: stdin and stdout are terminals. */
  readonly interactive: boolean;
  /** Off when stdout is no terminal, and with `NO_COLOR`. */
  readonly color: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The name that stands for the person in records. */
  readonly user: string;
  size(): { readonly width: number; readonly height: number };
  /** A line on stdout. */
  print(text: string): void;
  /** A line on stderr. */
  note(text: string): void;
  live(): LiveRegion;
  /** Throws `Declined` when the person leaves with Ctrl-C, and when `signal` aborts. */
  input(question: Question): Promise<string>;
  /** As `input`, without an echo. */
  secret(question: Question): Promise<string>;
  /** All of stdin, to its end. */
  readInput(): Promise<string>;
  /** Gives every key that the person presses to `onKey`, Ctrl-C as well, until the returned function is called. */
  keys(onKey: (key: Key) => void): () => void;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `handler` at the first Ctrl-C or SIGTERM; a second one ends the process at once. Returns the way to stop listening. */
  onInterrupt(handler: () => void): () => void;
}

/** A part of the terminal that is drawn over and over. */
export interface LiveRegion {
  draw(text: string): void;
  /** Takes the drawing away. */
  clear(): void;
  /** Leaves the last drawing standing; what follows comes below it. */
  finish(): void;
}

export interface Question {
  readonly message: string;
  readonly signal?: AbortSignal;
}

/** A key as a terminal sends it. */
export interface Key {
  /** Such as `return`, `up`, `backspace`, `a`. */
  readonly name: string;
  /** What it writes; empty for a key that writes nothing. */
  readonly text: string;
  readonly ctrl: boolean;
}

const INTERRUPTED = 130;

/** The IoHost of this process. To be made once. */
export function processIoHost(): IoHost {
  const { stdin, stdout, stderr, env } = process;
  stdout.on('error', endWithoutReader);
  return {
    interactive: stdin.isTTY && stdout.isTTY,
    color: stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    environment: env,
    user: userName(),
    size: () => ({ width: stdout.columns || (stdout.isTTY ? 80 : 200), height: stdout.rows || 24 }),
    print: (text) => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    live: () => {
      const log = createLogUpdate(stdout);
      return { draw: (text) => log(text), clear: () => log.clear(), finish: () => log.done() };
    },
    input: ({ message, signal }) => orDeclined(() => input({ message }, signal ? { signal } : {})),
    secret: ({ message, signal }) => orDeclined(() => password({ message }, signal ? { signal } : {})),
    readInput: () => readAll(stdin),
    keys: (onKey) => listenForKeys(stdin, onKey),
    sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}).catch(() => undefined),
    onInterrupt: listenForInterrupt,
  };
}

/** Ends quietly when the reader of stdout has gone (`breakwater … | head`). */
function endWithoutReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

function listenForInterrupt(handler: () => void): () => void {
  let interrupted = false;
  const onSignal = (): void => {
    if (interrupted) process.exit(INTERRUPTED);
    interrupted = true;
    handler();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
}

/** What was typed blindly before a question stood there is no answer to it. */
const BLIND_MS = 200;

function listenForKeys(stdin: NodeJS.ReadStream, onKey: (key: Key) => void): () => void {
  const beganMs = performance.now();
  const onKeypress = (text: string | undefined, { name = '', ctrl = false, meta = false }: NodeKey): void => {
    if (performance.now() - beganMs < BLIND_MS) return;
    const writes = text !== undefined && !ctrl && !meta && !/\p{Cc}/u.test(text);
    onKey({ name, ctrl, text: writes ? text : '' });
  };
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.on('keypress', onKeypress).resume();
  return () => {
    stdin.off('keypress', onKeypress).pause();
    stdin.setRawMode(false);
  };
}

async function orDeclined<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const isLeaving = cause instanceof Error && /^(ExitPrompt|AbortPrompt)Error$/.test(cause.name);
    throw isLeaving ? new BreakwaterError('Declined', 'the question was left without an answer') : cause;
  }
}

/** Containers may run under a user id that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
