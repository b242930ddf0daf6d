import { describe, expect, test } from 'vitest';
import { recovery } from './recovery.ts';
import {
  APP,
  contextIn,
  EXACT,
  jobsStarted,
  openWorld,
  runToEnd,
  SELECT_APP,
  servers,
  statuses,
  type DrsWorld,
} from './testing.ts';

describe('a recovery', () => {
  test('launches the servers that carry the tags, and says what came of each', async () => {
    const world = openWorld({
      ...EXACT,
      sourceServers: [
        { id: 's-00000000000000001', hostname: 'app', instanceId: 'i-0aaaaaaaaaaaaaaaa', tags: APP },
        { hostname: 'other' },
      ],
    });
    const { end, outcomes } = await runToEnd(world, recovery, SELECT_APP);
    expect(end.status).toBe('completed');
    expect([...outcomes.values()]).toEqual([
      {
        resourceId: 's-00000000000000001',
        status: 'completed',
        startedAt: '2026-11-24T10:00:00.000Z',
        completedAt: '2026-11-24T10:08:54.750Z',
        detail: expect.stringMatching(/^job drsjob-[0-9a-f]{17}$/),
        result: {
          sourceServerId: 's-00000000000000001',
          sourceInstanceId: 'i-0aaaaaaaaaaaaaaaa',
          recoveryInstanceId: expect.stringMatching(/^i-/),
          ec2InstanceId: expect.stringMatching(/^i-/),
          privateIp: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/),
          status: 'running',
          accountId: '111122223333',
          region: 'eu-central-1',
          isDrill: true,
          pointInTime: '2026-11-24T10:00:00.000Z',
        },
      },
    ]);
  });

  test('is seen to end within 1 % of the time of its job, with few calls', async () => {
    const world = openWorld({ ...EXACT, generate: servers(3) });
    const { elapsedMs } = await runToEnd(world, recovery, SELECT_APP);
    expect(elapsedMs).toBeGreaterThanOrEqual(533_900);
    expect(elapsedMs).toBeLessThan(533_900 * 1.01);
    expect(world.calls.filter(({ operation }) => operation === 'describeJobs').length).toBeLessThan(50);
  });

  test('marks a recovery as no drill when it is none', async () => {
    const world = openWorld({ generate: servers(1) });
    const { outcomes } = await runToEnd(world, recovery, SELECT_APP, { mode: 'recovery' });
    expect([...outcomes.values()].map(({ result }) => result?.['isDrill'])).toEqual([false]);
  });

  test('cuts 250 servers into jobs of 100, high priority first, all at once', async () => {
    const world = openWorld({
      ...EXACT,
      generate: [
        servers(150),
        servers(100, { hostnamePrefix: 'high-', tags: { ...APP, 'DR-Priority': 'high' } }),
      ],
    });
    const { end, outcomes, elapsedMs, largestState } = await runToEnd(world, recovery, SELECT_APP);
    expect({ status: end.status, ...statuses(outcomes) }).toEqual({ status: 'completed', completed: 250 });
    expect(jobsStarted(world)).toBe(3);
    expect((end.results['jobs'] as { launched: number }[]).map(({ launched }) => launched)).toEqual([
      100, 100, 50,
    ]);
    const first = [...outcomes.values()].filter(({ detail }) => detail === `job ${jobIds(end.results)[0]}`);
    expect(first.every(({ result }) => JSON.stringify(result).includes('"sourceInstanceId":"high-'))).toBe(
      true,
    );
    expect(elapsedMs).toBeLessThan(533_900 * 1.02);
    expect(largestState).toBeLessThan(64 * 1_024);
  });

  test('launches 700 servers in two rounds, because DRS has room for 500', async () => {
    const world = openWorld({ ...EXACT, generate: servers(700) });
    const { end, outcomes, elapsedMs, largestState } = await runToEnd(world, recovery, SELECT_APP);
    expect({ status: end.status, ...statuses(outcomes) }).toEqual({ status: 'completed', completed: 700 });
    expect(jobsStarted(world)).toBe(7);
    expect(elapsedMs).toBeLessThan(2 * 533_900 * 1.02);
    expect(largestState).toBeLessThan(64 * 1_024);
  });

  test('sets the launch configuration before it launches, once for each server', async () => {
    const world = openWorld({ generate: servers(3) });
    const parameters = { launchConfiguration: { launchDisposition: 'STOPPED', copyPrivateIp: true } };
    const { end, outcomes } = await runToEnd(world, recovery, { ...SELECT_APP, parameters });
    expect(end.status).toBe('completed');
    expect(world.simulation.stats.effects({ service: 'drs', operation: 'UpdateLaunchConfiguration' })).toBe(
      3,
    );
    expect([...outcomes.values()].map(({ result }) => result?.['status'])).toEqual([
      'stopped',
      'stopped',
      'stopped',
    ]);
  });

  test('launches from the newest point in time that is old enough', async () => {
    const world = openWorld({ generate: servers(2) });
    const { end } = await runToEnd(world, recovery, {
      ...SELECT_APP,
      parameters: { pointInTime: { age: 'PT2H' } },
    });
    expect(end.status).toBe('completed');
    const call = world.simulation.stats.log.find(({ operation }) => operation === 'StartRecovery');
    const asked = (call!.input as { sourceServers: { recoverySnapshotID?: string }[] }).sourceServers;
    expect(asked.map(({ recoverySnapshotID }) => recoverySnapshotID?.slice(0, 4))).toEqual(['pit-', 'pit-']);
  });

  test('finds the servers of a protection group that nobody has declared by the tag ProtectionGroup', async () => {
    const world = openWorld({
      sourceServers: [{ hostname: 'a', tags: { ProtectionGroup: 'pg-app' } }, { hostname: 'b' }],
    });
    const { end, outcomes } = await runToEnd(world, recovery, {
      resources: { protectionGroups: ['pg-app'] },
    });
    expect({ status: end.status, ...statuses(outcomes) }).toEqual({ status: 'completed', completed: 1 });
  });

  test('takes a declared protection group by ids and by tags together, each server once', async () => {
    const id = 's-00000000000000001';
    const world = openWorld({
      sourceServers: [{ id, hostname: 'a', tags: APP }, { hostname: 'b', tags: APP }, { hostname: 'c' }],
    });
    world.groups.set('pg', { groupId: 'pg', sourceServerIds: [id], tags: APP });
    const { outcomes } = await runToEnd(world, recovery, { resources: { protectionGroups: ['pg'] } });
    expect(statuses(outcomes)).toEqual({ completed: 2 });
  });

  test('works only on what failed before when it is tried again', async () => {
    const world = openWorld({
      sourceServers: [
        { id: 's-00000000000000001', hostname: 'a', tags: APP },
        { hostname: 'b', tags: APP },
      ],
    });
    const { outcomes } = await runToEnd(world, recovery, SELECT_APP, {
      only: ['s-00000000000000001'],
      attempt: 2,
    });
    expect([...outcomes.keys()]).toEqual(['s-00000000000000001']);
  });
});

describe('a recovery that meets trouble', () => {
  test('fails when the tags match nothing', async () => {
    const { end, outcomes } = await runToEnd(openWorld({ generate: servers(1) }), recovery, {
      resources: { tags: { Tier: 'none' } },
    });
    expect(end).toMatchObject({
      status: 'failed',
      error: { code: 'ResourceUnresolved', message: 'no source server carries the tags Tier=none' },
    });
    expect(statuses(outcomes)).toEqual({ failed: 1 });
  });

  test('launches the rest when one id is unknown, and says which', async () => {
    const world = openWorld({ sourceServers: [{ id: 's-00000000000000001', hostname: 'a' }] });
    const ids = ['s-00000000000000001', 's-0000000000000dead'];
    const { end, outcomes } = await runToEnd(world, recovery, { resources: { sourceServerIds: ids } });
    expect(end.status).toBe('failed');
    expect(ids.map((id) => outcomes.get(id)?.status)).toEqual(['completed', 'failed']);
  });

  test('reports servers that fail with the reason from the log of the job', async () => {
    const world = openWorld({
      sourceServers: [
        { id: 's-00000000000000001', hostname: 'a', tags: APP },
        { id: 's-00000000000000002', hostname: 'b', tags: APP, launch: 'fail-conversion' },
        { id: 's-00000000000000003', hostname: 'c', tags: APP, launch: 'fail-launch' },
      ],
    });
    const { end, outcomes } = await runToEnd(world, recovery, SELECT_APP);
    expect(end).toMatchObject({
      status: 'failed',
      error: { code: 'RecoveryFailed', message: '2 of 3 servers were not launched' },
    });
    expect([1, 2, 3].map((n) => outcomes.get(`s-0000000000000000${n}`)?.error?.code ?? null)).toEqual([
      null,
      'drs:CONVERSION_FAIL',
      'drs:LAUNCH_FAILED',
    ]);
  });

  test('fails, with a hint at the permissions, when a job completes and has launched nothing', async () => {
    const { end, outcomes } = await runToEnd(
      openWorld({ generate: servers(2), silentFailure: true }),
      recovery,
      SELECT_APP,
    );
    expect({ status: end.status, ...statuses(outcomes) }).toEqual({ status: 'failed', failed: 2 });
    expect([...outcomes.values()][0]?.error?.message).toContain('lacks permissions for EC2');
  });

  test('fails when DRS forgets its job', async () => {
    const { end, outcomes } = await runToEnd(
      openWorld({ generate: servers(2), vanishJobs: 1 }),
      recovery,
      SELECT_APP,
    );
    expect({ status: end.status, ...statuses(outcomes) }).toEqual({ status: 'failed', failed: 2 });
    expect([...outcomes.values()][0]?.error?.code).toBe('JobVanished');
  });

  test('starts exactly one job when the answer of StartRecovery is lost', async () => {
    const faults = [{ fault: 'responseLost', service: 'drs', operation: 'StartRecovery', times: 1 }];
    const world = openWorld({ ...EXACT, generate: servers(3) }, { faults });
    const { end, elapsedMs } = await runToEnd(world, recovery, SELECT_APP);
    expect({ status: end.status, jobs: jobsStarted(world) }).toEqual({ status: 'completed', jobs: 1 });
    expect(elapsedMs).toBeLessThan(533_900 * 1.02);
  });

  test('looks again after an internal error of StartRecovery, and starts the job that AWS did not', async () => {
    const faults = [
      {
        fault: 'error',
        code: 'InternalServerException',
        service: 'drs',
        operation: 'StartRecovery',
        times: 1,
      },
    ];
    const world = openWorld({ generate: servers(3) }, { faults });
    const { end } = await runToEnd(world, recovery, SELECT_APP);
    expect({ status: end.status, jobs: jobsStarted(world) }).toEqual({ status: 'completed', jobs: 1 });
  });

  test.each([
    {
      name: 'throttles every second request',
      faults: [{ fault: 'throttle', service: 'drs', probability: 0.5 }],
    },
    {
      name: 'says for a while that the quota is used up',
      faults: [{ fault: 'quota', service: 'drs', operation: 'StartRecovery', for: 'PT2M' }],
    },
    {
      name: 'reports a conflict for a while',
      faults: [
        {
          fault: 'error',
          code: 'ConflictException',
          service: 'drs',
          operation: 'StartRecovery',
          for: 'PT2M',
        },
      ],
    },
    {
      name: 'is down for ten minutes',
      faults: [{ fault: 'regionDown', region: 'eu-central-1', for: 'PT10M' }],
    },
    {
      name: 'answers as of half a minute ago',
      faults: [{ fault: 'staleReads', by: 'PT30S', service: 'drs' }],
    },
  ])('completes all the same when DRS $name', async ({ faults }) => {
    const world = openWorld({ generate: servers(3) }, { faults });
    await world.clock.sleep(40_000);
    const { end, outcomes } = await runToEnd(world, recovery, SELECT_APP);
    expect({ status: end.status, ...statuses(outcomes), jobs: jobsStarted(world) }).toEqual({
      status: 'completed',
      completed: 3,
      jobs: 1,
    });
  });

  test('waits for servers that another job holds', async () => {
    const world = openWorld({
      ...EXACT,
      sourceServers: [{ id: 's-00000000000000001', hostname: 'a', tags: APP }],
    });
    const { aws } = contextIn(world);
    await aws
      .for({})
      .drs.startRecovery({ sourceServers: [{ sourceServerID: 's-00000000000000001' }], isDrill: true });
    const { end, elapsedMs } = await runToEnd(world, recovery, SELECT_APP);
    expect(end.status).toBe('completed');
    expect(jobsStarted(world)).toBe(2);
    expect(elapsedMs).toBeLessThan(2 * 533_900 * 1.03);
  });

  test('stays within the quotas that the account really has', async () => {
    const quotas = { serversPerJob: 4, jobs: 2, serversInJobs: 6 };
    const world = openWorld({ ...EXACT, quotas, generate: servers(12) });
    const { end, outcomes } = await runToEnd(world, recovery, SELECT_APP);
    expect({ status: end.status, ...statuses(outcomes) }).toEqual({ status: 'completed', completed: 12 });
    expect(world.calls.filter(({ error }) => error !== null)).toEqual([]);
  });

  test('finds the one server that AWS refuses, and launches the others', async () => {
    const world = openWorld({ generate: servers(5) });
    const { drs } = contextIn(world).aws.for({});
    const bad = (await drs.describeSourceServers({}))[2]!.sourceServerID!;
    const parameters = { pointInTime: { snapshotIds: { [bad]: 'pit-00000000000000000' } } };
    const { end, outcomes } = await runToEnd(world, recovery, { ...SELECT_APP, parameters });
    expect({ status: end.status, ...statuses(outcomes) }).toEqual({
      status: 'failed',
      completed: 4,
      failed: 1,
    });
    expect(outcomes.get(bad)?.error?.code).toBe('drs:ValidationException');
  });

  test('fails at once, server by server, when it may not start jobs', async () => {
    const world = openWorld({ generate: servers(2) }, { denies: ['drs:StartRecovery'] });
    const { end, outcomes } = await runToEnd(world, recovery, SELECT_APP);
    expect({ status: end.status, ...statuses(outcomes) }).toEqual({ status: 'failed', failed: 2 });
    expect([...outcomes.values()][0]?.error?.code).toBe('drs:AccessDeniedException');
  });
});

describe('a recovery whose process dies', () => {
  test('after any one answer of AWS goes on with its old state, ends the same, and starts no second job', async () => {
    const given = { ...SELECT_APP, parameters: { launchConfiguration: { copyTags: true } } };
    const drs = { ...EXACT, generate: servers(5), quotas: { serversPerJob: 3, jobs: 20, serversInJobs: 3 } };
    const undisturbed = openWorld(drs);
    await runToEnd(undisturbed, recovery, given);
    const points = crashPoints(undisturbed.calls.map(({ operation }) => operation));
    expect(points.length).toBeGreaterThan(15);
    for (const n of points) {
      const world = openWorld(drs);
      world.crashAfter = n;
      const { end, outcomes, crashes } = await runToEnd(world, recovery, given);
      expect({ n, crashes, status: end.status, ...statuses(outcomes), jobs: jobsStarted(world) }).toEqual({
        n,
        crashes: 1,
        status: 'completed',
        completed: 5,
        jobs: 2,
      });
    }
  });
});

/** After which answers to die. Of many looks at the jobs in a row, the first and the last do. */
function crashPoints(operations: readonly string[]): number[] {
  return operations.flatMap((operation, i) => {
    const around = [operations[i - 1] ?? '', operation, operations[i + 1] ?? ''];
    return around.every((one) => one === 'describeJobs') ? [] : [i + 1];
  });
}

function jobIds(results: unknown): string[] {
  return (results as { jobs: { jobId: string }[] }).jobs.map(({ jobId }) => jobId);
}

describe('a recovery in several places', () => {
  test('launches servers of protection groups in other Regions and accounts, with the role of the account', async () => {
    const other = {
      accountId: '999988887777',
      roles: [{ name: 'breakwater' }],
      regions: { 'eu-west-1': { drs: { generate: { count: 2, tags: APP } } } },
    };
    const world = openWorld({ generate: servers(1) }, { accounts: [other] });
    world.groups.set('near', { groupId: 'near', tags: APP });
    world.groups.set('far', { groupId: 'far', tags: APP, accountId: '999988887777', region: 'eu-west-1' });
    const { end, outcomes } = await runToEnd(world, recovery, {
      resources: { protectionGroups: ['near', 'far'] },
    });
    expect(end.status).toBe('completed');
    const places = [...outcomes.values()].map(({ result }) => [result?.['accountId'], result?.['region']]);
    expect(places).toEqual(
      expect.arrayContaining([
        ['111122223333', 'eu-central-1'],
        ['999988887777', 'eu-west-1'],
      ]),
    );
    expect(places).toHaveLength(3);
  });

  test('goes on in one Region while another is down, and completes when that is back', async () => {
    const faults = [{ fault: 'regionDown', region: 'eu-west-1', after: 'PT1M', for: 'PT30M' }];
    const regions = { 'eu-west-1': { drs: { generate: { count: 1, tags: APP } } } };
    const world = openWorld({ ...EXACT, generate: servers(1) }, { faults, regions });
    world.groups.set('near', { groupId: 'near', tags: APP });
    world.groups.set('far', { groupId: 'far', tags: APP, region: 'eu-west-1' });
    const { end, outcomes } = await runToEnd(world, recovery, {
      resources: { protectionGroups: ['near', 'far'] },
    });
    expect({ status: end.status, ...statuses(outcomes), jobs: jobsStarted(world) }).toEqual({
      status: 'completed',
      completed: 2,
      jobs: 2,
    });
  });

  test('launches 4,000 servers in 8 accounts as fast as the slowest of their jobs', async () => {
    const accountIds = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `00000000000${n}`);
    const accounts = accountIds.map((accountId) => ({
      accountId,
      roles: [{ name: 'breakwater' }],
      regions: { 'eu-central-1': { drs: { ...EXACT, generate: servers(500) } } },
    }));
    const world = openWorld({}, { accounts });
    const runs = await Promise.all(
      accountIds.map((accountId, technologyIndex) =>
        runToEnd(world, recovery, SELECT_APP, { accountId, technologyIndex }),
      ),
    );
    expect(runs.map(({ end, outcomes }) => `${end.status} ${outcomes.size}`)).toEqual(
      Array(8).fill('completed 500'),
    );
    expect(Math.max(...runs.map(({ elapsedMs }) => elapsedMs))).toBeLessThan(533_900 * 1.05);
  });

  test('has the same history, call by call, each time it is rehearsed', async () => {
    const rehearse = async (): Promise<unknown> => {
      const regions = { 'eu-west-1': { drs: { generate: servers(120) } } };
      const faults = [{ fault: 'throttle', service: 'drs', probability: 0.2 }];
      const world = openWorld({ generate: servers(120) }, { regions, faults });
      await Promise.all(
        ['eu-central-1', 'eu-west-1'].map((region, technologyIndex) =>
          runToEnd(world, recovery, SELECT_APP, { region, technologyIndex }),
        ),
      );
      return world.calls;
    };
    expect(await rehearse()).toEqual(await rehearse());
  });

  test('shares the looks at jobs among technologies of one account', async () => {
    const world = openWorld({ ...EXACT, generate: [servers(2), servers(2, { tags: { Tier: 'web' } })] });
    const alone = openWorld({ ...EXACT, generate: servers(2) });
    await runToEnd(alone, recovery, SELECT_APP);
    const selections = [{ tags: APP }, { tags: { Tier: 'web' } }];
    await Promise.all(
      selections.map((resources, technologyIndex) =>
        runToEnd(world, recovery, { resources }, { technologyIndex }),
      ),
    );
    const looks = ({ calls }: DrsWorld): number =>
      calls.filter(({ operation }) => operation === 'describeJobs').length;
    expect(looks(world)).toBeLessThan(1.5 * looks(alone));
  });
});
