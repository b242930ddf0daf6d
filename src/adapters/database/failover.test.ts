import { describe, expect, test } from 'vitest';
import { failovers } from '#sim/services/rds/rows.ts';
import { ACCOUNT } from '../testing/operation-case.ts';
import { runOnStage, runOperation, setStage } from '../testing/run-operation.ts';
import { testOperation } from '../testing/test-operation.ts';
import { assessUse, rulesOf, useOf, type Use } from '../testing/try-operation.ts';
import { cases } from './failover.cases.ts';
import { failover } from './failover.ts';

testOperation(cases);

const orders = {
  id: 'orders',
  instances: [
    { id: 'orders-1', zone: 'a' },
    { id: 'orders-2', zone: 'b' },
  ],
};
const here = (rds: object): Use['estate'] => ({ regions: { 'us-west-2': { rds } } });
const use = (rds: object, resources: object, parameters: object = {}): Use => ({
  operation: failover,
  estate: here(rds),
  resources,
  parameters,
});

describe('the assessment', () => {
  test('names the cluster, its lock, the call and the expected time', async () => {
    const assessment = await assessUse(use({ clusters: [orders] }, { clusters: ['orders'] }));
    expect(assessment).toMatchObject({
      findings: [],
      resources: [{ resourceId: 'orders', lock: 'rds:111122223333:us-west-2:cluster/orders' }],
      calls: [{ iamAction: 'rds:FailoverDBCluster', region: 'us-west-2', count: 1 }],
      estimatedMs: 45_000,
    });
  });

  test.each([
    {
      name: 'a cluster that does not exist',
      given: use({}, { clusters: ['orders'] }),
      rule: 'error ResourceUnresolved resources.clusters[0]',
    },
    {
      name: 'a cluster without a replica',
      given: use({ clusters: [{ id: 'orders', instances: 1 }] }, { clusters: ['orders'] }),
      rule: 'error NoReplica resources.clusters[0]',
    },
    {
      name: 'a target that is no member of the cluster',
      given: use({ clusters: [orders] }, { clusters: ['orders'] }, { targetInstance: 'other' }),
      rule: 'error ResourceUnresolved resources.clusters[0]',
    },
    {
      name: 'a target that is being rebooted',
      given: use(
        { clusters: [{ id: 'orders', instances: [{ id: 'a' }, { id: 'b', status: 'rebooting' }] }] },
        { clusters: ['orders'] },
        { targetInstance: 'b' },
      ),
      rule: 'error TargetUnavailable resources.clusters[0]',
    },
    {
      name: 'a target that writes already',
      given: use({ clusters: [orders] }, { clusters: ['orders'] }, { targetInstance: 'orders-1' }),
      rule: 'info NothingToDo resources.clusters[0]',
    },
    {
      name: 'a best replica in the zone of the writer',
      given: use(
        {
          clusters: [
            {
              id: 'orders',
              instances: [
                { id: 'a', zone: 'a' },
                { id: 'b', zone: 'a' },
              ],
            },
          ],
        },
        { clusters: ['orders'] },
      ),
      rule: 'warning SameZone resources.clusters[0]',
    },
    {
      name: 'a cluster that is being changed',
      given: use({ clusters: [{ ...orders, status: 'modifying' }] }, { clusters: ['orders'] }),
      rule: 'warning NotAvailable resources.clusters[0]',
    },
    {
      name: 'an instance without a standby',
      given: use({ instances: [{ id: 'audit' }] }, { instances: ['audit'] }),
      rule: 'error NotMultiAz resources.instances[0]',
    },
    {
      name: 'an instance that is a member of a cluster',
      given: use({ clusters: [orders] }, { instances: ['orders-1'] }),
      rule: 'error NotMultiAz resources.instances[0]',
    },
  ])('finds $name', async ({ given, rule }) => {
    expect(rulesOf(await assessUse(given))).toEqual([rule]);
  });
});

describe('a global cluster', () => {
  const world: Use['estate'] = {
    regions: {
      'us-east-1': {
        rds: {
          clusters: [{ id: 'east' }],
          globalClusters: [
            { id: 'ledger', primary: 'us-east-1/east', secondaries: ['us-west-2/west', 'eu-west-1/euro'] },
          ],
        },
      },
      'us-west-2': { rds: { clusters: [{ id: 'west' }] } },
      'eu-west-1': { rds: { clusters: [{ id: 'euro' }] } },
    },
  };
  const globalUse = (parameters: object): Use => ({
    operation: failover,
    estate: world,
    resources: { globalClusters: ['ledger'] },
    parameters,
  });

  test.each([
    { name: 'no mode', parameters: { targetRegion: 'us-west-2' }, rule: 'DataLossChoiceMissing' },
    {
      name: 'a failover that is not allowed to lose data',
      parameters: { mode: 'failover', targetRegion: 'us-west-2' },
      rule: 'DataLossChoiceMissing',
    },
    {
      name: 'two secondaries and no choice between them',
      parameters: { mode: 'switchover' },
      rule: 'ResourceUnresolved',
    },
    {
      name: 'no member in the Region',
      parameters: { mode: 'switchover', targetRegion: 'ap-south-1' },
      rule: 'ResourceUnresolved',
    },
  ])(
    'with $name is found in the assessment, and refused with nothing called',
    async ({ parameters, rule }) => {
      const given = globalUse(parameters);
      expect(rulesOf(await assessUse(given))).toEqual([`error ${rule} resources.globalClusters[0]`]);
      const run = await runOperation(useOf(given));
      expect(run.outcomes).toMatchObject([{ resourceId: 'ledger', status: 'failed', error: { code: rule } }]);
      expect(run.simulation.stats.effects()).toBe(0);
    },
  );

  test('moves to the cluster that is named, although the Region of its primary is gone', async () => {
    const given = useOf(globalUse({ mode: 'failover', allowDataLoss: true, targetCluster: 'euro' }));
    const run = await runOperation(given, { faults: [{ fault: 'regionDown', region: 'us-east-1' }] });
    expect(run).toMatchObject({
      status: 'completed',
      results: {
        failovers: [
          {
            id: 'ledger',
            kind: 'globalCluster',
            before: 'arn:aws:rds:us-east-1:111122223333:cluster:east',
            after: 'arn:aws:rds:eu-west-1:111122223333:cluster:euro',
          },
        ],
      },
    });
  });
});

describe('a run', () => {
  test('records who wrote before and who writes now', async () => {
    const run = await runOperation(useOf(use({ clusters: [orders] }, { clusters: ['orders'] })));
    expect(run.results).toEqual({
      failovers: [
        {
          id: 'orders',
          kind: 'cluster',
          status: 'completed',
          before: 'orders-1',
          after: 'orders-2',
          changed: true,
        },
      ],
    });
    expect(run.outcomes).toMatchObject([
      { resourceId: 'orders', status: 'completed', detail: 'orders-2 is the primary now' },
    ]);
  });

  test('calls nothing when the named instance writes already', async () => {
    const given = useOf(
      use({ clusters: [orders] }, { clusters: ['orders'] }, { targetInstance: 'orders-1' }),
    );
    const run = await runOperation(given);
    expect(run.results).toMatchObject({
      failovers: [{ before: 'orders-1', after: 'orders-1', changed: false }],
    });
    expect(run.simulation.stats.effects()).toBe(0);
  });

  test('fails when RDS abandons the failover', async () => {
    const audit = { id: 'audit', multiAz: true, failover: 'abandon' };
    const run = await runOperation(useOf(use({ instances: [audit] }, { instances: ['audit'] })));
    expect(run).toMatchObject({
      status: 'failed',
      error: { message: 'audit: RDS reports that the failover of audit failed' },
    });
  });

  test('works on a retry only on what failed', async () => {
    const given = use({ clusters: [orders, { id: 'ledger' }] }, { clusters: ['orders', 'ledger'] });
    const run = await runOperation(useOf({ ...given, context: { only: ['ledger'] } }));
    expect(run.outcomes.map(({ resourceId }) => resourceId)).toEqual(['ledger']);
    expect(run.simulation.stats.effects()).toBe(1);
  });

  test('of a second attempt does not move back what the first has moved after it was given up', async () => {
    const given = useOf({
      ...use({ clusters: [orders] }, { clusters: ['orders'] }),
      context: { attempt: 2 },
    });
    const stage = setStage(given);
    await stage.context().aws.for({}).rds.failoverDBCluster({ DBClusterIdentifier: 'orders' });
    await stage.clock.sleep(120_000);
    const run = await runOnStage(given, stage);
    expect(run).toMatchObject({ status: 'completed', outcomes: [{ detail: 'orders-2 is the primary now' }] });
    const scope = { world: stage.simulation.world, accountId: ACCOUNT, region: 'us-west-2' };
    expect(failovers(scope).size).toBe(1);
  });

  test('waits for a cluster that fails over by itself, and then does what was asked', async () => {
    const given = useOf(
      use({ clusters: [orders] }, { clusters: ['orders'] }, { targetInstance: 'orders-2' }),
    );
    const stage = setStage(given);
    await stage.context().aws.for({}).rds.failoverDBCluster({ DBClusterIdentifier: 'orders' });
    const run = await runOnStage(given, stage);
    expect(run).toMatchObject({
      status: 'completed',
      outcomes: [{ detail: 'orders-2 was the primary already' }],
    });
  });

  test('without the right to call says so', async () => {
    const given = useOf(use({ clusters: [orders] }, { clusters: ['orders'] }));
    const denied = { fault: 'error', code: 'AccessDenied', operation: 'FailoverDBCluster', httpStatus: 403 };
    const run = await runOperation(given, { faults: [denied] });
    expect(run).toMatchObject({ status: 'failed', outcomes: [{ error: { code: 'rds:AccessDenied' } }] });
  });
});

test('the resources and parameters are strict', () => {
  expect(failover.resources.safeParse({}).success).toBe(false);
  expect(failover.resources.safeParse({ cluster: ['a'] }).success).toBe(false);
  expect(failover.parameters.safeParse({ allowDataloss: true }).success).toBe(false);
});
