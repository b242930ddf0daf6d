import type {
  DBInstance,
  DescribeDBInstancesCommandOutput,
  ListTagsForResourceCommandOutput,
} from '@aws-sdk/client-rds';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, testWorld, type TestWorld } from '../testing.ts';
import { service } from './index.ts';

function cards(instance: object = {}): TestWorld {
  const instances = [{ id: 'cards', multiAz: true, tags: { 'DR-Tier': 'database' }, ...instance }];
  return testWorld([service], { rds: { 'eu-west-1': { instances } } });
}

function cardsOf(sim: TestWorld): DBInstance {
  const input = { Filters: [{ Name: 'db-instance-id', Values: ['cards'] }] };
  return sim.invoke<DescribeDBInstancesCommandOutput>('DescribeDBInstances', input).DBInstances![0]!;
}

describe('RebootDBInstance with ForceFailover', () => {
  const reboot = { DBInstanceIdentifier: 'cards', ForceFailover: true };

  test('swaps the zones of a Multi-AZ instance in 60 to 120 seconds', () => {
    const sim = cards();
    expect(cardsOf(sim)).toMatchObject({
      AvailabilityZone: 'eu-west-1a',
      SecondaryAvailabilityZone: 'eu-west-1b',
    });
    sim.invoke('RebootDBInstance', reboot);
    sim.pass(59);
    expect(cardsOf(sim)).toMatchObject({ DBInstanceStatus: 'rebooting', AvailabilityZone: 'eu-west-1a' });
    sim.pass(61);
    expect(cardsOf(sim)).toMatchObject({
      DBInstanceStatus: 'available',
      AvailabilityZone: 'eu-west-1b',
      SecondaryAvailabilityZone: 'eu-west-1a',
    });
  });

  test('is refused for an instance that is not Multi-AZ', () => {
    expect(cards({ multiAz: false }).refused('RebootDBInstance', reboot).code).toBe(
      'InvalidParameterCombination',
    );
  });

  test('is refused while the instance is rebooting', () => {
    const sim = cards();
    sim.invoke('RebootDBInstance', reboot);
    expect(sim.refused('RebootDBInstance', reboot).code).toBe('InvalidDBInstanceStateFault');
  });

  test('abandoned: the instance stays where it is and was never unavailable', () => {
    const sim = cards({ failover: 'abandon' });
    sim.invoke('RebootDBInstance', reboot);
    expect(cardsOf(sim).DBInstanceStatus).toBe('available');
    sim.pass(300);
    expect(cardsOf(sim).AvailabilityZone).toBe('eu-west-1a');
  });
});

test('an instance stops and starts again', () => {
  const sim = cards();
  sim.invoke('StopDBInstance', { DBInstanceIdentifier: 'cards' });
  expect(cardsOf(sim).DBInstanceStatus).toBe('stopping');
  sim.pass(900);
  expect(cardsOf(sim).DBInstanceStatus).toBe('stopped');
  sim.invoke('StartDBInstance', { DBInstanceIdentifier: 'cards' });
  sim.pass(900);
  expect(cardsOf(sim).DBInstanceStatus).toBe('available');
});

test('tags are added, replaced and removed by ARN', () => {
  const sim = cards();
  const ResourceName = `arn:aws:rds:eu-west-1:${ACCOUNT}:db:cards`;
  sim.invoke('AddTagsToResource', { ResourceName, Tags: [{ Key: 'DR-Wave', Value: '1' }] });
  sim.invoke('RemoveTagsFromResource', { ResourceName, TagKeys: ['DR-Tier'] });
  const { TagList } = sim.invoke<ListTagsForResourceCommandOutput>('ListTagsForResource', { ResourceName });
  expect(TagList).toEqual([{ Key: 'DR-Wave', Value: '1' }]);
});

describe('DescribeDBInstances', () => {
  const many = Array.from({ length: 45 }, (_, index) => ({ id: `db-${index}` }));
  const sim = testWorld([service], { rds: { 'eu-west-1': { instances: many } } });

  test('pages by MaxRecords and Marker', () => {
    const first = sim.invoke<DescribeDBInstancesCommandOutput>('DescribeDBInstances', { MaxRecords: 30 });
    const second = sim.invoke<DescribeDBInstancesCommandOutput>('DescribeDBInstances', {
      MaxRecords: 30,
      Marker: first.Marker,
    });
    expect([first.DBInstances!.length, second.DBInstances!.length, second.Marker]).toEqual([
      30,
      15,
      undefined,
    ]);
    expect(second.DBInstances![0]!.DBInstanceIdentifier).toBe('db-30');
  });

  test.each([
    { name: 'a page size under 20', input: { MaxRecords: 5 }, code: 'InvalidParameterValue' },
    { name: 'an invented marker', input: { Marker: 'x' }, code: 'InvalidParameterValue' },
    {
      name: 'an unknown filter',
      input: { Filters: [{ Name: 'colour', Values: ['red'] }] },
      code: 'InvalidParameterValue',
    },
    { name: 'an unknown instance', input: { DBInstanceIdentifier: 'x' }, code: 'DBInstanceNotFoundFault' },
  ])('refuses $name', ({ input, code }) => {
    expect(sim.refused('DescribeDBInstances', input).code).toBe(code);
  });
});
