import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { systemClock } from '#clocks/system.ts';
import { createAws } from '#aws/create-aws.ts';
import { stepFunctionsService } from '#aws/services/step-functions.ts';
import type { StepFunctionsCalls } from '#aws/services/step-functions.ts';
import { ROOT } from '../../repo-files.ts';

/** Where `scripts/ensure-step-functions.mjs` puts it; the second file, when it is complete. */
const PYTHON = path.join(ROOT, '.venv-step-functions/bin/python');
const INSTALLED = path.join(ROOT, '.venv-step-functions/requirements.txt');

/** True if the independent interpreter is there, or has to be: in continuous integration its tests fail without, elsewhere they are skipped. */
export const HAS_INTERPRETER = existsSync(INSTALLED) || process.env['CI'] !== undefined;

if (!HAS_INTERPRETER)
  console.warn('Skipped: tests on the independent Step Functions interpreter (npm run test:cloud brings it)');

export const REGION = 'us-east-1';
export const ACCOUNT = '123456789012';
const CREDENTIALS = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };
const PATIENCE_MS = 60_000;

/** A running interpreter. */
export interface Interpreter {
  readonly url: string;
  /** What the engine calls, through the door. */
  readonly calls: StepFunctionsCalls;
  /** Creates a state machine and answers its ARN. Throws what the interpreter says of a definition that it refuses. */
  createMachine(name: string, definition: unknown): Promise<string>;
  close(): Promise<void>;
}

/** Starts the interpreter; its tasks find Lambda at `lambdaUrl`, and its Wait states are `waitSpeed` times as short. */
export async function startInterpreter({
  lambdaUrl,
  waitSpeed = 1,
}: {
  lambdaUrl: string;
  waitSpeed?: number;
}): Promise<Interpreter> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const serve = path.join(import.meta.dirname, '../oracle/serve.py');
  const child = spawn(PYTHON, [serve, String(port), process.execPath], {
    env: {
      PATH: process.env['PATH'],
      PYTHONUNBUFFERED: '1',
      NODE_PATH: path.join(ROOT, 'node_modules'),
      AWS_DEFAULT_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_ENDPOINT_URL_LAMBDA: lambdaUrl,
      WAIT_SPEED: String(waitSpeed),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // Also when the tests are broken off.
  process.once('exit', () => child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (chunk) => (said = (said + String(chunk)).slice(-20_000)));
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(`it ended with ${code}:\n${said}`));
  });
  const failed = await Promise.race([ended, ready(url)]);
  if (failed !== null) {
    child.kill('SIGKILL');
    throw new TypeError(`the interpreter does not run (npm run test:cloud brings it): ${failed}`);
  }
  const client = new SFNClient({ region: REGION, endpoint: url, credentials: CREDENTIALS });
  const door = createAws({
    services: { stepFunctions: stepFunctionsService },
    clock: systemClock(),
    region: REGION,
    endpoint: url,
    credentials: CREDENTIALS,
    accounts: async () => null,
    sessionName: 'test',
  });
  return {
    url,
    calls: door.for({}).stepFunctions,
    createMachine: async (name, definition) => {
      const roleArn = `arn:aws:iam::${ACCOUNT}:role/states`;
      const made = await client.send(
        new CreateStateMachineCommand({ name, definition: JSON.stringify(definition), roleArn }),
      );
      return made.stateMachineArn!;
    },
    close: async () => {
      client.destroy();
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function ready(url: string): Promise<null | string> {
  const clock = systemClock();
  for (const until = clock.now() + PATIENCE_MS; clock.now() < until; await clock.sleep(50)) {
    const answer = await fetch(`${url}/moto-api/`).catch(() => null);
    if (answer?.ok) return null;
  }
  return `it did not answer in ${PATIENCE_MS} ms`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
