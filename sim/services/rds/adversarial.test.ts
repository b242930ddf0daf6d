import type {
  DescribeDBClustersCommandOutput,
  DescribeDBInstancesCommandOutput,
  DescribeGlobalClustersCommandOutput,
} from '@aws-sdk/client-rds';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServiceError } from '#sim/kernel/contract.ts';
import { ACCOUNT, testWorld, type TestWorld } from '../testing.ts';
import { service } from './index.ts';

const REGIONS = ['eu-west-1', 'eu-central-1'];

function bank(seed: number): TestWorld {
  const primary = {
    clusters: [{ id: 'ledger', instances: 3 }],
    instances: [{ id: 'cards', multiAz: true }],
    globalClusters: [{ id: 'bank', primary: 'eu-west-1/ledger', secondaries: ['eu-central-1/ledger-dr'] }],
  };
  const secondary = { clusters: [{ id: 'ledger-dr', failover: 'fail', failTimes: 1 }] };
  return testWorld([service], { rds: { 'eu-west-1': primary, 'eu-central-1': secondary } }, { seed });
}

/** What operators may do at the same time, in whatever order. */
const arnOf = (region: string, id: string): string => `arn:aws:rds:${region}:${ACCOUNT}:cluster:${id}`;
const step = fc.oneof(
  fc.record({
    operation: fc.constant('FailoverDBCluster'),
    input: fc.constantFrom(
      { DBClusterIdentifier: 'ledger' },
      { DBClusterIdentifier: 'ledger', TargetDBInstanceIdentifier: 'ledger-instance-3' },
      { DBClusterIdentifier: 'ledger-dr' },
    ),
  }),
  fc.record({
    operation: fc.constant('FailoverGlobalCluster'),
    input: fc
      .tuple(fc.constantFrom(arnOf('eu-west-1', 'ledger'), arnOf('eu-central-1', 'ledger-dr')), fc.boolean())
      .map(([TargetDbClusterIdentifier, AllowDataLoss]) => ({
        GlobalClusterIdentifier: 'bank',
        TargetDbClusterIdentifier,
        AllowDataLoss,
      })),
  }),
  fc.constant({
    operation: 'RebootDBInstance',
    input: { DBInstanceIdentifier: 'cards', ForceFailover: true },
  }),
);
const act = fc.record({
  step,
  region: fc.constantFrom(...REGIONS),
  seconds: fc.integer({ min: 0, max: 200 }),
});

test('whatever operators do at once, there is one writer at any time, and all is available in the end', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(act, { maxLength: 15 }), (seed, acts) => {
      const sim = bank(seed);
      let accepted = 0;
      for (const { step: chosen, region, seconds } of acts) {
        accepted += attempt(sim, chosen, region);
        sim.pass(seconds);
        expect(writersOf(sim)).toBe(1);
      }
      expect(failoverCount(sim)).toBe(accepted);
      sim.pass(3_600);
      expect(restless(sim)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

/** 1 if the operation was accepted. */
function attempt(
  sim: TestWorld,
  { operation, input }: { operation: string; input: object },
  region: string,
): number {
  try {
    sim.invoke(operation, input, { region });
    return 1;
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceError);
    return 0;
  }
}

function clustersOf(sim: TestWorld) {
  return REGIONS.flatMap(
    (region) => sim.invoke<DescribeDBClustersCommandOutput>('DescribeDBClusters', {}, { region }).DBClusters!,
  );
}

function writersOf(sim: TestWorld): number {
  const members = clustersOf(sim).flatMap((cluster) => cluster.DBClusterMembers!);
  return members.filter((member) => member.IsClusterWriter).length;
}

function failoverCount(sim: TestWorld): number {
  const { world } = sim;
  return [...REGIONS, 'global']
    .map((region) => world.table({ accountId: ACCOUNT, region }, 'rds.failovers').size)
    .reduce((sum, size) => sum + size, 0);
}

/** What has not come to rest. */
function restless(sim: TestWorld): unknown[] {
  const [bankCluster] =
    sim.invoke<DescribeGlobalClustersCommandOutput>('DescribeGlobalClusters').GlobalClusters!;
  const [cards] = sim.invoke<DescribeDBInstancesCommandOutput>('DescribeDBInstances', {
    DBInstanceIdentifier: 'cards',
  }).DBInstances!;
  const statuses = [
    bankCluster!.Status,
    cards!.DBInstanceStatus,
    ...clustersOf(sim).map((cluster) => cluster.Status),
  ];
  const synchronizations = bankCluster!.GlobalClusterMembers!.map((member) => member.SynchronizationStatus);
  return [
    ...statuses.filter((status) => status !== 'available'),
    ...synchronizations.filter((status) => status !== 'connected'),
    ...(bankCluster!.FailoverState === undefined ? [] : [bankCluster!.FailoverState]),
  ];
}
