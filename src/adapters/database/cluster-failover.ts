import type { DBCluster, DBClusterMember, DBInstance } from '@aws-sdk/client-rds';
import type { AwsTarget } from '#aws/aws.ts';
import { hasCode } from '#core/errors.ts';
import { notFound, plannedCall, type FailoverKind, type Target } from './failover-kind.ts';
import { reportFrom } from './rds-events.ts';

/** The in-Region failover of an Aurora cluster or a Multi-AZ DB cluster to another of its members. */
export function clusterFailover(params: {
  readonly target: AwsTarget;
  readonly id: string;
  readonly path: string;
  /** The member that is to write. `undefined`: the best replica. */
  readonly wanted: string | undefined;
  readonly signal: AbortSignal;
}): FailoverKind {
  const { target, id, path, wanted, signal } = params;
  return {
    kind: 'cluster',
    id,
    path,
    async look() {
      const cluster = await findCluster(target, id, signal);
      if (cluster === null) return null;
      const writer = cluster.DBClusterMembers?.find((member) => member.IsClusterWriter === true);
      return {
        primary: writer?.DBInstanceIdentifier ?? null,
        isSettled: cluster.Status === 'available',
        status: cluster.Status ?? 'unknown',
        description: `${cluster.Engine} cluster ${id} with ${cluster.DBClusterMembers?.length ?? 0} instances`,
        lock: `rds:${accountOf(cluster.DBClusterArn)}:${target.region}:cluster/${cluster.DBClusterIdentifier}`,
      };
    },
    async choose() {
      const cluster = await findCluster(target, id, signal);
      if (cluster === null) return notFound('cluster', id);
      return chooseMember(cluster, await readMembers(target, cluster, signal), wanted);
    },
    failOver: (to) =>
      target.rds.failoverDBCluster({ DBClusterIdentifier: id, TargetDBInstanceIdentifier: to }, signal),
    report: (since) => reportFrom(target, { type: 'db-cluster', id: id.toLowerCase() }, { since, signal }),
    call: plannedCall(
      target,
      'rds:FailoverDBCluster',
      `fail over cluster ${id} to ${wanted ?? 'its best replica'}`,
    ),
    estimatedMs: 45_000,
    estimateBasis: 'Aurora with a replica: under 60 s, often under 30 (AWS documentation)',
  };
}

/** `null`: there is none of this id here. */
export async function findCluster(
  target: AwsTarget,
  id: string,
  signal: AbortSignal,
): Promise<DBCluster | null> {
  try {
    const [cluster] = await target.rds.describeDBClusters({ DBClusterIdentifier: id }, signal);
    return cluster ?? null;
  } catch (error) {
    if (hasCode(error, 'AwsNotFound')) return null;
    throw error;
  }
}

/** The account in an ARN. */
export function accountOf(arn: string | undefined): string {
  return arn?.split(':')[4] ?? 'unknown';
}

async function readMembers(
  target: AwsTarget,
  cluster: DBCluster,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, DBInstance>> {
  const Filters = [{ Name: 'db-cluster-id', Values: [cluster.DBClusterIdentifier ?? ''] }];
  const instances = await target.rds.describeDBInstances({ Filters }, signal);
  return new Map(instances.map((instance) => [instance.DBInstanceIdentifier ?? '', instance]));
}

/** Statuses in which an instance can serve: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html */
const USABLE = new Set([
  'available',
  'backing-up',
  'storage-optimization',
  'configuring-enhanced-monitoring',
]);

function chooseMember(
  cluster: DBCluster,
  instances: ReadonlyMap<string, DBInstance>,
  wanted: string | undefined,
): Target {
  const members = cluster.DBClusterMembers ?? [];
  const readers = members.filter((member) => member.IsClusterWriter !== true);
  const usable = (member: DBClusterMember): boolean =>
    USABLE.has(instances.get(idOf(member))?.DBInstanceStatus ?? '');
  if (wanted === undefined) {
    return bestReplica(
      cluster,
      readers.filter(usable),
      (member) => instances.get(idOf(member))?.AvailabilityZone,
    );
  }
  const member = members.find((one) => idOf(one) === wanted.toLowerCase());
  if (member === undefined) {
    const problem = `${wanted} is not a member of cluster ${cluster.DBClusterIdentifier}; it has ${members.map(idOf).join(', ') || 'none'}`;
    return {
      rule: 'ResourceUnresolved',
      problem,
      remedy: 'Name one of its instances, or leave targetInstance out.',
    };
  }
  if (member.IsClusterWriter !== true && !usable(member)) {
    const status = instances.get(idOf(member))?.DBInstanceStatus ?? 'unknown';
    const problem = `${wanted} cannot take over: its status is ${status}`;
    return {
      rule: 'TargetUnavailable',
      problem,
      remedy: 'Wait until it is available, or choose another instance.',
    };
  }
  return { id: idOf(member), isExact: true };
}

/** The lowest promotion tier counts first, as in Aurora itself; among equals, an instance in another zone than the writer's. */
function bestReplica(
  cluster: DBCluster,
  usable: readonly DBClusterMember[],
  zoneOf: (member: DBClusterMember) => string | undefined,
): Target {
  const writer = cluster.DBClusterMembers?.find((member) => member.IsClusterWriter === true);
  const writerZone = writer === undefined ? undefined : zoneOf(writer);
  const isNear = (member: DBClusterMember): number => Number(zoneOf(member) === writerZone);
  const [best] = usable.toSorted(
    (a, b) => (a.PromotionTier ?? 15) - (b.PromotionTier ?? 15) || isNear(a) - isNear(b),
  );
  if (best === undefined) {
    const problem = `cluster ${cluster.DBClusterIdentifier} has no available replica to fail over to`;
    return {
      rule: 'NoReplica',
      problem,
      remedy: 'Add a replica: without one, Aurora has to create the writer anew.',
    };
  }
  const inOneZone =
    isNear(best) === 1
      ? { warning: `its best replica ${idOf(best)} is in the writer's own Availability Zone` }
      : {};
  return { id: idOf(best), isExact: false, ...inOneZone };
}

function idOf({ DBInstanceIdentifier = '' }: DBClusterMember): string {
  return DBInstanceIdentifier;
}
