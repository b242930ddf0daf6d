import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openDynamoDb } from '#aws/open-dynamodb.ts';
import type { AwsOptions } from '#aws/options.ts';
import { systemClock } from '#clocks/system.ts';
import { createTableInputs } from '../create-table-inputs.ts';
import { DynamoDbStore } from '../dynamodb-store.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../../.dynamodb-local');
const SERVER = 'software.amazon.dynamodb.services.local.main.ServerRunner';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const REGION = 'eu-central-1';

/** Amazon's DynamoDB Local as a child process, with its items in memory. */
export interface DynamoDbLocal {
  readonly endpoint: string;
  /** A store on new tables, unless `isNew` says that they are there; `aws` changes how the door to AWS is opened. */
  open(params?: {
    readonly prefix?: string;
    readonly isNew?: boolean;
    readonly aws?: Partial<AwsOptions>;
  }): Promise<DynamoDbStore>;
  stop(): Promise<void>;
}

/** Says on stderr what is missing. Throws in continuous integration, where nothing may be. */
export function hasDynamoDbLocal(): boolean {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const release = Number(/version "(\d+)/.exec(java.stderr ?? '')?.[1] ?? 0);
  const missing = [
    ...(release >= 17 ? [] : ['Java 17']),
    ...(existsSync(FOLDER) ? [] : ['DynamoDB Local (fetch it with "node scripts/dynamodb-local.mjs")']),
  ];
  if (missing.length === 0) return true;
  const words = `tests of the DynamoDB store need ${missing.join(' and ')}`;
  if (process.env['CI'] !== undefined) throw new Error(words);
  console.warn(`Skipped: ${words}`);
  return false;
}

export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  const port = await freePort();
  const args = [`-Djava.library.path=${FOLDER}`, '-cp', path.join(FOLDER, '*'), SERVER];
  const options = ['-inMemory', '-disableTelemetry', '-port', String(port)];
  const server = spawn('java', [...args, ...options], { stdio: 'ignore' });
  // Also when the tests are broken off.
  process.once('exit', () => server.kill('SIGKILL'));
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const endpoint = `http://127.0.0.1:${port}`;
  await answering(endpoint, server);
  const client = new DynamoDBClient({ region: REGION, endpoint, credentials });
  let stores = 0;
  return {
    endpoint,
    async open({ prefix = `store-${++stores}-`, isNew = true, aws = {} } = {}) {
      if (isNew) {
        const tables = createTableInputs(prefix);
        await Promise.all(tables.map((table) => client.send(new CreateTableCommand(table))));
      }
      const dynamoDb = openDynamoDb({ clock: systemClock(), region: REGION, endpoint, credentials, ...aws });
      return new DynamoDbStore({ dynamoDb, prefix });
    },
    async stop() {
      client.destroy();
      server.kill('SIGKILL');
      await ended;
    },
  };
}

/** Asks until it answers; it does in about two seconds. */
async function answering(endpoint: string, server: ReturnType<typeof spawn>): Promise<void> {
  for (let tries = 0; tries < 300 && server.exitCode === null; tries++) {
    const answer = await fetch(endpoint).catch(() => null);
    if (answer !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  server.kill('SIGKILL');
  throw new Error(`DynamoDB Local did not answer at ${endpoint}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
