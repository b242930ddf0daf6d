import type {
  DescribeDBClustersCommandOutput,
  DescribeGlobalClustersCommandOutput,
  GlobalCluster,
} from '@aws-sdk/client-rds';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, testWorld, type TestWorld } from '../testing.ts';
import { service } from './index.ts';

const IRELAND = `arn:aws:rds:eu-west-1:${ACCOUNT}:cluster:ledger`;
const FRANKFURT = `arn:aws:rds:eu-central-1:${ACCOUNT}:cluster:ledger-dr`;
const dr = { region: 'eu-central-1' };
const toFrankfurt = { GlobalClusterIdentifier: 'bank', TargetDbClusterIdentifier: FRANKFURT };

function bank({
  primary = {},
  globalCluster = {},
}: { primary?: object; globalCluster?: object } = {}): TestWorld {
  const globalClusters = [
    { id: 'bank', primary: 'eu-west-1/ledger', secondaries: ['eu-central-1/ledger-dr'], ...globalCluster },
  ];
  return testWorld([service], {
    rds: {
      'eu-west-1': { clusters: [{ id: 'ledger', ...primary }], globalClusters },
      'eu-central-1': { clusters: [{ id: 'ledger-dr', instances: 1 }] },
    },
  });
}

function globalOf(sim: TestWorld): GlobalCluster {
  return sim.invoke<DescribeGlobalClustersCommandOutput>('DescribeGlobalClusters', {}, dr)
    .GlobalClusters![0]!;
}

const rolesOf = (sim: TestWorld): unknown =>
  Object.fromEntries(
    globalOf(sim).GlobalClusterMembers!.map((member) => [member.DBClusterArn, member.IsWriter]),
  );

function clusterOf(sim: TestWorld, region: string) {
  return sim.invoke<DescribeDBClustersCommandOutput>('DescribeDBClusters', {}, { region }).DBClusters![0]!;
}

describe('a global cluster', () => {
  test('is seen from every Region; in the secondary no member writes', () => {
    const sim = bank();
    expect(rolesOf(sim)).toEqual({ [IRELAND]: true, [FRANKFURT]: false });
    expect(globalOf(sim).FailoverState).toBeUndefined();
    expect(clusterOf(sim, 'eu-west-1').DBClusterMembers!.map((member) => member.IsClusterWriter)).toEqual([
      true,
      false,
    ]);
    expect(clusterOf(sim, 'eu-central-1').DBClusterMembers!.map((member) => member.IsClusterWriter)).toEqual([
      false,
    ]);
    expect(clusterOf(sim, 'eu-central-1').GlobalClusterIdentifier).toBe('bank');
  });

  test('switches over: pending, failing-over, roles flip, then both clusters are available', () => {
    const sim = bank({ globalCluster: { failoverSeconds: 100 } });
    sim.invoke('SwitchoverGlobalCluster', toFrankfurt, dr);
    expect(globalOf(sim).FailoverState).toEqual({
      Status: 'pending',
      FromDbClusterArn: IRELAND,
      ToDbClusterArn: FRANKFURT,
      IsDataLossAllowed: false,
    });
    sim.pass(10);
    expect(globalOf(sim).FailoverState!.Status).toBe('failing-over');
    expect(clusterOf(sim, 'eu-west-1').Status).toBe('switching-over');
    sim.pass(75);
    expect(rolesOf(sim)).toEqual({ [IRELAND]: false, [FRANKFURT]: true });
    expect(clusterOf(sim, 'eu-central-1').Status).toBe('switching-over');
    sim.pass(15);
    expect(globalOf(sim)).toMatchObject({ Status: 'available', FailoverState: undefined });
    expect([clusterOf(sim, 'eu-west-1').Status, clusterOf(sim, 'eu-central-1').Status]).toEqual([
      'available',
      'available',
    ]);
    expect(clusterOf(sim, 'eu-central-1').DBClusterMembers![0]!.IsClusterWriter).toBe(true);
  });

  test('fails over with data loss although the primary is dead, in 2 to 8 minutes, and resynchronises the old primary later', () => {
    const sim = bank({ primary: { status: 'failed' } });
    sim.invoke('FailoverGlobalCluster', { ...toFrankfurt, AllowDataLoss: true }, dr);
    sim.pass(480);
    expect(globalOf(sim).FailoverState).toBeUndefined();
    expect(rolesOf(sim)).toEqual({ [FRANKFURT]: true, [IRELAND]: false });
    expect(globalOf(sim).GlobalClusterMembers![1]!.SynchronizationStatus).toBe('pending-resync');
    sim.pass(900);
    expect(globalOf(sim).GlobalClusterMembers![1]!.SynchronizationStatus).toBe('connected');
  });

  test('a failover without AllowDataLoss is a switchover, and is refused when the primary is dead', () => {
    const sim = bank({ primary: { status: 'failed' } });
    expect(sim.refused('FailoverGlobalCluster', toFrankfurt, dr).code).toBe('InvalidDBClusterStateFault');
  });

  test.each([
    {
      name: 'both choices at once',
      input: { AllowDataLoss: true, Switchover: true },
      code: 'InvalidParameterCombination',
    },
    {
      name: 'the present primary',
      input: { TargetDbClusterIdentifier: IRELAND },
      code: 'InvalidDBClusterStateFault',
    },
    {
      name: 'an unknown global cluster',
      input: { GlobalClusterIdentifier: 'x' },
      code: 'GlobalClusterNotFoundFault',
    },
    {
      name: 'a cluster that is no member',
      input: { TargetDbClusterIdentifier: `${FRANKFURT}-2` },
      code: 'DBClusterNotFoundFault',
    },
  ])('refuses $name with $code', ({ input, code }) => {
    expect(bank().refused('FailoverGlobalCluster', { ...toFrankfurt, ...input }).code).toBe(code);
  });

  test('refuses a second move while one is in progress', () => {
    const sim = bank();
    sim.invoke('SwitchoverGlobalCluster', toFrankfurt);
    expect(sim.refused('SwitchoverGlobalCluster', toFrankfurt).code).toBe('InvalidGlobalClusterStateFault');
  });

  test('a failed move leaves the old primary writing', () => {
    const sim = bank({ globalCluster: { failover: 'fail' } });
    sim.invoke('SwitchoverGlobalCluster', toFrankfurt);
    sim.pass(180);
    expect(rolesOf(sim)).toEqual({ [IRELAND]: true, [FRANKFURT]: false });
    expect(globalOf(sim).FailoverState).toBeUndefined();
  });

  test('refuses FailoverDBCluster on a secondary', () => {
    const input = { DBClusterIdentifier: 'ledger-dr' };
    expect(bank().refused('FailoverDBCluster', input, dr).code).toBe('InvalidDBClusterStateFault');
  });
});
