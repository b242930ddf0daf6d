import type { Instance } from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServiceError } from '#sim/kernel/contract.ts';
import { drsWorld, type DrsWorld } from './testing.ts';

const COUNT = 3;

const step = fc.oneof(
  fc.record({
    kind: fc.constant('start' as const),
    servers: fc.uniqueArray(fc.nat(COUNT - 1), { minLength: 1 }),
  }),
  fc.record({
    kind: fc.constant('terminate' as const),
    servers: fc.uniqueArray(fc.nat(COUNT - 1), { minLength: 1 }),
  }),
  fc.record({
    kind: fc.constant('terminateInEc2' as const),
    servers: fc.uniqueArray(fc.nat(COUNT - 1), { minLength: 1 }),
  }),
  fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 1200 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

test('whatever is started and terminated when: a server is in one active job at most, and EC2 and DRS agree in the end', () => {
  const accepted = { start: 0, terminate: 0, terminateInEc2: 0 };
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 40 }), (steps) => {
      const world = drsWorld({ failProbability: 0.2, generate: { count: COUNT } });
      const ids = world.serverIds();
      for (const next of steps) {
        if (act(world, ids, next) && next.kind !== 'pass') accepted[next.kind]++;
        expectOneActiveJobEach(world);
      }
      world.pass(3000);
      expectAgreement(world);
    }),
    { numRuns: 60 },
  );
  expect(Math.min(...Object.values(accepted))).toBeGreaterThan(20);
});

/** Answers whether AWS accepted it. */
function act(world: DrsWorld, ids: readonly string[], next: Step): boolean {
  if (next.kind === 'pass') {
    world.pass(next.seconds);
    return true;
  }
  const servers = next.servers.map((index) => ids[index]!);
  const instances = world
    .recoveryInstances({ sourceServerIDs: servers })
    .map(({ ec2InstanceID }) => ec2InstanceID);
  const calls = {
    start: () => world.start(servers),
    terminate: () => world.invoke('TerminateRecoveryInstances', { recoveryInstanceIDs: instances }),
    terminateInEc2: () => world.invoke('TerminateInstances', { InstanceIds: instances }, { service: 'ec2' }),
  };
  try {
    calls[next.kind]();
    return true;
  } catch (error) {
    // Refusals are answers: a busy server, no instance to terminate.
    if (!(error instanceof ServiceError)) throw error;
    return false;
  }
}

function expectOneActiveJobEach(world: DrsWorld): void {
  const { items } = world.invoke<{
    items: { status: string; participatingServers: { sourceServerID: string }[] }[];
  }>('DescribeJobs', { maxResults: 1000 });
  const busy = items
    .filter(({ status }) => status !== 'COMPLETED')
    .flatMap(({ participatingServers }) => participatingServers.map(({ sourceServerID }) => sourceServerID));
  expect(busy).toHaveLength(new Set(busy).size);
}

/** Every instance that runs is listed by DRS, and belongs to its server; no conversion server is left. */
function expectAgreement(world: DrsWorld): void {
  const { Reservations } = world.invoke<{ Reservations: { Instances: Instance[] }[] }>(
    'DescribeInstances',
    { Filters: [{ Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] }] },
    { service: 'ec2' },
  );
  const running = Reservations.flatMap(({ Instances }) => Instances.map(({ InstanceId }) => InstanceId));
  const listed = world.recoveryInstances();
  const alive = listed.filter(({ ec2InstanceState }) => ec2InstanceState === 'RUNNING');
  expect(new Set(running)).toEqual(new Set(alive.map(({ ec2InstanceID }) => ec2InstanceID)));
  for (const { sourceServerID, recoveryInstanceID } of listed) {
    expect(world.server(sourceServerID!).recoveryInstanceId).toBe(recoveryInstanceID);
  }
}
