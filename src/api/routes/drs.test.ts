import { createDrsOperations } from '#control/drs/operations.ts';
import type { StartRequest } from '#control/execution-requests.ts';
import { OTHER, REGION, SERVER_1, SERVER_2, testEstate } from '#control/testing/estate.ts';
import { testPlane } from '#control/testing/plane.ts';
import { describe, expect, test } from 'vitest';
import { testApp } from '../testing/test-app.ts';
import { drsRoutes } from './drs.ts';

const HERE = `region=${REGION}`;
const INSTANCE = 'i-00000000000000001';

async function drsApp(world: Parameters<typeof testEstate>[1] = {}) {
  const plane = testPlane({ aws: testEstate(async () => null, world) });
  const started: StartRequest[] = [];
  const requests = {
    start: async (request: StartRequest) => {
      started.push(request);
      return { executionId: 'exec-1', joined: false };
    },
  };
  const drs = createDrsOperations(plane.deps, { requests });
  return { ...(await testApp(drsRoutes(drs))), ...plane, started, drs };
}

test('source servers come with replication and lag, and only those with all the tags', async () => {
  const { ask, visitors } = await drsApp();
  const all = await ask(`GET /drs/source-servers?${HERE}`, { headers: { 'x-request-id': 'req-7' } });
  expect(
    all.body.sourceServers.map(({ sourceServerId }: { sourceServerId: string }) => sourceServerId),
  ).toEqual([SERVER_1, SERVER_2]);
  expect(visitors).toEqual(['request-req-7']);
  const some = await ask(`GET /drs/source-servers?${HERE}&tag=Tier=db`);
  expect(some.body.sourceServers).toMatchObject([{ hostname: 'db-1', replication: { state: 'STALLED' } }]);
  const none = await ask(`GET /drs/source-servers?${HERE}&tag=Tier=db&tag=Tier2=x`);
  expect(none.body.sourceServers).toEqual([]);
  expect((await ask(`GET /drs/source-servers?${HERE}&tag=Tier`)).status).toBe(400);
});

test('source servers come in pages, and a cursor of nowhere is refused', async () => {
  const { ask } = await drsApp();
  const first = await ask(`GET /drs/source-servers?${HERE}&limit=1`);
  expect(first.body.sourceServers).toHaveLength(1);
  const second = await ask(`GET /drs/source-servers?${HERE}&limit=1&cursor=${first.body.nextCursor}`);
  expect(second.body).toMatchObject({ sourceServers: [{ sourceServerId: SERVER_2 }] });
  expect(second.body.nextCursor).toBeUndefined();
  expect((await ask(`GET /drs/source-servers?${HERE}&cursor=!`)).body.code).toBe('RequestInvalid');
});

test('one source server tells its replication disk by disk', async () => {
  const { ask } = await drsApp();
  const { body } = await ask(`GET /drs/source-servers/${SERVER_1}?${HERE}`);
  expect(body).toMatchObject({
    name: 'web-1',
    replication: { state: 'CONTINUOUS', lag: 'P0D' },
    disks: [{ deviceName: '/dev/nvme0n1', backlogBytes: 0 }],
  });
});

describe('a launch configuration', () => {
  const path = `/drs/source-servers/${SERVER_1}/launch-configuration?${HERE}`;
  const wanted = {
    launchDisposition: 'STOPPED',
    targetInstanceTypeRightSizingMethod: 'NONE',
    copyPrivateIp: true,
    copyTags: true,
    launchIntoEc2InstanceId: 'i-0000000000000000a',
  };
  const etagOf = ({ headers }: { headers: Readonly<Record<string, string>> }): number =>
    Number(headers['etag']!.slice(1, -1));

  test('is changed whole where it is named, and the change is in the evidence', async () => {
    const { ask, audited } = await drsApp();
    const before = await ask(`GET ${path}`);
    const changed = await ask(`PUT ${path}`, {
      as: 'RecoveryManager',
      body: wanted,
      ifMatch: etagOf(before),
    });
    expect([changed.status, changed.body]).toMatchObject([200, { ...wanted, name: 'web-1', osByol: false }]);
    const after = await ask(`GET ${path}`);
    expect([after.body, etagOf(after)]).toEqual([changed.body, etagOf(changed)]);
    expect(audited).toMatchObject([
      {
        action: 'drs.launch-configuration.update',
        by: 'token:RecoveryManager',
        target: `drs/source-server/${SERVER_1}`,
        data: { before: { launchDisposition: 'STARTED' }, after: { launchDisposition: 'STOPPED' } },
      },
    ]);
  });

  test('is changed once, and said to be, when the answer of AWS is lost or AWS is busy', async () => {
    const operation = { service: 'drs', operation: 'UpdateLaunchConfiguration', times: 1 };
    const faults = [
      { fault: 'responseLost', ...operation },
      { fault: 'throttle', ...operation },
    ];
    const { ask, audited } = await drsApp({ faults });
    const changed = await ask(`PUT ${path}`, { body: wanted, ifMatch: etagOf(await ask(`GET ${path}`)) });
    expect([changed.status, changed.body]).toMatchObject([200, wanted]);
    expect(audited.map(({ action }) => action)).toEqual(['drs.launch-configuration.update']);
  });

  test('that no longer launches into an instance says so', async () => {
    const { ask } = await drsApp();
    const first = await ask(`PUT ${path}`, { body: wanted, ifMatch: etagOf(await ask(`GET ${path}`)) });
    const { launchIntoEc2InstanceId: _, ...without } = wanted;
    const second = await ask(`PUT ${path}`, { body: without, ifMatch: etagOf(first) });
    expect(second.body.launchIntoEc2InstanceId).toBeUndefined();
  });

  test('that has changed meanwhile is not changed, nor without If-Match, permission, or all of it', async () => {
    const { ask, audited } = await drsApp();
    const ifMatch = etagOf(await ask(`GET ${path}`));
    await ask(`PUT ${path}`, { body: wanted, ifMatch });
    const stale = await ask(`PUT ${path}`, { body: { ...wanted, copyTags: false }, ifMatch });
    expect([stale.status, stale.body.code]).toEqual([412, 'PreconditionFailed']);
    expect((await ask(`PUT ${path}`, { body: wanted })).status).toBe(428);
    expect((await ask(`PUT ${path}`, { as: 'ReadOnly', body: wanted, ifMatch })).status).toBe(403);
    expect((await ask(`PUT ${path}`, { body: { copyTags: true }, ifMatch })).status).toBe(400);
    expect(audited).toHaveLength(1);
  });
});

test('what is not there is 404, and a wrong id never reaches AWS', async () => {
  const { ask, visitors } = await drsApp();
  expect((await ask(`GET /drs/source-servers/s-0000000000000000f?${HERE}`)).status).toBe(404);
  expect((await ask(`GET /drs/jobs/drsjob-0000000000000000f?${HERE}`)).body.code).toBe('NotFound');
  expect((await ask(`GET /drs/jobs/drsjob-0000000000000000f/log?${HERE}`)).body.code).toBe('NotFound');
  expect((await ask('GET /drs/tag-sync/nothing')).body.code).toBe('NotFound');
  const before = visitors.length;
  expect((await ask('GET /drs/jobs/x%2F..')).status).toBe(400);
  expect(visitors).toHaveLength(before);
});

test('jobs and recovery instances of a Region without any are empty lists', async () => {
  const { ask } = await drsApp();
  expect((await ask(`GET /drs/jobs?${HERE}`)).body).toEqual({ jobs: [] });
  expect((await ask(`GET /drs/recovery-instances?${HERE}`)).body).toEqual({ recoveryInstances: [] });
});

test('an account that is no target account, and a Region where DRS is not set up, are errors that say what to do', async () => {
  const { ask } = await drsApp();
  const { status, body } = await ask(`GET /drs/source-servers?${HERE}&accountId=${OTHER}`);
  expect([status, body.code]).toEqual([400, 'TargetAccountUnknown']);
  const other = await ask('GET /drs/quotas?region=eu-west-1');
  expect([other.status, other.body.code]).toEqual([400, 'AwsNotInitialized']);
});

test('quotas tell limits and use', async () => {
  const { ask } = await drsApp();
  const { body } = await ask(`GET /drs/quotas?${HERE}`);
  expect(body.region).toBe(REGION);
  expect(body.quotas).toMatchObject([
    { code: 'L-D88FAC3A', limit: 20, source: 'account', used: 0 },
    { code: 'L-B827C881', limit: 100, source: 'account', used: 0 },
    { code: 'L-05AFA8C6', limit: 500, source: 'account', used: 0 },
    { code: 'L-C1D14A2B', limit: 300, source: 'published', used: 2 },
    { code: 'L-E28BE5E0', limit: 4_000, source: 'published', used: 2 },
  ]);
});

describe('recovery instances', () => {
  const path = 'POST /drs/recovery-instances/terminate';
  const body = { region: REGION, recoveryInstanceIds: [INSTANCE, INSTANCE] };

  test('are terminated by an execution of one wave, a drill unless it is said', async () => {
    const { ask, started, audited } = await drsApp();
    const answer = await ask(path, { body, headers: { 'idempotency-key': 'k1' } });
    expect([answer.status, answer.body, answer.headers['location']]).toEqual([
      202,
      { executionId: 'exec-1', joined: false },
      '/executions/exec-1',
    ]);
    expect(started).toMatchObject([
      {
        mode: 'drill',
        idempotencyKey: 'k1',
        plan: {
          waves: [
            {
              technologies: [
                {
                  type: 'drs',
                  operation: 'terminate',
                  region: REGION,
                  onFailure: 'stop',
                  resources: { recoveryInstanceIds: [INSTANCE] },
                },
              ],
            },
          ],
        },
      },
    ]);
    expect(audited).toMatchObject([{ action: 'drs.terminate', target: 'execution/exec-1' }]);
  });

  test('are not terminated without the permission, without ids, or with wrong ones', async () => {
    const { ask, started } = await drsApp();
    expect((await ask(path, { as: 'Operator', body })).status).toBe(403);
    expect((await ask(path, { body: { recoveryInstanceIds: [] } })).status).toBe(400);
    expect((await ask(path, { body: { recoveryInstanceIds: ['i-1'] } })).status).toBe(400);
    expect(started).toEqual([]);
  });
});

describe('a tag sync', () => {
  test('is answered at once, and tells how it ended', async () => {
    const { ask, drs } = await drsApp();
    const begun = await ask('POST /drs/tag-sync', { as: 'PlanManager', body: { region: REGION } });
    expect([begun.status, begun.body.status]).toEqual([202, 'running']);
    await drs.tagSync.settled();
    const { body } = await ask(`GET ${begun.headers['location']}`, { as: 'ReadOnly' });
    expect(body).toMatchObject({ status: 'completed', region: REGION, counts: { total: 2 } });
  });

  test('needs the permission, and a body without strangers', async () => {
    const { ask } = await drsApp();
    expect((await ask('POST /drs/tag-sync', { as: 'Operator', body: {} })).status).toBe(403);
    expect((await ask('POST /drs/tag-sync', { body: { dryrun: true } })).status).toBe(400);
  });
});
