import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './support/breakwater.ts';
import { EXAMPLE, estateWithServer } from './support/estates.ts';
import { startServer, type TestServer } from './support/server.ts';

/** The servers of the example take about five real seconds so, and a timeout of four hours takes two minutes. */
const SPEED = ['--speed', '120'];

/** What the other Breakwater keeps and runs. */
const PLAN_THERE = {
  planId: 'app-servers',
  waves: [
    {
      waveNumber: 1,
      name: 'Application servers',
      technologies: [
        {
          type: 'drs',
          operation: 'recovery',
          resources: { protectionGroups: ['pg-app-servers'] },
          onFailure: 'stop',
        },
      ],
    },
  ],
};

/** What drives it. */
const PLAN_HERE = {
  waves: [
    {
      waveNumber: 1,
      name: 'Another Breakwater',
      technologies: [
        {
          type: 'drs',
          operation: 'recovery',
          resources: { recoveryPlanId: 'app-servers' },
          parameters: { integration: 'api', solution: 'core' },
          onFailure: 'stop',
        },
      ],
    },
  ],
};

interface Pair {
  there: TestServer;
  here: TestServer;
  readonly dataThere: string;
  readonly dataHere: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Two servers, of which one may drive the other with a token of an Operator. */
async function startPair(estate = EXAMPLE.estate): Promise<Pair> {
  const dataThere = path.join(temporaryFolder(), 'there');
  const dataHere = path.join(temporaryFolder(), 'here');
  const there = await startServer(dataThere, { args: ['--scenario', estate, ...SPEED] });
  expect((await there.ask('POST /recovery-plans', PLAN_THERE)).status).toBe(201);
  const issued = await there.ask('POST /tokens', { name: 'driver', roles: ['Operator'], expiresInDays: 1 });
  const environment = { BREAKWATER_SOLUTION_CORE: issued.body.token };
  const here = await startServer(dataHere, {
    args: ['--scenario', EXAMPLE.estate, ...SPEED],
    environment,
  });
  const auth = { type: 'token', env: 'BREAKWATER_SOLUTION_CORE' };
  const solutions = { core: { url: there.url, kind: 'breakwater', auth } };
  const put = await here.ask('PUT /configuration/settings', { solutions }, { 'if-match': '"0"' });
  expect(put.body.solutions).toEqual(solutions);
  return { there, here, dataThere, dataHere, environment };
}

async function startDrill({ here }: Pair): Promise<string> {
  const started = await here.ask('POST /executions', { plan: PLAN_HERE, mode: 'drill' });
  expect(started.status).toBe(202);
  return started.body.executionId;
}

/** The whole view, as soon as it is so. */
async function until(
  server: () => TestServer,
  executionId: string,
  isSo: (view: { status: string; waves: { technologies: { detail?: string }[] }[] }) => boolean,
): Promise<Record<string, never>> {
  for (;;) {
    const { body } = await server().ask(`GET /executions/${executionId}`);
    if (isSo(body)) return body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const hasEnded = ({ status }: { status: string }): boolean => /completed|failed|cancelled/.test(status);
const saying =
  (pattern: RegExp) =>
  ({ waves }: { waves: { technologies: { detail?: string }[] }[] }): boolean =>
    pattern.test(waves[0]!.technologies[0]!.detail ?? '');

async function executionsThere({
  there,
}: Pair): Promise<{ executionId: string; mode: string; status: string }[]> {
  return (await there.ask('GET /executions')).body.executions;
}

test(
  'one Breakwater drives a drill of another, which is killed on the way and goes on',
  { timeout: 90_000 },
  async () => {
    const pair = await startPair();
    const executionId = await startDrill(pair);
    await until(
      () => pair.here,
      executionId,
      saying(/is in_progress there: 0 launched, 0 failed, 4 waiting/),
    );
    await pair.there.process.kill('SIGKILL');
    await until(
      () => pair.here,
      executionId,
      saying(/SolutionUnreachable: core does not answer: ECONNREFUSED; trying again/),
    );
    const { port } = new URL(pair.there.url);
    pair.there = await startServer(pair.dataThere, { args: [], token: pair.there.token, port });
    expect(await until(() => pair.here, executionId, hasEnded)).toMatchObject({
      status: 'completed',
      outcome: 'clean',
    });

    const [run, ...more] = await executionsThere(pair);
    expect([more, run]).toEqual([[], expect.objectContaining({ mode: 'drill', status: 'completed' })]);
    const { resources } = (await pair.here.ask(`GET /executions/${executionId}/resources`)).body;
    const rows = resources.map((row: { status: string; result?: { recoveryInstanceId?: string } }) => [
      row.status,
      row.result?.recoveryInstanceId?.slice(0, 2),
    ]);
    expect(rows).toHaveLength(5);
    expect(rows.filter(([, id]: string[]) => id === undefined)).toEqual([['completed', undefined]]);
    expect(rows.filter(([, id]: string[]) => id === 'i-')).toHaveLength(4);
    const { technologies } = (await pair.here.ask(`GET /executions/${executionId}/export`)).body;
    expect(technologies[0].results).toMatchObject({
      drsExecutionId: run!.executionId,
      launched: 4,
      failed: 0,
      executionTime: expect.stringMatching(/^PT\d+M/),
      drsExportData: { execution: { executionId: run!.executionId, status: 'completed' } },
    });
    expect(technologies[0].results.recoveredInstances).toHaveLength(4);
    const { records } = (await pair.here.ask(`GET /audit?executionId=${executionId}`)).body;
    expect(records.map(({ record }: { record: { action: string } }) => record.action)).toContain(
      'solution.start',
    );
  },
);

test('a wave waits for a Breakwater that is down when it begins', { timeout: 90_000 }, async () => {
  const pair = await startPair();
  const first = {
    waveNumber: 1,
    name: 'A look',
    technologies: [
      { type: 'database', operation: 'failover', resources: { clusters: ['orders'] }, drill: 'skip' },
    ],
    pauseAfterWave: true,
  };
  const plan = { waves: [first, { ...PLAN_HERE.waves[0], waveNumber: 2 }] };
  const { executionId } = (await pair.here.ask('POST /executions', { plan, mode: 'drill' })).body;
  await until(
    () => pair.here,
    executionId,
    ({ status }) => status === 'paused',
  );
  await pair.there.process.kill('SIGKILL');
  await pair.here.ask(`POST /executions/${executionId}/resume`, {});
  await until(
    () => pair.here,
    executionId,
    ({ waves }) => /SolutionUnreachable: .*; trying again/.test(waves[1]!.technologies[0]!.detail ?? ''),
  );
  const { port } = new URL(pair.there.url);
  pair.there = await startServer(pair.dataThere, { args: [], token: pair.there.token, port });
  expect(await until(() => pair.here, executionId, hasEnded)).toMatchObject({ status: 'completed' });
  expect(await executionsThere(pair)).toHaveLength(1);
});

test(
  'a driving Breakwater that is killed on the way starts no second execution there',
  { timeout: 90_000 },
  async () => {
    const pair = await startPair();
    const executionId = await startDrill(pair);
    // Before the start, at it, and after it.
    for (const moment of [0, 40, 200, 1_500]) {
      await new Promise((resolve) => setTimeout(resolve, moment));
      await pair.here.process.kill('SIGKILL');
      const { token } = pair.here;
      pair.here = await startServer(pair.dataHere, { args: [], token, environment: pair.environment });
    }
    expect(await until(() => pair.here, executionId, hasEnded)).toMatchObject({ status: 'completed' });
    const { body } = await pair.here.ask(`GET /executions/${executionId}/events`);
    const restarts = body.events.filter(({ code }: { code: string }) => code === 'ProcessRestarted');
    // On a busy machine the drill can end before the last kills.
    expect(restarts.length, 'kills that hit the drill').toBeGreaterThan(1);
    const there = await executionsThere(pair);
    expect(there).toEqual([expect.objectContaining({ mode: 'drill', status: 'completed' })]);
  },
);

test('servers that were not launched there have failed here', { timeout: 60_000 }, async () => {
  const pair = await startPair(estateWithServer(temporaryFolder(), 'launch: fail-launch'));
  const executionId = await startDrill(pair);
  const view = await until(() => pair.here, executionId, hasEnded);
  expect(view).toMatchObject({
    status: 'failed',
    error: { message: expect.stringMatching(/1 of 4 servers were not launched there/) },
  });
  const { resources } = (await pair.here.ask(`GET /executions/${executionId}/resources`)).body;
  const failed = resources.filter(
    (row: { status: string; resourceId: string }) =>
      row.status === 'failed' && row.resourceId.startsWith('s-'),
  );
  expect(failed).toEqual([
    expect.objectContaining({
      error: { code: 'RecoveryFailed', message: expect.stringContaining('not launched') },
    }),
  ]);
});

test('a cancel here cancels there', { timeout: 60_000 }, async () => {
  const pair = await startPair();
  const executionId = await startDrill(pair);
  await until(() => pair.here, executionId, saying(/is in_progress there/));
  await pair.here.ask(`POST /executions/${executionId}/cancel`, { reason: 'enough seen' });
  const view = await until(() => pair.here, executionId, hasEnded);
  const [run] = await executionsThere(pair);
  const detail = `core was told to cancel execution ${run!.executionId}; DRS jobs that run there go on`;
  expect(view).toMatchObject({
    status: 'cancelled',
    waves: [{ technologies: [{ status: 'cancelled', detail }] }],
  });
  await until(
    () => pair.there,
    run!.executionId,
    ({ status }) => status === 'cancelled',
  );
});

test(
  'what an Operator may not start there is refused before anything begins',
  { timeout: 60_000 },
  async () => {
    const pair = await startPair();
    const refused = await pair.here.ask('POST /executions', { plan: PLAN_HERE, mode: 'recovery' });
    expect([refused.status, refused.body.findings]).toEqual([
      422,
      [
        expect.objectContaining({
          rule: 'SolutionDenied',
          path: 'waves[0].technologies[0].parameters.solution',
        }),
      ],
    ]);
    expect(await executionsThere(pair)).toEqual([]);
  },
);
