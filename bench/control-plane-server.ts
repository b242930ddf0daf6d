import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** A real `breakwater serve` process. */
export interface Server {
  readonly url: string;
  readonly token: string;
  /** From its spawn to its first 200 of `/ready`. */
  readonly readyMs: number;
  ask<T>(what: string, body?: unknown): Promise<T>;
  /** What the process says of itself in `/metrics`. */
  use(): Promise<Use>;
  stop(): Promise<void>;
}

interface Use {
  readonly cpuSeconds: number;
  readonly residentMb: number;
}

const LAUNCHER = path.join(import.meta.dirname, '../scripts/breakwater.mjs');

/** Starts a server on a data directory, through the launcher that people start it by. */
export async function startServer(dataDir: string, args: readonly string[] = []): Promise<Server> {
  const startedAt = performance.now();
  const all = [
    LAUNCHER,
    'serve',
    '--data-dir',
    dataDir,
    '--port',
    '0',
    '--json',
    '--new-admin-token',
    ...args,
  ];
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] });
  const { url, adminToken: token } = await saidBy(child);
  await (await fetch(`${url}/ready`)).text();
  const readyMs = performance.now() - startedAt;
  const request = async (what: string, body?: unknown): Promise<string> => {
    const [method, place] = what.split(' ') as [string, string];
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { authorization: `Bearer ${token}`, ...type };
    const answer = await fetch(`${url}${place}`, { method, headers, ...sent });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${what}: ${answer.status} ${text}`);
    return text;
  };
  return {
    url,
    token,
    readyMs,
    ask: async (what, body) => JSON.parse(await request(what, body)),
    async use() {
      const text = await request('GET /metrics');
      const read = (name: string): number => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
      return {
        cpuSeconds: read('process_cpu_seconds_total'),
        residentMb: read('process_resident_memory_bytes') / 1e6,
      };
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** The line with its address, once it listens. */
async function saidBy(child: ChildProcess): Promise<{ url: string; adminToken: string }> {
  let errors = '';
  child.stderr!.on('data', (data: Buffer) => (errors += data.toString()));
  for await (const line of createInterface({ input: child.stdout! })) {
    if (!line.startsWith('{')) continue;
    child.stdout!.resume();
    return JSON.parse(line) as { url: string; adminToken: string };
  }
  throw new Error(`the server ended before it listened: ${errors}`);
}
