import type { Instance } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { drsWorld, EXACT, type DrsWorld } from './testing.ts';

const WEB = 's-1111111111111111a';
const EC2 = { service: 'ec2' };

function instancesOf(world: DrsWorld, name: string): Instance[] {
  const { Reservations } = world.invoke<{ Reservations: { Instances: Instance[] }[] }>(
    'DescribeInstances',
    { Filters: [{ Name: 'tag:Name', Values: [name] }] },
    EC2,
  );
  return Reservations.flatMap(({ Instances }) => Instances);
}

function oneServer(more: object = {}): DrsWorld {
  const server = { id: WEB, hostname: 'web-1', tags: { Tier: 'web' }, privateIp: '10.1.2.3', ...more };
  return drsWorld({ timing: EXACT, sourceServers: [server] });
}

function launch(world: DrsWorld): string {
  world.start([WEB]);
  world.pass(600);
  return world.recoveryInstances()[0]!.ec2InstanceID!;
}

describe('what a launch does in EC2', () => {
  test('a conversion server appears while the server converts, and is terminated after it', () => {
    const world = oneServer();
    const name = 'AWS Elastic Disaster Recovery Conversion Server';
    world.start([WEB]);
    world.pass(51);
    expect(instancesOf(world, name)).toEqual([]);
    world.pass(60);
    expect(instancesOf(world, name).map(({ State }) => State?.Name)).toEqual(['running']);
    world.pass(200);
    expect(instancesOf(world, name).map(({ State }) => State?.Name)).toEqual(['terminated']);
  });

  test('the instance carries the tags of the server and those that DRS sets', () => {
    const world = oneServer();
    const { jobID } = world.start([WEB]);
    world.pass(600);

    const [instance] = instancesOf(world, 'web-1');
    expect(instance?.State?.Name).toBe('running');
    expect(Object.fromEntries(instance!.Tags!.map(({ Key, Value }) => [Key, Value]))).toEqual({
      Name: 'web-1',
      Tier: 'web',
      AWSElasticDisasterRecoveryManaged: 'drs.amazonaws.com',
      AWSElasticDisasterRecoverySourceServerID: WEB,
      'drs.amazonaws.com-source-server': WEB,
      'drs.amazonaws.com-job': jobID,
    });
  });

  test('the launch configuration decides on tags, private address and whether it runs', () => {
    const world = oneServer();
    world.invoke('UpdateLaunchConfiguration', {
      sourceServerID: WEB,
      copyTags: false,
      copyPrivateIp: true,
      launchDisposition: 'STOPPED',
    });
    launch(world);

    const [instance] = instancesOf(world, 'web-1');
    expect(instance?.Tags?.map(({ Key }) => Key)).not.toContain('Tier');
    expect(instance?.PrivateIpAddress).toBe('10.1.2.3');
    expect(instance?.State?.Name).toBe('stopped');
    expect(world.recoveryInstances()[0]).toMatchObject({ ec2InstanceState: 'STOPPED', isDrill: true });
  });

  test('a launch that fails leaves no instance behind', () => {
    const world = oneServer({ launch: 'fail-launch' });
    world.start([WEB]);
    world.pass(600);

    expect(instancesOf(world, 'web-1')).toEqual([]);
    expect(instancesOf(world, 'AWS Elastic Disaster Recovery Conversion Server')[0]?.State?.Name).toBe(
      'terminated',
    );
  });

  test('a second launch terminates the earlier instance, and its log says so', () => {
    const world = oneServer();
    const first = launch(world);
    const { jobID } = world.start([WEB]);
    world.pass(600);

    const second = world.recoveryInstances().map(({ ec2InstanceID }) => ec2InstanceID);
    expect(second).toHaveLength(1);
    expect(second).not.toContain(first);
    expect(
      Object.fromEntries(
        instancesOf(world, 'web-1').map(({ InstanceId, State }) => [InstanceId, State?.Name]),
      ),
    ).toEqual({
      [first]: 'terminated',
      [second[0]!]: 'running',
    });
    expect(world.events(jobID!).slice(0, 2)).toEqual(['JOB_START', 'CLEANUP_START']);
    expect(world.events(jobID!)).toContain('CLEANUP_END');
  });

  test('a server can be launched into an instance that is tagged for it, and into no other', () => {
    const tags = { AWSDRS: 'AllowLaunchingIntoThisInstance' };
    const world = drsWorld(
      { timing: EXACT, sourceServers: [{ id: WEB, hostname: 'web-1' }] },
      {
        instances: [
          { id: 'i-0aaaaaaaaaaaaaaaa', state: 'stopped', tags },
          { id: 'i-0bbbbbbbbbbbbbbbb', state: 'stopped' },
        ],
      },
    );
    const into = (launchIntoEC2InstanceID: string): void => {
      world.invoke('UpdateLaunchConfiguration', {
        sourceServerID: WEB,
        launchIntoInstanceProperties: { launchIntoEC2InstanceID },
      });
    };

    into('i-0bbbbbbbbbbbbbbbb');
    const refused = world.start([WEB]).jobID!;
    world.pass(600);
    expect(world.job(refused)?.participatingServers?.[0]?.launchStatus).toBe('FAILED');

    into('i-0aaaaaaaaaaaaaaaa');
    expect(launch(world)).toBe('i-0aaaaaaaaaaaaaaaa');
    expect(world.recoveryInstances()[0]?.ec2InstanceState).toBe('RUNNING');
  });
});

describe('TerminateRecoveryInstances', () => {
  test('ends the instances in EC2 and takes them out of DRS', () => {
    const world = oneServer();
    const id = launch(world);

    const { job } = world.invoke<{ job: { jobID: string; type: string; initiatedBy: string } }>(
      'TerminateRecoveryInstances',
      {
        recoveryInstanceIDs: [id],
      },
    );

    expect(job).toMatchObject({ type: 'TERMINATE', initiatedBy: 'TERMINATE_RECOVERY_INSTANCES' });
    world.pass(60);
    expect(world.job(job.jobID)).toMatchObject({
      status: 'STARTED',
      participatingServers: [{ launchStatus: 'IN_PROGRESS' }],
    });
    expect(world.recoveryInstances()).toMatchObject([
      { recoveryInstanceID: id, ec2InstanceState: 'TERMINATED' },
    ]);
    world.pass(600);
    expect(world.job(job.jobID)).toMatchObject({
      status: 'COMPLETED',
      participatingServers: [{ launchStatus: 'TERMINATED' }],
    });
    expect(world.recoveryInstances()).toEqual([]);
    expect(world.server(WEB).recoveryInstanceId).toBeUndefined();
  });

  test('refuses an instance that DRS does not know', () => {
    const error = oneServer().refused('TerminateRecoveryInstances', {
      recoveryInstanceIDs: ['i-0aaaaaaaaaaaaaaaa'],
    });
    expect(error.code).toBe('ResourceNotFoundException');
  });

  test('is not the only way out: a disconnected instance can be deleted and runs on', () => {
    const world = oneServer();
    const id = launch(world);
    expect(world.refused('DeleteRecoveryInstance', { recoveryInstanceID: id }).code).toBe(
      'ConflictException',
    );

    world.invoke('DisconnectRecoveryInstance', { recoveryInstanceID: id });
    world.invoke('DeleteRecoveryInstance', { recoveryInstanceID: id });

    expect(world.recoveryInstances()).toEqual([]);
    expect(instancesOf(world, 'web-1')[0]?.State?.Name).toBe('running');
  });
});
