import type { FailoverDBClusterCommandInput } from '@aws-sdk/client-rds';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { clusterView } from './describe-db-clusters.ts';
import { emit } from './events.ts';
import { acceptFailover } from './failovers.ts';
import {
  clusters,
  findGlobalClusterOf,
  getCluster,
  getInstance,
  instances,
  type ClusterRow,
  type FailoverRow,
} from './rows.ts';

interface FailoverStep {
  readonly clusterId: string;
  readonly to: string;
  readonly outcome: FailoverRow['outcome'];
}

/**
 * Promotes the named member, or the best replica. The writer flips some seconds before the cluster is `available`
 * again, so a caller has to wait for both.
 */
export function failoverDBCluster(call: Call, input: FailoverDBClusterCommandInput) {
  const cluster = getCluster(call, input.DBClusterIdentifier);
  assertCanFailOver(call, cluster);
  const to = input.TargetDBInstanceIdentifier?.toLowerCase() ?? bestReplica(call, cluster) ?? cluster.writer;
  if (to === null || to === undefined) throw invalidState(`DB cluster ${cluster.id} has no DB instances.`);
  if (input.TargetDBInstanceIdentifier !== undefined) assertIsTarget(call, cluster, to);
  const failover = acceptFailover(
    call,
    { kind: 'cluster', resource: cluster.id, from: cluster.writer, to },
    { behaviour: cluster.behaviour, drawSeconds: (id) => drawSeconds(call, id, to === cluster.writer) },
  );
  emit(call, cluster, sameZone(call, cluster.writer, to) ? '0072' : '0073', [to]);
  scheduleFailover(call, { clusterId: cluster.id, to, outcome: failover.outcome }, failover.seconds * 1_000);
  return { DBCluster: clusterView(call, clusters(call).patch(cluster.id, { status: 'failing-over' })) };
}

function assertCanFailOver(call: Call, cluster: ClusterRow): void {
  if (cluster.status !== 'available') {
    throw invalidState(
      `DB cluster ${cluster.id} is not available for failover with status ${cluster.status}.`,
    );
  }
  const globalCluster = findGlobalClusterOf(call, cluster.arn);
  if (globalCluster !== undefined && globalCluster.writerArn !== cluster.arn) {
    throw invalidState(`DB cluster ${cluster.id} is a secondary of global cluster ${globalCluster.id}.`);
  }
}

function assertIsTarget(call: Call, cluster: ClusterRow, target: string): void {
  const instance = getInstance(call, target);
  const refuse = (reason: string): never => {
    throw new ServiceError('InvalidDBInstanceStateFault', `DB instance ${target} ${reason}.`);
  };
  if (instance.clusterId !== cluster.id) refuse(`is not a member of DB cluster ${cluster.id}`);
  if (target === cluster.writer) refuse(`is already the writer of DB cluster ${cluster.id}`);
  if (instance.status !== 'available') refuse(`is not available: its status is ${instance.status}`);
}

/** The available reader with the lowest promotion tier; among equals the first. */
function bestReplica(call: Call, cluster: ClusterRow): string | undefined {
  return cluster.members
    .filter(({ instanceId }) => instanceId !== cluster.writer)
    .filter(({ instanceId }) => instances(call).get(instanceId)?.status === 'available')
    .toSorted((a, b) => a.promotionTier - b.promotionTier)[0]?.instanceId;
}

/** With a replica typically 30 s and under 60; without one the writer is created again, in under 10 minutes. */
function drawSeconds(call: Call, id: string, recreates: boolean): number {
  const random = call.world.random(`rds.failover/${id}`);
  return recreates ? random.uniform(300, 600) : Math.min(59, Math.max(12, random.lognormal(30, 0.2)));
}

function sameZone(call: Call, from: string | null, to: string): boolean {
  const zone = (id: string | null): string | undefined =>
    id === null ? undefined : instances(call).get(id)?.availabilityZone;
  return zone(from) === zone(to);
}

function scheduleFailover(call: Call, step: FailoverStep, durationMs: number): void {
  if (step.outcome === 'stuck') return;
  const later = (at: number, kind: string): void =>
    call.world.later(call, { at, service: 'rds', kind, data: step });
  if (step.outcome === 'succeed') later(call.now + Math.round(durationMs * 0.7), 'flipWriter');
  later(call.now + Math.round(durationMs), 'endClusterFailover');
}

export function flipWriter(call: Call, { clusterId, to }: FailoverStep): void {
  clusters(call).patch(clusterId, { writer: to });
}

export function endClusterFailover(call: Call, { clusterId, to, outcome }: FailoverStep): void {
  const cluster = clusters(call).patch(clusterId, { status: 'available' });
  if (outcome === 'succeed') emit(call, cluster, '0071', [to]);
  else emit(call, cluster, '0069');
}

function invalidState(message: string): ServiceError {
  return new ServiceError('InvalidDBClusterStateFault', message);
}
