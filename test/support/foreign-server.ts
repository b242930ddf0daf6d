import { spawn } from 'node:child_process';
import { systemClock } from '#clocks/system.ts';
import { listen } from './listen.ts';

/** A server that is not ours, as a child process. */
export interface ForeignServer {
  readonly url: string;
  stop(): Promise<void>;
}

interface ForeignServerParams {
  /** For whoever reads why it does not run. */
  readonly name: string;
  readonly program: string;
  readonly args: (port: string) => readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const PATIENCE_MS = 60_000;

/** Starts it at a free port and waits until it answers. It dies with this process. */
export async function startForeignServer({
  name,
  program,
  args,
  environment = process.env,
}: ForeignServerParams): Promise<ForeignServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(program, args(port), { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  // Also when the tests are broken off.
  process.once('exit', () => child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (chunk) => (said = (said + String(chunk)).slice(-20_000)));
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(`it ended with ${code}:\n${said}`));
  });
  const failed = await Promise.race([ended, answering(url)]);
  if (failed !== null) {
    child.kill('SIGKILL');
    throw new TypeError(`${name} does not run: ${failed}`);
  }
  return {
    url,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Nobody else takes it between this and its use, as a rule. */
async function freePort(): Promise<string> {
  const { url, close } = await listen(() => {});
  await close();
  return new URL(url).port;
}

/** `null`: whatever it says, it is there. */
async function answering(url: string): Promise<null | string> {
  const clock = systemClock();
  for (const until = clock.now() + PATIENCE_MS; clock.now() < until; await clock.sleep(50)) {
    if ((await fetch(url).catch(() => null)) !== null) return null;
  }
  return `it did not answer in ${PATIENCE_MS} ms`;
}
