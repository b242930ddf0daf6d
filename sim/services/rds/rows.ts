import { ServiceError, type Call, type Scope } from '#sim/kernel/contract.ts';
import type { Table } from '#sim/kernel/world.ts';

/** What a failover of this cluster, instance or global cluster does, as the scenario declares it. */
export interface FailoverBehaviour {
  readonly failover: 'succeed' | 'fail' | 'stuck' | 'abandon';
  /** How many failovers go wrong before they succeed. `null`: all of them. */
  readonly failTimes: number | null;
  /** Fixes the duration. `null`: drawn from the calibrated model. */
  readonly failoverSeconds: number | null;
}

export interface ClusterRow {
  readonly id: string;
  readonly arn: string;
  readonly resourceId: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly databaseName: string | null;
  readonly port: number;
  readonly status: string;
  /** Instance that writes, or would write if this cluster were the primary of its global cluster. */
  readonly writer: string | null;
  readonly members: readonly { readonly instanceId: string; readonly promotionTier: number }[];
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly behaviour: FailoverBehaviour;
}

export interface InstanceRow {
  readonly id: string;
  readonly arn: string;
  readonly resourceId: string;
  readonly clusterId: string | null;
  readonly instanceClass: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly allocatedStorage: number;
  readonly port: number;
  readonly status: string;
  readonly availabilityZone: string;
  readonly secondaryZone: string | null;
  readonly multiAz: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly behaviour: FailoverBehaviour;
}

export interface GlobalClusterRow {
  readonly id: string;
  readonly arn: string;
  readonly resourceId: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly status: string;
  readonly writerArn: string;
  readonly members: readonly {
    readonly clusterArn: string;
    readonly synchronization: 'connected' | 'pending-resync';
  }[];
  readonly failoverState: {
    readonly status: 'pending' | 'failing-over' | 'cancelling';
    readonly fromArn: string;
    readonly toArn: string;
    readonly dataLossAllowed: boolean;
  } | null;
  readonly createdAt: number;
  readonly behaviour: FailoverBehaviour;
}

/** One failover that was accepted, for whoever counts side effects. Kept for ever. */
export interface FailoverRow {
  readonly id: string;
  readonly kind: 'cluster' | 'instance' | 'global-failover' | 'global-switchover';
  readonly resource: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly outcome: FailoverBehaviour['failover'];
  readonly startedAt: number;
  readonly seconds: number;
}

export const clusters = (scope: Scoped): Table<ClusterRow> => scope.world.table(scope, 'rds.clusters');
export const instances = (scope: Scoped): Table<InstanceRow> => scope.world.table(scope, 'rds.instances');
/** Global clusters belong to the account: every Region sees them. */
export const globalClusters = (scope: Scoped): Table<GlobalClusterRow> =>
  scope.world.table({ accountId: scope.accountId, region: 'global' }, 'rds.globalClusters');
/** Accepted failovers of an account and Region (global ones: Region `global`). */
export const failovers = (scope: Scoped): Table<FailoverRow> => scope.world.table(scope, 'rds.failovers');

export type Scoped = Scope & Pick<Call, 'world'>;

export function getCluster(scope: Scoped, idOrArn: string | undefined): ClusterRow {
  const row = find(clusters(scope), idOrArn);
  if (row === undefined) throw new ServiceError('DBClusterNotFoundFault', `DBCluster ${idOrArn} not found.`);
  return row;
}

export function getInstance(scope: Scoped, idOrArn: string | undefined): InstanceRow {
  const row = find(instances(scope), idOrArn);
  if (row === undefined)
    throw new ServiceError('DBInstanceNotFoundFault', `DBInstance ${idOrArn} not found.`);
  return row;
}

export function getGlobalCluster(scope: Scoped, idOrArn: string | undefined): GlobalClusterRow {
  const row = find(globalClusters(scope), idOrArn);
  if (row === undefined) {
    throw new ServiceError('GlobalClusterNotFoundFault', `Global cluster ${idOrArn} not found`);
  }
  return row;
}

/** Region and identifier of the cluster or instance that an ARN names, in the caller's account. */
export function locate(call: Scoped, arn: string): { scope: Scoped; id: string } {
  const region = arn.split(':')[3] ?? '';
  return { scope: { world: call.world, accountId: call.accountId, region }, id: shortName(arn) };
}

/** The cluster behind the ARN of a global cluster's member, if the scenario describes it. */
export function findMemberCluster(call: Scoped, arn: string): ClusterRow | undefined {
  const { scope, id } = locate(call, arn);
  return clusters(scope).get(id);
}

export function findGlobalClusterOf(call: Scoped, clusterArn: string): GlobalClusterRow | undefined {
  return globalClusters(call)
    .all()
    .find((row) => row.members.some((member) => member.clusterArn === clusterArn));
}

/** An ARN has to be the row's own: one of another Region finds nothing here. */
function find<R extends { readonly arn: string }>(
  table: Table<R>,
  idOrArn: string | undefined,
): R | undefined {
  const row = table.get(shortName(idOrArn));
  return idOrArn?.startsWith('arn:') && row?.arn !== idOrArn ? undefined : row;
}

/** Identifiers are stored in lower case and may be given as ARNs. */
function shortName(idOrArn: string | undefined): string {
  if (idOrArn === undefined)
    throw new ServiceError('MissingParameter', 'The identifier must be provided', { httpStatus: 400 });
  return idOrArn.slice(idOrArn.lastIndexOf(':') + 1).toLowerCase();
}
