import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openDynamoDb } from '#aws/open-dynamodb.ts';
import type { AwsOptions } from '#aws/options.ts';
import { systemClock } from '#clocks/system.ts';
import { startForeignServer } from '../../../../test/support/foreign-server.ts';
import { createTableInputs } from '../create-table-inputs.ts';
import { DynamoDbStore } from '../dynamodb-store.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../../.dynamodb-local');
const JAVA_ARGS = [`-Djava.library.path=${FOLDER}`, '-cp', path.join(FOLDER, '*')];
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
  const { url: endpoint, stop } = await startForeignServer({
    name: 'DynamoDB Local',
    program: 'java',
    args: (port) => [...JAVA_ARGS, SERVER, '-inMemory', '-disableTelemetry', '-port', port],
  });
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
      await stop();
    },
  };
}
