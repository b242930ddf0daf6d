import { describe, expect, test } from 'vitest';
import { service as ec2 } from '#sim/services/ec2/index.ts';
import { testWorld } from '#sim/services/testing.ts';
import { service as drs } from './index.ts';
import { drsWorld, EXACT } from './testing.ts';

const WEB = 's-1111111111111111a';

describe('jobs', () => {
  test('are listed newest first, by id or by date', () => {
    const world = drsWorld({ timing: EXACT, generate: { count: 3 } });
    const jobs = world.serverIds().map((id) => {
      world.pass(60);
      return world.start([id]).jobID!;
    });
    const list = (filters: object): (string | undefined)[] =>
      world
        .invoke<{ items: { jobID?: string }[] }>('DescribeJobs', { filters })
        .items.map(({ jobID }) => jobID);

    expect(list({})).toEqual(jobs.toReversed());
    expect(list({ jobIDs: [jobs[0], jobs[2], 'drsjob-00000000000000000'] })).toEqual([jobs[2], jobs[0]]);
    expect(list({ fromDate: '2026-03-01T10:01:30Z', toDate: '2026-03-01T10:02:30Z' })).toEqual([jobs[1]]);
  });

  test('can be deleted when they have ended, not before', () => {
    const world = drsWorld({ timing: EXACT, sourceServers: [{ id: WEB, hostname: 'web-1' }] });
    const { jobID } = world.start([WEB]);
    expect(world.refused('DeleteJob', { jobID }).code).toBe('ConflictException');
    world.pass(600);

    world.invoke('DeleteJob', { jobID });

    expect(world.job(jobID!)).toBeUndefined();
    expect(world.server(WEB).lastLaunchResult).toBe('SUCCEEDED');
  });
});

describe('launch configuration', () => {
  test('changes what is given and keeps the rest', () => {
    const world = drsWorld({
      sourceServers: [{ id: WEB, hostname: 'web-1', launchConfiguration: { copyPrivateIp: true } }],
    });

    world.invoke('UpdateLaunchConfiguration', { sourceServerID: WEB, launchDisposition: 'STOPPED' });

    expect(world.invoke('GetLaunchConfiguration', { sourceServerID: WEB })).toMatchObject({
      sourceServerID: WEB,
      launchDisposition: 'STOPPED',
      copyPrivateIp: true,
      copyTags: true,
      targetInstanceTypeRightSizingMethod: 'BASIC',
      licensing: { osByol: false },
    });
    expect(
      world.refused('UpdateLaunchConfiguration', { sourceServerID: WEB, launchDisposition: 'RUNNING' }).code,
    ).toBe('ValidationException');
    expect(world.refused('GetLaunchConfiguration', { sourceServerID: 's-0000000000000000f' }).code).toBe(
      'ResourceNotFoundException',
    );
  });
});

describe('tags', () => {
  test('are set on and removed from source servers and jobs, by ARN', () => {
    const world = drsWorld({ sourceServers: [{ id: WEB, hostname: 'web-1', tags: { Tier: 'web' } }] });
    const { arn } = world.start([WEB], { tags: { execution: 'exec-1' } });
    const server = world.server(WEB).arn;
    const list = (resourceArn: string | undefined): unknown =>
      world.invoke('ListTagsForResource', { resourceArn });

    world.invoke('TagResource', { resourceArn: server, tags: { 'DR-Wave': '2' } });
    world.invoke('UntagResource', { resourceArn: server, tagKeys: ['Tier'] });

    expect(list(server)).toEqual({ tags: { 'DR-Wave': '2' } });
    expect(list(arn)).toEqual({ tags: { execution: 'exec-1' } });
    expect(world.server(WEB).tags).toEqual({ 'DR-Wave': '2' });
    expect(world.refused('ListTagsForResource', { resourceArn: `${server}0` }).code).toBe(
      'ResourceNotFoundException',
    );
  });

  test('are read by Resource Groups Tagging, and quotas by Service Quotas', () => {
    const world = drsWorld({
      quotas: { jobs: 5 },
      sourceServers: [{ id: WEB, hostname: 'web-1', tags: { Tier: 'web' } }],
    });
    const call = world.world.callFor({ accountId: '111122223333', region: 'eu-west-1' }, 'aws');

    expect(drs.taggedResources!(call)).toMatchObject([
      { arn: `arn:aws:drs:eu-west-1:111122223333:source-server/${WEB}`, tags: { Tier: 'web' } },
    ]);
    expect(drs.quotas!(call).map(({ code, value }) => [code, value])).toEqual([
      ['L-D88FAC3A', 5],
      ['L-B827C881', 100],
      ['L-05AFA8C6', 500],
    ]);
  });
});

describe('ReverseReplication', () => {
  const server = {
    id: WEB,
    hostname: 'web-1',
    instanceId: 'i-0aaaaaaaaaaaaaaaa',
    originRegion: 'eu-central-1',
  };

  test('makes a source server in the origin Region that can be launched there after its synchronisation', () => {
    const sections = {
      'eu-west-1': { timing: EXACT, sourceServers: [server] },
      'eu-central-1': { timing: EXACT },
    };
    const world = testWorld([drs, ec2], { drs: sections });
    world.invoke('StartRecovery', { sourceServers: [{ sourceServerID: WEB }] });
    world.pass(600);
    const { items } = world.invoke<{ items: { recoveryInstanceID: string }[] }>('DescribeRecoveryInstances');
    const recoveryInstanceID = items[0]!.recoveryInstanceID;

    const { reversedDirectionSourceServerArn } = world.invoke<{ reversedDirectionSourceServerArn: string }>(
      'ReverseReplication',
      { recoveryInstanceID },
    );

    expect(reversedDirectionSourceServerArn).toMatch(
      /^arn:aws:drs:eu-central-1:111122223333:source-server\/s-/,
    );
    const there = { region: 'eu-central-1' };
    const failback = (): {
      replicationDirection: string;
      dataReplicationInfo: { dataReplicationState: string };
    } => world.invoke<{ items: ReturnType<typeof failback>[] }>('DescribeSourceServers', {}, there).items[0]!;
    expect(failback()).toMatchObject({
      replicationDirection: 'FAILBACK',
      dataReplicationInfo: { dataReplicationState: 'INITIAL_SYNC' },
      sourceProperties: { identificationHints: { awsInstanceID: recoveryInstanceID } },
    });
    world.pass(4 * 3600);
    expect(failback().dataReplicationInfo.dataReplicationState).toBe('CONTINUOUS');
    const [listed] = world.invoke<{ items: { failback: { state: string } }[] }>(
      'DescribeRecoveryInstances',
    ).items;
    expect(listed?.failback.state).toBe('FAILBACK_READY_FOR_LAUNCH');
    expect(world.refused('ReverseReplication', { recoveryInstanceID }).code).toBe('ConflictException');
  });

  test('refuses a server from outside AWS', () => {
    const world = drsWorld({ timing: EXACT, sourceServers: [{ id: WEB, hostname: 'web-1' }] });
    world.start([WEB]);
    world.pass(600);

    const error = world.refused('ReverseReplication', {
      recoveryInstanceID: world.recoveryInstances()[0]!.recoveryInstanceID,
    });
    expect(error.code).toBe('ValidationException');
  });
});

describe('the world', () => {
  test('holds nothing but JSON, so that it survives a restart', () => {
    const world = drsWorld({ generate: { count: 3, originRegion: 'us-east-1' } });
    world.start(world.serverIds());
    world.pass(900);
    world.invoke('TerminateRecoveryInstances', {
      recoveryInstanceIDs: world.recoveryInstances().map(({ recoveryInstanceID }) => recoveryInstanceID),
    });

    const changes = world.world.takeChanges();
    expect(JSON.parse(JSON.stringify(changes))).toStrictEqual(changes);
  });

  test('is the same twice for the same seed', () => {
    const run = (): unknown => {
      const world = drsWorld({ failProbability: 0.3, generate: { count: 30 } });
      const { jobID } = world.start(world.serverIds());
      world.pass(900);
      return [world.job(jobID!), world.recoveryInstances()];
    };
    expect(run()).toEqual(run());
  });
});
