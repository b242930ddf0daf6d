import path from 'node:path';
import { expect, test } from 'vitest';
import { breakwater, temporaryFolder } from './support/breakwater.ts';
import { untilEnded, untilEvent } from './support/follow.ts';
import { examplePlan, startServer } from './support/server.ts';

const dataFolder = (): string => path.join(temporaryFolder(), 'data');

test(
  'a server that was killed goes on with its executions, prints no second token, and keeps the first',
  { timeout: 60_000 },
  async () => {
    const dataDir = dataFolder();
    const first = await startServer(dataDir, {
      args: ['--scenario', 'examples/core-banking/estate.yaml', '--speed', '60'],
    });
    const { plan } = (await first.client.createPlan({ body: examplePlan() })).data;
    const started = await first.client.startExecution({ body: { plan, mode: 'drill', autoResume: true } });
    const { executionId } = started.data;
    await untilEvent(first.client, executionId, 'WaveStarted');
    await first.process.kill('SIGKILL');

    const { client, ...second } = await startServer(dataDir, { args: [], token: first.token });
    expect((await client.getMe()).data.roles).toEqual(['Admin']);
    expect((await untilEnded(client, executionId)).status).toBe('completed');
    const { events } = (await client.listEvents({ executionId })).data;
    expect(events.map(({ code }) => code)).toContain('ProcessRestarted');
    expect((await client.verifyAudit()).data.ok).toBe(true);
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
    const verdicts = await Promise.all([
      breakwater(['audit', 'verify', '--json'], far),
      breakwater(['audit', 'verify', '--data-dir', dataDir, '--json']),
    ]);
    const said = verdicts.map(({ stdout }) => JSON.parse(stdout) as { ok: boolean; records: number });
    expect(said.map(({ ok, records }) => [ok, records > 10])).toEqual([
      [true, true],
      [true, true],
    ]);
    const listed = await breakwater(['audit', 'list', '--action', 'execution.start'], far);
    expect(listed.stdout).toContain('execution/exec-');
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
