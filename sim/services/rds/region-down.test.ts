import {
  FailoverGlobalClusterCommand,
  InvalidDBClusterStateFault,
  RDSClient,
  SwitchoverGlobalClusterCommand,
} from '@aws-sdk/client-rds';
import { expect, test } from 'vitest';
import type { Clock } from '#core/clock.ts';
import { createSimulation, parseScenario } from '#sim/index.ts';
import { ACCOUNT, START } from '../testing.ts';

/** Moves to Frankfurt, asked of a Region, after some minutes of a scenario with one fault. */
function bank(fault: object) {
  let now = START;
  const regions = {
    'eu-west-1': {
      rds: {
        clusters: [{ id: 'ledger' }],
        globalClusters: [
          { id: 'bank', primary: 'eu-west-1/ledger', secondaries: ['eu-central-1/ledger-dr'] },
        ],
      },
    },
    'eu-central-1': { rds: { clusters: [{ id: 'ledger-dr' }] } },
    'eu-north-1': {},
  };
  const scenario = parseScenario({
    name: 'outage',
    startsAt: new Date(START).toISOString(),
    accounts: [{ accountId: ACCOUNT, regions }],
    faults: [{ fault: 'regionDown', ...fault }],
  });
  const simulation = createSimulation({ scenario, clock: { now: () => now } as Clock });
  const target = {
    GlobalClusterIdentifier: 'bank',
    TargetDbClusterIdentifier: `arn:aws:rds:eu-central-1:${ACCOUNT}:cluster:ledger-dr`,
  };
  const client = (region: string) => new RDSClient(simulation.clientConfig({ region }));
  return {
    pass: (minutes: number) => void (now += minutes * 60_000),
    switchover: (from: string) => client(from).send(new SwitchoverGlobalClusterCommand(target)),
    failover: (from: string) =>
      client(from).send(new FailoverGlobalClusterCommand({ ...target, AllowDataLoss: true })),
  };
}

test('while the Region of the primary is down, a switchover is refused and a failover is not', async () => {
  const sim = bank({ region: 'eu-west-1' });
  await expect(sim.switchover('eu-central-1')).rejects.toBeInstanceOf(InvalidDBClusterStateFault);
  const { GlobalCluster } = await sim.failover('eu-central-1');
  expect(GlobalCluster?.Status).toBe('failing-over');
});

test('while the Region of the target is down, both are refused', async () => {
  const sim = bank({ region: 'eu-central-1', service: 'rds' });
  await expect(sim.switchover('eu-west-1')).rejects.toBeInstanceOf(InvalidDBClusterStateFault);
  await expect(sim.failover('eu-north-1')).rejects.toBeInstanceOf(InvalidDBClusterStateFault);
});

test('a Region that is not down yet, or for RDS, or only for some requests, is up', async () => {
  const later = bank({ region: 'eu-west-1', after: 'PT5M', for: 'PT1M' });
  later.pass(5);
  await expect(later.switchover('eu-central-1')).rejects.toBeInstanceOf(InvalidDBClusterStateFault);
  later.pass(1);
  await later.switchover('eu-central-1');
  await bank({ region: 'eu-west-1', service: 'drs' }).switchover('eu-central-1');
  await bank({ region: 'eu-west-1', times: 1 }).switchover('eu-central-1');
});
