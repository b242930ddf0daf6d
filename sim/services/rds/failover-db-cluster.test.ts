import type {
  DescribeDBClustersCommandOutput,
  DescribeEventsCommandOutput,
  FailoverDBClusterCommandOutput,
} from '@aws-sdk/client-rds';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, testWorld, type TestWorld } from '../testing.ts';
import { service } from './index.ts';

const threeMembers = [
  { id: 'ledger-1', zone: 'a', tier: 1 },
  { id: 'ledger-2', zone: 'b', tier: 5 },
  { id: 'ledger-3', zone: 'c', tier: 2 },
];

function ledger(cluster: object = {}): TestWorld {
  return testWorld([service], {
    rds: { 'eu-west-1': { clusters: [{ id: 'ledger', instances: threeMembers, ...cluster }] } },
  });
}

function stateOf(sim: TestWorld): { status: string | undefined; writer: string | undefined } {
  const [cluster] = sim.invoke<DescribeDBClustersCommandOutput>('DescribeDBClusters', {
    DBClusterIdentifier: 'ledger',
  }).DBClusters!;
  const writer = cluster!.DBClusterMembers!.find((member) => member.IsClusterWriter);
  return { status: cluster!.Status, writer: writer?.DBInstanceIdentifier };
}

function failoverCount(sim: TestWorld): number {
  return sim.world.table({ accountId: ACCOUNT, region: 'eu-west-1' }, 'rds.failovers').size;
}

const eventsOf = (sim: TestWorld): (string | undefined)[] =>
  sim
    .invoke<DescribeEventsCommandOutput>('DescribeEvents', {
      SourceType: 'db-cluster',
      SourceIdentifier: 'ledger',
    })
    .Events!.map((event) => event.Message);

describe('FailoverDBCluster', () => {
  test('promotes the named member; the writer flips before the cluster is available again', () => {
    const sim = ledger({ failoverSeconds: 30 });
    const { DBCluster } = sim.invoke<FailoverDBClusterCommandOutput>('FailoverDBCluster', {
      DBClusterIdentifier: 'ledger',
      TargetDBInstanceIdentifier: 'ledger-2',
    });
    expect(DBCluster!.Status).toBe('failing-over');
    expect(stateOf(sim)).toEqual({ status: 'failing-over', writer: 'ledger-1' });
    sim.pass(22);
    expect(stateOf(sim)).toEqual({ status: 'failing-over', writer: 'ledger-2' });
    sim.pass(8);
    expect(stateOf(sim)).toEqual({ status: 'available', writer: 'ledger-2' });
    expect(eventsOf(sim)).toEqual([
      'Started cross AZ failover to DB instance: ledger-2',
      'Completed failover to DB instance: ledger-2',
    ]);
  });

  test('promotes the replica with the lowest promotion tier when no target is named, in under a minute', () => {
    const sim = ledger();
    sim.invoke('FailoverDBCluster', {
      DBClusterIdentifier: `arn:aws:rds:eu-west-1:${ACCOUNT}:cluster:ledger`,
    });
    sim.pass(60);
    expect(stateOf(sim)).toEqual({ status: 'available', writer: 'ledger-3' });
  });

  test('creates the writer again in 5 to 10 minutes when there is no replica', () => {
    const sim = ledger({ instances: [{ id: 'ledger-1' }] });
    sim.invoke('FailoverDBCluster', { DBClusterIdentifier: 'ledger' });
    sim.pass(299);
    expect(stateOf(sim)).toEqual({ status: 'failing-over', writer: 'ledger-1' });
    sim.pass(301);
    expect(stateOf(sim)).toEqual({ status: 'available', writer: 'ledger-1' });
  });

  test('refuses a second failover while the first is in progress, and counts one', () => {
    const sim = ledger();
    sim.invoke('FailoverDBCluster', { DBClusterIdentifier: 'ledger' });
    expect(sim.refused('FailoverDBCluster', { DBClusterIdentifier: 'ledger' }).code).toBe(
      'InvalidDBClusterStateFault',
    );
    expect(failoverCount(sim)).toBe(1);
  });

  test.each([
    { name: 'an unknown cluster', cluster: 'nowhere', target: undefined, code: 'DBClusterNotFoundFault' },
    { name: 'an unknown target', cluster: 'ledger', target: 'ledger-9', code: 'DBInstanceNotFoundFault' },
    {
      name: 'the present writer',
      cluster: 'ledger',
      target: 'ledger-1',
      code: 'InvalidDBInstanceStateFault',
    },
  ])('refuses $name with $code', ({ cluster, target, code }) => {
    const sim = ledger();
    const input = { DBClusterIdentifier: cluster, TargetDBInstanceIdentifier: target };
    expect(sim.refused('FailoverDBCluster', input).code).toBe(code);
    expect(failoverCount(sim)).toBe(0);
  });

  test('a failover declared to fail leaves the old writer and says so; with failTimes the next one succeeds', () => {
    const sim = ledger({ failover: 'fail', failTimes: 1 });
    sim.invoke('FailoverDBCluster', { DBClusterIdentifier: 'ledger' });
    sim.pass(60);
    expect(stateOf(sim)).toEqual({ status: 'available', writer: 'ledger-1' });
    expect(eventsOf(sim)[1]).toBe(
      'Cluster failover failed, check the health of your cluster instances and try again.',
    );
    sim.invoke('FailoverDBCluster', { DBClusterIdentifier: 'ledger' });
    sim.pass(60);
    expect(stateOf(sim)).toEqual({ status: 'available', writer: 'ledger-3' });
  });

  test('a failover declared stuck never ends', () => {
    const sim = ledger({ failover: 'stuck' });
    sim.invoke('FailoverDBCluster', { DBClusterIdentifier: 'ledger' });
    sim.pass(86_400);
    expect(stateOf(sim)).toEqual({ status: 'failing-over', writer: 'ledger-1' });
  });
});
