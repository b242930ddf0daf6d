import { expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { BreakwaterError } from '#core/errors.ts';
import { startTechnology } from '#workflow/technologies.ts';
import { planOf, STARTS_AT, underWay, workbench } from '#workflow/testing/bench.ts';
import type { SourceServer } from '../drs/views.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import { DrsHint, takeHint } from './replication-hint.ts';

const own = { accountId: '111122223333', region: 'eu-central-1' };
const SERVER = 's-00000000000000001';
const launchResult = {
  version: '0',
  id: 'e-1',
  source: 'aws.drs',
  'detail-type': 'DRS Source Server Launch Result',
  account: '444455556666',
  region: 'eu-west-1',
  time: '2026-01-07T10:05:00Z',
  resources: [`arn:aws:drs:eu-west-1:444455556666:source-server/${SERVER}`],
  detail: { state: 'RECOVERY_LAUNCH_SUCCEEDED', 'job-id': 'drsjob-1', 'is-drill': 'TRUE' },
};
const stalledChange = {
  ...launchResult,
  'detail-type': 'DRS Source Server Data Replication Stalled Change',
  detail: { state: 'STALLED' },
};

/** An execution that recovers one server, and a DRS that answers as a test says. */
async function bench() {
  const work = workbench();
  work.resources.splice(0, 1, SERVER);
  work.answers.push(underWay({ n: 1 }));
  const executionId = await work.start(planOf([{ type: 'drs', operation: 'recovery' }]));
  const asked: object[] = [];
  const said = { server: {} as SourceServer, refuse: null as BreakwaterError | null };
  const aws = {
    for: (place: object) => ({
      drs: {
        describeSourceServers: async ({ filters }: { filters: object }) => {
          asked.push({ ...place, ...filters });
          if (said.refuse !== null) throw said.refuse;
          return [{ sourceServerID: SERVER, ...said.server }];
        },
      },
    }),
  };
  const deps = {
    ...work.deps,
    clock: virtualClock({ startsAt: STARTS_AT }),
    services: { ...work.services, awsFor: () => aws },
  } as unknown as PlaneDeps;
  const { executions } = work.services;
  return Object.assign(said, {
    executionId,
    asked,
    executions,
    hint: (event: object) => takeHint(deps, DrsHint.parse(event), own),
    begin: async () => startTechnology(work.services, { executionId, waveNumber: 1, technologyIndex: 0 }),
    news: async () =>
      (await executions.events(executionId))
        .filter(({ code }) => /Replication|Reported/.test(code))
        .map(({ code, data }) => ({ code, ...data })),
  });
}

const replicating = (dataReplicationState: string): SourceServer =>
  ({ dataReplicationInfo: { dataReplicationState, lagDuration: 'PT1H' } }) as SourceServer;
const launched = (lastLaunchResult: string, apiCallDateTime = '2026-01-07T10:00:01Z'): SourceServer =>
  ({
    lastLaunchResult,
    lifeCycle: { lastLaunch: { initiated: { jobID: 'drsjob-1', apiCallDateTime } } },
  }) as SourceServer;

test('a server that has stalled is an event of the execution that will launch it, once, also if the hint comes twice', async () => {
  const b = await bench();
  b.server = replicating('STALLED');
  await b.hint(stalledChange);
  await Promise.all([b.hint(stalledChange), b.hint(stalledChange)]);
  b.server = replicating('CONTINUOUS');
  await b.hint({ ...stalledChange, detail: { state: 'NOT_STALLED' } });
  const about = { waveNumber: 1, technology: 'drs/recovery', technologyType: 'drs', resourceId: SERVER };
  expect(await b.news()).toEqual([
    { code: 'ReplicationStalled', ...about, lag: 'PT1H' },
    { code: 'ReplicationResumed', ...about },
  ]);
  expect(b.asked[0]).toEqual({
    accountId: '444455556666',
    region: 'eu-west-1',
    sourceServerIDs: [SERVER],
  });
});

test('a hint that says what DRS does not say changes nothing', async () => {
  const b = await bench();
  b.server = { ...replicating('CONTINUOUS'), ...launched('PENDING') };
  await b.begin();
  await b.hint(stalledChange);
  await b.hint(launchResult);
  expect(await b.news()).toEqual([]);
});

test.each(['SUCCEEDED', 'FAILED'])(
  'a launch that has %s is an event of the execution, once',
  async (result) => {
    const b = await bench();
    await b.begin();
    b.server = launched(result);
    await b.hint(launchResult);
    await b.hint(launchResult);
    expect(await b.news()).toEqual([
      {
        code: 'ServerLaunchReported',
        waveNumber: 1,
        technology: 'drs/recovery',
        technologyType: 'drs',
        resourceId: SERVER,
        jobId: 'drsjob-1',
        result,
      },
    ]);
  },
);

test('a launch from before the technology began, or while it has not begun, is no news', async () => {
  const b = await bench();
  b.server = launched('SUCCEEDED');
  await b.hint(launchResult);
  await b.begin();
  b.server = launched('SUCCEEDED', '2026-01-07T09:59:59Z');
  await b.hint(launchResult);
  expect(await b.news()).toEqual([]);
});

test('a launch of a server that nobody recovers is not even looked at', async () => {
  const b = await bench();
  await b.hint({ ...launchResult, resources: [launchResult.resources[0]!.replace(/1$/, '2')] });
  expect(b.asked).toEqual([]);
});

test('an execution that has ended hears nothing any more', async () => {
  const b = await bench();
  b.server = replicating('STALLED');
  await b.executions.change(b.executionId, (change) =>
    change.putHead({ ...change.head(), status: 'failed' }),
  );
  await b.hint(stalledChange);
  expect(await b.news()).toEqual([]);
});

test('when DRS cannot be asked the hint fails, and nothing is written', async () => {
  const b = await bench();
  b.refuse = new BreakwaterError('AwsAccessDenied', 'no');
  await expect(b.hint(stalledChange)).rejects.toMatchObject({ code: 'AwsAccessDenied' });
  expect(await b.news()).toEqual([]);
});

test('its own account is asked without a role', async () => {
  const b = await bench();
  b.server = replicating('STALLED');
  await b.hint({ ...stalledChange, account: own.accountId });
  expect(b.asked).toEqual([{ region: 'eu-west-1', sourceServerIDs: [SERVER] }]);
});

test.each([
  { what: 'another source', event: { ...stalledChange, source: 'aws.ec2' } },
  { what: 'another kind', event: { ...stalledChange, 'detail-type': 'DRS PIT Snapshot Taken' } },
  { what: 'no server', event: { ...stalledChange, resources: [] } },
  {
    what: 'an id that is none',
    event: { ...stalledChange, resources: ['arn:aws:drs:eu-west-1:444455556666:source-server/*'] },
  },
  { what: 'a Region that is none', event: { ...stalledChange, region: 'https://evil' } },
])('an event with $what is no hint', ({ event }) => {
  expect(DrsHint.safeParse(event).success).toBe(false);
});
