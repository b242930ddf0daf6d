import {
  AddTagsToResourceCommand,
  DBClusterNotFoundFault,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeEventsCommand,
  DescribeGlobalClustersCommand,
  FailoverDBClusterCommand,
  FailoverGlobalClusterCommand,
  InvalidDBClusterStateFault,
  ListTagsForResourceCommand,
  RDSClient,
  RebootDBInstanceCommand,
  RemoveTagsFromResourceCommand,
  waitUntilDBInstanceAvailable,
} from '@aws-sdk/client-rds';
import { expect, test } from 'vitest';
import { ACCOUNT, START } from '../testing.ts';
import { wireWorld } from '../wire-testing.ts';

const sim = wireWorld({
  regions: {
    'eu-west-1': {
      rds: {
        clusters: [{ id: 'ledger', tags: { 'DR-Tier': 'database' } }],
        instances: [{ id: 'cards', multiAz: true }],
        globalClusters: [
          { id: 'bank', primary: 'eu-west-1/ledger', secondaries: ['eu-central-1/ledger-dr'] },
        ],
      },
    },
    'eu-central-1': { rds: { clusters: [{ id: 'ledger-dr', instances: 1 }] } },
  },
});
const rds = new RDSClient(sim.client());

test('a cluster fails over as a real client sees it', async () => {
  await rds.send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'ledger' }));
  await expect(
    rds.send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'ledger' })),
  ).rejects.toBeInstanceOf(InvalidDBClusterStateFault);
  sim.pass(60);
  const { DBClusters } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'ledger' }));
  expect(DBClusters![0]).toMatchObject({
    Status: 'available',
    GlobalClusterIdentifier: 'bank',
    ClusterCreateTime: new Date(START),
    DBClusterMembers: [
      { DBInstanceIdentifier: 'ledger-instance-1', IsClusterWriter: false, PromotionTier: 1 },
      { DBInstanceIdentifier: 'ledger-instance-2', IsClusterWriter: true, PromotionTier: 1 },
    ],
    TagList: [{ Key: 'DR-Tier', Value: 'database' }],
  });
  const { Events } = await rds.send(new DescribeEventsCommand({ SourceType: 'db-cluster' }));
  expect(Events!.map((event) => event.Message)).toEqual([
    'Started cross AZ failover to DB instance: ledger-instance-2',
    'Completed failover to DB instance: ledger-instance-2',
  ]);
});

test('a global cluster fails over as a client in the secondary Region sees it', async () => {
  const frankfurt = new RDSClient(sim.client('eu-central-1'));
  const target = `arn:aws:rds:eu-central-1:${ACCOUNT}:cluster:ledger-dr`;
  const input = { GlobalClusterIdentifier: 'bank', TargetDbClusterIdentifier: target, AllowDataLoss: true };
  const started = await frankfurt.send(new FailoverGlobalClusterCommand(input));
  expect(started.GlobalCluster!.FailoverState).toMatchObject({ Status: 'pending', IsDataLossAllowed: true });
  sim.pass(480);
  const { GlobalClusters } = await frankfurt.send(new DescribeGlobalClustersCommand({}));
  expect(GlobalClusters![0]!.FailoverState).toBeUndefined();
  expect(GlobalClusters![0]!.GlobalClusterMembers).toMatchObject([
    { DBClusterArn: target, IsWriter: true, SynchronizationStatus: 'connected' },
    { IsWriter: false, SynchronizationStatus: 'pending-resync' },
  ]);
});

test('an instance reboots with failover, and the SDK waiter sees it available', async () => {
  await rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'cards', ForceFailover: true }));
  sim.pass(120);
  const waiter = { client: rds, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
  const { state } = await waitUntilDBInstanceAvailable(waiter, { DBInstanceIdentifier: 'cards' });
  expect(state).toBe('SUCCESS');
  const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'cards' }));
  expect(DBInstances![0]).toMatchObject({ AvailabilityZone: 'eu-west-1b', MultiAZ: true });
});

test('tags and typed errors cross the wire', async () => {
  const ResourceName = `arn:aws:rds:eu-west-1:${ACCOUNT}:db:cards`;
  await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: 'a', Value: '1' }] }));
  expect((await rds.send(new ListTagsForResourceCommand({ ResourceName }))).TagList).toEqual([
    { Key: 'a', Value: '1' },
  ]);
  await rds.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['a'] }));
  expect((await rds.send(new ListTagsForResourceCommand({ ResourceName }))).TagList).toEqual([]);
  const unknown = rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'none' }));
  await expect(unknown).rejects.toThrow(DBClusterNotFoundFault);
  await expect(unknown).rejects.toThrow('DBCluster none not found.');
});
