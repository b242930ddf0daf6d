import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ACCOUNT } from './testing.ts';

const ROUNDS = 4;
let directory: string;
let server: ChildProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sim-kill-'));
});

afterEach(() => {
  server?.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

async function serve(): Promise<SSMClient> {
  const program = new URL('./kill.fixture.ts', import.meta.url);
  server = fork(program, [join(directory, 'world.sqlite')], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [endpoint] = (await once(server, 'message')) as [string];
  return new SSMClient({
    region: 'us-west-2',
    endpoint,
    credentials: { accessKeyId: `AKIASIMU${ACCOUNT}`, secretAccessKey: `secret-of-${ACCOUNT}` },
    maxAttempts: 1,
  });
}

test('a simulation killed at any instant has done all that it answered, and at most one request more', async () => {
  let answered = 0;
  let killed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const client = await serve();
    const { Version: first = 0 } = await put(client);
    expect(first - answered).toBeGreaterThanOrEqual(1);
    expect(first - answered).toBeLessThanOrEqual(2);
    answered = first;
    const victim = server!;
    const death = once(victim, 'exit');
    setTimeout(() => victim.kill('SIGKILL'), 20 + 15 * round);
    for (;;) {
      const version = await put(client).then(
        ({ Version }) => Version,
        () => null,
      );
      if (version === null || version === undefined) break;
      expect(version).toBe(answered + 1);
      answered = version;
    }
    await death;
    killed++;
  }
  expect(killed).toBe(ROUNDS);
  expect(answered).toBeGreaterThan(ROUNDS);
});

function put(client: SSMClient) {
  return client.send(new PutParameterCommand({ Name: 'a', Value: 'x', Overwrite: true }));
}
