import path from 'node:path';
import { expect, test } from 'vitest';
import { breakwater, temporaryFolder } from './support/breakwater.ts';
import { examplePlan, startServer, type TestServer } from './support/server.ts';

const YAML = { 'content-type': 'application/yaml' };
const dataFolder = (): string => path.join(temporaryFolder(), 'data');

async function untilStatus({ ask }: TestServer, executionId: string, wanted: RegExp): Promise<string> {
  for (;;) {
    const { body } = await ask(`GET /executions/${executionId}`);
    if (wanted.test(body.status)) return body.status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('a plan is kept, drilled, proven and cleaned up after over REST', { timeout: 60_000 }, async () => {
  const server = await startServer(dataFolder());
  const { ask } = server;
  const kept = await ask('POST /recovery-plans', examplePlan(), YAML);
  expect([kept.status, kept.headers.get('etag'), kept.body.planId]).toEqual([201, '"1"', 'core-banking']);
  const dry = await ask('POST /recovery-plans/core-banking/dry-run', {});
  expect([dry.body.ready, dry.body.iamActions.includes('drs:StartRecovery')]).toEqual([true, true]);

  const order = { planId: 'core-banking', mode: 'drill', autoResume: true };
  const started = await ask('POST /executions', order, { 'idempotency-key': 'once' });
  const again = await ask('POST /executions', order, { 'idempotency-key': 'once' });
  const { executionId } = started.body;
  expect([started.status, again.body]).toEqual([202, { executionId, joined: true }]);
  const stream = await fetch(`${server.url}/executions/${executionId}/events`, {
    headers: { authorization: `Bearer ${server.token}`, accept: 'text/event-stream', 'last-event-id': '2' },
  });
  const ids = [...(await stream.text()).matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  expect(ids).toEqual(ids.map((_, index) => index + 3));
  expect(await untilStatus(server, executionId, /./)).toBe('completed');

  const cleaning = await ask(`POST /executions/${executionId}/terminate-instances`, {});
  expect([cleaning.status, cleaning.body.instanceIds.length]).toEqual([202, 4]);
  expect(await untilStatus(server, cleaning.body.executionId, /completed|failed|cancelled/)).toBe(
    'completed',
  );
  const verdict = await ask('POST /audit/verify');
  expect(verdict.body.ok).toBe(true);
  const junit = await ask(`GET /executions/${executionId}/junit`);
  expect(junit.body).toContain('<testsuites name="drill of Core banking" tests="8" failures="0"');
});

test(
  'a server that was killed goes on with its executions, prints no second token, and keeps the first',
  {
    timeout: 60_000,
  },
  async () => {
    const dataDir = dataFolder();
    const first = await startServer(dataDir, {
      args: ['--scenario', 'examples/core-banking/estate.yaml', '--speed', '60'],
    });
    const started = await first.ask('POST /executions', {
      plan: (await first.ask('POST /recovery-plans', examplePlan(), YAML)).body.plan,
      mode: 'drill',
      autoResume: true,
    });
    const { executionId } = started.body;
    await untilStatus(first, executionId, /in_progress/);
    await first.process.kill('SIGKILL');

    const second = await startServer(dataDir, { args: [], token: first.token });
    expect(await second.ask('GET /me')).toMatchObject({ status: 200, body: { roles: ['Admin'] } });
    expect(await untilStatus(second, executionId, /completed|failed|cancelled/)).toBe('completed');
    const { body } = await second.ask(`GET /executions/${executionId}/events`);
    const codes = body.events.map(({ code }: { code: string }) => code);
    expect(codes).toContain('ProcessRestarted');
    expect((await second.ask('POST /audit/verify')).body.ok).toBe(true);
    const ended = await second.process.kill('SIGTERM');
    expect(ended.code).toBe(0);
  },
);

test(
  'the command line uses the server: of BREAKWATER_URL, or the one that holds the directory',
  {
    timeout: 60_000,
  },
  async () => {
    const dataDir = dataFolder();
    const { url, token } = await startServer(dataDir);
    const far = { environment: { BREAKWATER_URL: url, BREAKWATER_TOKEN: token } };
    const run = await breakwater(
      ['run', 'examples/core-banking/plan.yaml', '--drill', '--auto-resume', '--data-dir', dataFolder()],
      far,
    );
    expect(run.code).toBe(0);
    const near = await breakwater(['executions', 'list', '--data-dir', dataDir, '--json']);
    expect(JSON.parse(near.stdout)).toMatchObject({
      executions: [{ planName: 'Core banking', status: 'completed' }],
    });
    const wrong = await breakwater(['executions', 'list'], {
      environment: { BREAKWATER_URL: url, BREAKWATER_TOKEN: 'bwt_x' },
    });
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('Unauthenticated')]);
  },
);

test('other addresses need TLS or a word that says so, and a taken port is said', async () => {
  const open = await breakwater(['serve', '--host', '0.0.0.0', '--data-dir', dataFolder()]);
  expect([open.code, open.stderr]).toEqual([1, expect.stringContaining('--tls-cert')]);
  const { url } = await startServer(dataFolder());
  const taken = await breakwater([
    'serve',
    '--port',
    new URL(url).port,
    '--scenario',
    'examples/core-banking/estate.yaml',
    '--data-dir',
    dataFolder(),
  ]);
  expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('cannot listen on 127.0.0.1:')]);
});
