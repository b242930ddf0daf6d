import type { Simulation } from '#sim/index.ts';
import { clusters, failovers, globalClusters, instances } from '#sim/services/rds/rows.ts';
import { ACCOUNT, type OperationCase } from '../testing/operation-case.ts';
import { failover } from './failover.ts';

const at = ({ world }: Simulation, region = 'us-west-2') => ({ world, accountId: ACCOUNT, region });
const countIn =
  (region: string) =>
  (simulation: Simulation): number =>
    failovers(at(simulation, region)).size;

const orders = {
  id: 'orders',
  instances: [
    { id: 'orders-1', zone: 'a' },
    { id: 'orders-2', zone: 'a', tier: 1 },
    { id: 'orders-3', zone: 'b', tier: 1 },
  ],
};

const world = {
  regions: {
    'us-east-1': {
      rds: {
        clusters: [{ id: 'ledger-east' }],
        globalClusters: [
          { id: 'ledger', primary: 'us-east-1/ledger-east', secondaries: ['us-west-2/ledger-west'] },
        ],
      },
    },
    'us-west-2': { rds: { clusters: [{ id: 'ledger-west' }] } },
  },
};

export const cases: OperationCase[] = [
  {
    name: 'a cluster fails over to its best replica',
    operation: failover,
    estate: { regions: { 'us-west-2': { rds: { clusters: [orders] } } } },
    resources: { clusters: ['orders'] },
    countEffects: countIn('us-west-2'),
    effects: 1,
    isDone: (simulation) => {
      const { writer, status } = clusters(at(simulation)).get('orders')!;
      return writer === 'orders-3' && status === 'available';
    },
    undone: { is: (simulation) => clusters(at(simulation)).get('orders')!.writer === 'orders-1', effects: 1 },
  },
  {
    name: 'a cluster and a Multi-AZ instance fail over side by side',
    operation: failover,
    estate: {
      regions: { 'us-west-2': { rds: { clusters: [orders], instances: [{ id: 'audit', multiAz: true }] } } },
    },
    resources: { clusters: ['orders'], instances: ['audit'] },
    parameters: { targetInstance: { orders: 'orders-2' } },
    countEffects: countIn('us-west-2'),
    effects: 2,
    isDone: (simulation) =>
      clusters(at(simulation)).get('orders')!.writer === 'orders-2' &&
      instances(at(simulation)).get('audit')!.availabilityZone === 'us-west-2b',
    undone: {
      is: (simulation) =>
        clusters(at(simulation)).get('orders')!.writer === 'orders-1' &&
        instances(at(simulation)).get('audit')!.availabilityZone === 'us-west-2a',
      effects: 2,
    },
  },
  {
    name: 'a global cluster fails over with data loss allowed',
    operation: failover,
    estate: world,
    resources: { globalClusters: ['ledger'] },
    parameters: { mode: 'failover', allowDataLoss: true },
    countEffects: countIn('global'),
    effects: 1,
    isDone: (simulation) => {
      const { writerArn, failoverState } = globalClusters(at(simulation)).get('ledger')!;
      return writerArn.includes(':us-west-2:') && failoverState === null;
    },
    undone: {
      is: (simulation) => globalClusters(at(simulation)).get('ledger')!.writerArn.includes(':us-east-1:'),
      effects: 1,
    },
  },
  {
    name: 'a cluster that is a member of a global cluster switches over to another Region',
    operation: failover,
    estate: world,
    resources: { clusters: ['ledger-east'] },
    parameters: { mode: 'switchover', targetRegion: 'us-west-2' },
    countEffects: countIn('global'),
    effects: 1,
    isDone: (simulation) => {
      const { writerArn, failoverState } = globalClusters(at(simulation)).get('ledger')!;
      return writerArn.includes(':us-west-2:') && failoverState === null;
    },
  },
  {
    name: 'a cluster whose failover goes wrong',
    operation: failover,
    estate: { regions: { 'us-west-2': { rds: { clusters: [{ id: 'orders', failover: 'fail' }] } } } },
    resources: { clusters: ['orders'] },
    ends: 'failed',
    countEffects: countIn('us-west-2'),
    effects: 1,
    isDone: () => false,
  },
];
