import type { Simulation } from '#sim/index.ts';
import { targets } from '#sim/services/elbv2/rows.ts';
import { ACCOUNT, recoveredServer, type OperationCase } from '../testing/operation-case.ts';
import { targetRegistration } from './target-registration.ts';

const rowsOf = ({ world }: Simulation, group: string) =>
  targets({ world, accountId: ACCOUNT, region: 'us-west-2' }, group).all();
const idsIn = (simulation: Simulation, group: string): string[] =>
  rowsOf(simulation, group)
    .filter(({ drainedAt }) => drainedAt === null)
    .map(({ id }) => id)
    .sort();

/** Registering sets a state: what counts is which targets came in or went out. */
function countMoves(simulation: Simulation): number {
  const startedAt = Date.parse('2026-03-01T10:00:00Z');
  const moved = rowsOf(simulation, 'web').flatMap(({ registeredAt, drainedAt }) => [registeredAt, drainedAt]);
  return moved.filter((at) => at !== null && at > startedAt).length;
}

const estate = (group: object = {}, more: object = {}) => ({
  regions: {
    'us-west-2': {
      ...more,
      ec2: { instances: [{ id: 'i-0old' }, { id: 'i-0new' }, { id: 'i-0two' }] },
      elbv2: {
        targetGroups: [{ name: 'web', targets: ['i-0old'], ...group }],
        loadBalancers: [{ name: 'front', listeners: [{ port: 80, forward: 'web' }] }],
      },
    },
  },
});

export const cases: OperationCase[] = [
  {
    name: 'named and recovered instances come in, and when they are healthy the others go',
    operation: targetRegistration,
    estate: estate(),
    resources: {
      targetGroups: [{ targetGroup: 'web', instances: ['i-0new'], recovered: true, deregisterOthers: true }],
    },
    context: {
      recoveredServers: [recoveredServer('i-0two')],
    },
    countEffects: countMoves,
    effects: 3,
    isDone: (simulation) => idsIn(simulation, 'web').join() === 'i-0new,i-0two',
    // The two go, and the one that came out comes in again.
    undone: { is: (simulation) => idsIn(simulation, 'web').join() === 'i-0old', effects: 2 },
  },
  {
    name: 'what was recovered of a protection group comes in',
    operation: targetRegistration,
    estate: estate(
      {},
      { drs: { sourceServers: [{ id: 's-00000000000000001', hostname: 'one', tags: { Tier: 'web' } }] } },
    ),
    resources: { targetGroups: [{ targetGroup: 'web', protectionGroups: ['web'] }] },
    context: {
      protectionGroups: [{ groupId: 'web', tags: { Tier: 'web' } }],
      recoveredServers: [recoveredServer('i-0two')],
    },
    countEffects: countMoves,
    effects: 1,
    isDone: (simulation) => idsIn(simulation, 'web').join() === 'i-0old,i-0two',
    undone: { is: (simulation) => idsIn(simulation, 'web').join() === 'i-0old', effects: 1 },
  },
  {
    name: 'an instance that never becomes healthy',
    operation: targetRegistration,
    estate: estate({ unhealthyTargets: ['i-0new'] }),
    resources: { targetGroups: [{ targetGroup: 'web', instances: ['i-0new'], deregisterOthers: true }] },
    parameters: { healthTimeout: 'PT5M' },
    ends: 'failed',
    countEffects: countMoves,
    effects: 1,
    isDone: () => false,
  },
];
