import type { Instance, InstanceStateChange, InstanceStatus } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { testWorld, type TestWorld } from '#sim/services/testing.ts';
import { service as ec2 } from './index.ts';
import { findInstance } from './instances.ts';

const WEB = 'i-0aaaaaaaaaaaaaaaa';
const DATA = 'i-0bbbbbbbbbbbbbbbb';
const EXACT = {
  stopSeconds: [40, 40],
  terminateSeconds: [25, 25],
  checksSeconds: [180, 180],
  agentSeconds: [90, 90],
};
const TWO_INSTANCES = {
  timing: EXACT,
  instances: [
    { id: WEB, name: 'web-1', tags: { Tier: 'web' }, privateIp: '10.0.0.5' },
    { id: DATA, name: 'data-1', tags: { Tier: 'data' }, os: 'windows', state: 'stopped' },
  ],
};

function ec2World(section: object = TWO_INSTANCES): TestWorld {
  return testWorld([ec2], { ec2: { 'eu-west-1': section } });
}

function list(world: TestWorld, input: object = {}): Instance[] {
  const { Reservations } = world.invoke<{ Reservations: { Instances: Instance[] }[] }>(
    'DescribeInstances',
    input,
  );
  return Reservations.flatMap(({ Instances }) => Instances);
}

function stateOf(world: TestWorld, id: string): string | undefined {
  return list(world, { InstanceIds: [id] })[0]?.State?.Name;
}

function statuses(world: TestWorld, input: object): InstanceStatus[] {
  return world.invoke<{ InstanceStatuses: InstanceStatus[] }>('DescribeInstanceStatus', input)
    .InstanceStatuses;
}

describe('DescribeInstances', () => {
  test.each([
    { name: 'tag:Tier', values: ['web', 'app'], ids: [WEB] },
    { name: 'tag:Name', values: ['*-1'], ids: [WEB, DATA] },
    { name: 'tag:Name', values: ['w?b-1'], ids: [WEB] },
    { name: 'tag-key', values: ['Tier'], ids: [WEB, DATA] },
    { name: 'tag-value', values: ['data'], ids: [DATA] },
    { name: 'instance-state-name', values: ['running'], ids: [WEB] },
    { name: 'instance-state-code', values: ['80'], ids: [DATA] },
    { name: 'private-ip-address', values: ['10.0.0.5'], ids: [WEB] },
    { name: 'private-dns-name', values: ['ip-10-0-0-5.eu-west-1.compute.internal'], ids: [WEB] },
    { name: 'instance-id', values: [DATA], ids: [DATA] },
    { name: 'platform', values: ['windows'], ids: [DATA] },
    { name: 'availability-zone', values: ['eu-west-1b'], ids: [] },
  ])('finds by $name = $values', ({ name, values, ids }) => {
    const found = list(ec2World(), { Filters: [{ Name: name, Values: values }] });
    expect(found.map(({ InstanceId }) => InstanceId)).toEqual(ids);
  });

  test('finds what matches all filters', () => {
    const world = ec2World();
    const state = { Name: 'instance-state-name', Values: ['stopped'] };
    expect(list(world, { Filters: [state, { Name: 'tag:Tier', Values: ['web'] }] })).toEqual([]);
    expect(list(world, { Filters: [state, { Name: 'tag:Tier', Values: ['data'] }] })).toHaveLength(1);
  });

  test('pages, and refuses sizes, tokens and ids that do not go together', () => {
    const world = ec2World({ generate: { count: 12 } });
    const first = world.invoke<{ Reservations: unknown[]; NextToken?: string }>('DescribeInstances', {
      MaxResults: 10,
    });
    expect(first.Reservations).toHaveLength(10);
    const rest = world.invoke<{ Reservations: unknown[]; NextToken?: string }>('DescribeInstances', {
      MaxResults: 10,
      NextToken: first.NextToken,
    });
    expect(rest.Reservations).toHaveLength(2);
    expect(rest.NextToken).toBeUndefined();
    expect(world.refused('DescribeInstances', { MaxResults: 4 }).code).toBe('InvalidParameterValue');
    expect(world.refused('DescribeInstances', { NextToken: 'bm9uZQ' }).code).toBe('InvalidNextToken');
    expect(world.refused('DescribeInstances', { MaxResults: 10, InstanceIds: [WEB] }).code).toBe(
      'InvalidParameterCombination',
    );
  });

  test.each([
    {
      ids: ['i-0cccccccccccccccc'],
      code: 'InvalidInstanceID.NotFound',
      message: "The instance ID 'i-0cccccccccccccccc' does not exist",
    },
    {
      ids: [WEB, 'i-0cccccccccccccccc', 'i-0dddddddddddddddd'],
      code: 'InvalidInstanceID.NotFound',
      message: "The instance IDs 'i-0cccccccccccccccc, i-0dddddddddddddddd' do not exist",
    },
    { ids: ['web-1'], code: 'InvalidInstanceID.Malformed', message: 'Invalid id: "web-1"' },
  ])('fails as a whole for $ids', ({ ids, code, message }) => {
    const error = ec2World().refused('DescribeInstances', { InstanceIds: ids });
    expect([error.code, error.message]).toEqual([code, message]);
  });

  test('refuses a filter that EC2 does not know', () => {
    const error = ec2World().refused('DescribeInstances', { Filters: [{ Name: 'colour', Values: ['red'] }] });
    expect(error.message).toBe("The filter 'colour' is invalid");
  });

  test('sees only its own Region', () => {
    expect(ec2World().invoke('DescribeInstances', {}, { region: 'eu-west-2' })).toMatchObject({
      Reservations: [],
    });
  });
});

describe('the life of an instance', () => {
  test('starts, runs after some seconds, has its agent online before it passes its checks', () => {
    const world = ec2World();
    const { StartingInstances } = world.invoke<{ StartingInstances: InstanceStateChange[] }>(
      'StartInstances',
      {
        InstanceIds: [DATA],
      },
    );

    expect(StartingInstances).toEqual([
      {
        InstanceId: DATA,
        PreviousState: { Code: 80, Name: 'stopped' },
        CurrentState: { Code: 0, Name: 'pending' },
      },
    ]);
    const online = (): boolean | undefined =>
      findInstance(world.world.callFor({ accountId: '111122223333', region: 'eu-west-1' }, 'aws'), DATA)?.ssm
        .online;
    world.pass(45);
    expect(stateOf(world, DATA)).toBe('running');
    expect(statuses(world, { InstanceIds: [DATA] })).toMatchObject([
      { InstanceStatus: { Status: 'initializing' }, SystemStatus: { Status: 'initializing' } },
    ]);
    expect(online()).toBe(false);
    world.pass(90);
    expect(online()).toBe(true);
    expect(statuses(world, { InstanceIds: [DATA] })[0]?.InstanceStatus?.Status).toBe('initializing');
    world.pass(90);
    expect(statuses(world, { InstanceIds: [DATA] })).toMatchObject([
      {
        InstanceStatus: { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] },
        SystemStatus: { Status: 'ok' },
      },
    ]);
  });

  test('stops, and takes longer to on Windows', () => {
    const world = ec2World();
    world.invoke('StartInstances', { InstanceIds: [DATA] });
    world.pass(60);
    world.invoke('StopInstances', { InstanceIds: [WEB, DATA] });
    expect([stateOf(world, WEB), stateOf(world, DATA)]).toEqual(['stopping', 'stopping']);
    world.pass(41);
    expect([stateOf(world, WEB), stateOf(world, DATA)]).toEqual(['stopped', 'stopping']);
    world.pass(40);
    expect(stateOf(world, DATA)).toBe('stopped');
    expect(world.refused('RebootInstances', { InstanceIds: [DATA] }).code).toBe('IncorrectInstanceState');
  });

  test('terminates from any state, stays visible for an hour, and cannot be started any more', () => {
    const world = ec2World();
    world.invoke('TerminateInstances', { InstanceIds: [WEB, DATA] });
    expect(stateOf(world, WEB)).toBe('shutting-down');
    world.pass(26);
    expect(stateOf(world, DATA)).toBe('terminated');
    expect(world.refused('StartInstances', { InstanceIds: [WEB] }).code).toBe('IncorrectInstanceState');
    world.invoke('TerminateInstances', { InstanceIds: [WEB] });
    world.pass(3600);
    expect(world.refused('DescribeInstances', { InstanceIds: [WEB] }).code).toBe(
      'InvalidInstanceID.NotFound',
    );
    expect(list(world)).toEqual([]);
  });

  test('start of what runs and stop of what is stopped change nothing', () => {
    const world = ec2World();
    world.invoke('StartInstances', { InstanceIds: [WEB] });
    world.invoke('StopInstances', { InstanceIds: [DATA] });
    expect([stateOf(world, WEB), stateOf(world, DATA)]).toEqual(['running', 'stopped']);
  });

  test('one id that is wrong starts none', () => {
    const world = ec2World();
    world.refused('StartInstances', { InstanceIds: [DATA, 'i-0cccccccccccccccc'] });
    expect(stateOf(world, DATA)).toBe('stopped');
  });

  test('a reboot begins the checks anew while the instance keeps running', () => {
    const world = ec2World();
    world.invoke('RebootInstances', { InstanceIds: [WEB] });
    expect(stateOf(world, WEB)).toBe('running');
    expect(statuses(world, { InstanceIds: [WEB] })[0]?.InstanceStatus?.Status).toBe('initializing');
    world.pass(230);
    expect(statuses(world, { InstanceIds: [WEB] })[0]?.InstanceStatus?.Status).toBe('ok');
  });

  test('fails to start, or its checks, when the scenario says so', () => {
    const world = ec2World({
      instances: [
        { id: WEB, checks: 'impaired' },
        { id: DATA, state: 'stopped', startFails: 'InsufficientInstanceCapacity' },
      ],
    });
    const error = world.refused('StartInstances', { InstanceIds: [DATA] });
    expect([error.code, error.members['httpStatus']]).toEqual(['InsufficientInstanceCapacity', 500]);
    expect(statuses(world, {})).toMatchObject([
      { InstanceId: WEB, InstanceStatus: { Status: 'impaired' }, SystemStatus: { Status: 'ok' } },
    ]);
  });

  test('status leaves out what does not run, unless all are asked for', () => {
    const world = ec2World();
    expect(statuses(world, {}).map(({ InstanceId }) => InstanceId)).toEqual([WEB]);
    expect(statuses(world, { IncludeAllInstances: true })).toMatchObject([
      { InstanceId: WEB },
      { InstanceId: DATA, InstanceState: { Name: 'stopped' }, InstanceStatus: { Status: 'not-applicable' } },
    ]);
  });
});

describe('RunInstances', () => {
  test('launches once for a client token', () => {
    const world = ec2World({});
    const run = (): (string | undefined)[] =>
      world
        .invoke<{ Instances: Instance[] }>('RunInstances', {
          MinCount: 2,
          MaxCount: 2,
          InstanceType: 't3.micro',
          ClientToken: 'token-1',
          TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'new' }] }],
        })
        .Instances.map(({ InstanceId }) => InstanceId);

    expect(run()).toEqual(run());
    expect(list(world, { Filters: [{ Name: 'tag:Name', Values: ['new'] }] })).toHaveLength(2);
    world.pass(60);
    expect(list(world).map(({ State }) => State?.Name)).toEqual(['running', 'running']);
    expect(world.refused('RunInstances', { MinCount: 2, MaxCount: 1 }).code).toBe('InvalidParameterValue');
  });
});

describe('tags', () => {
  test('are created, listed and deleted', () => {
    const world = ec2World();
    world.invoke('CreateTags', { Resources: [WEB, DATA], Tags: [{ Key: 'DR-Wave', Value: '2' }] });
    world.invoke('DeleteTags', { Resources: [WEB], Tags: [{ Key: 'Tier', Value: 'data' }, { Key: 'Name' }] });

    expect(world.invoke('DescribeTags', { Filters: [{ Name: 'resource-id', Values: [WEB] }] })).toMatchObject(
      {
        Tags: [
          { ResourceId: WEB, ResourceType: 'instance', Key: 'Tier', Value: 'web' },
          { ResourceId: WEB, ResourceType: 'instance', Key: 'DR-Wave', Value: '2' },
        ],
      },
    );
    expect(world.refused('CreateTags', { Resources: ['vol-1'], Tags: [] }).code).toBe('InvalidID');
  });

  test('are read and changed by Resource Groups Tagging', () => {
    const world = ec2World();
    const call = world.world.callFor({ accountId: '111122223333', region: 'eu-west-1' }, 'aws');
    const arn = `arn:aws:ec2:eu-west-1:111122223333:instance/${WEB}`;

    expect(ec2.changeTags!(call, arn, { Tier: null, Owner: 'bank' })).toBe(true);
    expect(ec2.changeTags!(call, arn.replace('111122223333', '444455556666'), {})).toBe(false);
    expect(ec2.taggedResources!(call)[0]).toMatchObject({ arn, tags: { Name: 'web-1', Owner: 'bank' } });
  });
});

describe('Regions and zones', () => {
  test('are those that need no opting in, with three zones each', () => {
    const world = ec2World();
    const { Regions } = world.invoke<{ Regions: { RegionName: string }[] }>('DescribeRegions', {
      Filters: [{ Name: 'region-name', Values: ['eu-west-*'] }],
    });
    expect(Regions.map(({ RegionName }) => RegionName)).toEqual(['eu-west-1', 'eu-west-2', 'eu-west-3']);
    expect(world.refused('DescribeRegions', { RegionNames: ['mars-1'] }).code).toBe('InvalidParameterValue');

    expect(world.invoke('DescribeAvailabilityZones')).toMatchObject({
      AvailabilityZones: [
        { ZoneName: 'eu-west-1a', ZoneId: 'euw1-az1' },
        { ZoneName: 'eu-west-1b' },
        { ZoneName: 'eu-west-1c' },
      ],
    });
  });
});
