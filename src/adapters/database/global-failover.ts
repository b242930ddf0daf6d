import type { GlobalCluster, GlobalClusterMember } from '@aws-sdk/client-rds';
import type { OperationContext } from '../contract.ts';
import { accountOf, findCluster } from './cluster-failover.ts';
import { notFound, plannedCall, type FailoverKind, type Target } from './failover-kind.ts';
import type { FailoverParameters } from './failover-schema.ts';
import { reportFrom } from './rds-events.ts';

type GlobalParameters = Pick<FailoverParameters, 'targetRegion' | 'targetCluster' | 'mode' | 'allowDataLoss'>;

/** The move of an Aurora global cluster's primary to another Region: `switchover` loses nothing, `failover` may. */
export function globalFailover(params: {
  readonly context: OperationContext;
  /** As the plan names it: a global cluster, or a cluster that is a member of one. */
  readonly id: string;
  readonly globalClusterId: string;
  readonly path: string;
  readonly parameters: GlobalParameters;
}): FailoverKind {
  const { context, id, globalClusterId, path, parameters } = params;
  const { signal } = context;
  const here = context.aws.for(context);
  const find = (): Promise<GlobalCluster | null> => findGlobalCluster(context, globalClusterId);
  const isSwitchover = parameters.mode !== 'failover';
  const at = (arn: string) => context.aws.for({ accountId: context.accountId, region: regionOf(arn) });
  return {
    kind: 'globalCluster',
    id,
    path,
    async look(to) {
      const cluster = await find();
      if (cluster === null) return null;
      const primary = writerOf(cluster)?.DBClusterArn;
      return {
        primary: primary ?? null,
        ...(await statusOf(context, cluster, isSwitchover ? [primary, to] : [to])),
        description: `${cluster.Engine} global cluster ${globalClusterId} with ${cluster.GlobalClusterMembers?.length ?? 0} Regions`,
        lock: `rds:${accountOf(cluster.GlobalClusterArn)}:global:global-cluster/${cluster.GlobalClusterIdentifier}`,
      };
    },
    async choose() {
      const cluster = await find();
      if (cluster === null) return notFound('global cluster', globalClusterId);
      return dataLossProblem(parameters) ?? chooseSecondary(cluster, parameters);
    },
    async failOver(to) {
      const input = { GlobalClusterIdentifier: globalClusterId, TargetDbClusterIdentifier: to };
      // Without AllowDataLoss, FailoverGlobalCluster is a switchover, which hangs when the primary's Region is gone.
      if (!isSwitchover) return at(to).rds.failoverGlobalCluster({ ...input, AllowDataLoss: true }, signal);
      const primary = writerOf((await find()) ?? {})?.DBClusterArn ?? to;
      return at(primary).rds.switchoverGlobalCluster(input, signal);
    },
    report: (since, to) => reportFrom(at(to), { type: 'db-cluster', id: nameOf(to) }, { since, signal }),
    call: plannedCall(
      here,
      isSwitchover ? 'rds:SwitchoverGlobalCluster' : 'rds:FailoverGlobalCluster',
      `${isSwitchover ? 'switch over' : 'fail over'} global cluster ${globalClusterId}${isSwitchover ? '' : ', losing what is not replicated'}`,
    ),
    estimatedMs: isSwitchover ? 120_000 : 300_000,
    estimateBasis: isSwitchover
      ? 'Aurora global switchover: 1 to 3 minutes and the replication lag (assumed)'
      : 'Aurora global failover: order of minutes (AWS documentation), 8 observed (n=1)',
  };
}

/** The global cluster that a cluster of this id (or ARN) is a member of; `null`: none. */
export async function findGlobalClusterOf(
  context: OperationContext,
  cluster: string,
): Promise<string | null> {
  const all = await context.aws.for(context).rds.describeGlobalClusters({}, context.signal);
  const owner = all.find(({ GlobalClusterMembers = [] }) =>
    GlobalClusterMembers.some((member) => isNamed(member, cluster)),
  );
  return owner?.GlobalClusterIdentifier ?? null;
}

async function findGlobalCluster(context: OperationContext, id: string): Promise<GlobalCluster | null> {
  const all = await context.aws.for(context).rds.describeGlobalClusters({}, context.signal);
  return all.find(({ GlobalClusterIdentifier }) => GlobalClusterIdentifier === id.toLowerCase()) ?? null;
}

/** At rest when no failover is under way and the clusters that matter are available: in a failover, the old primary may be gone. */
async function statusOf(
  context: OperationContext,
  cluster: GlobalCluster,
  arns: readonly (string | undefined)[],
): Promise<{ isSettled: boolean; status: string }> {
  const state = cluster.FailoverState?.Status;
  if (state !== undefined) return { isSettled: false, status: state };
  if (cluster.Status !== 'available') return { isSettled: false, status: cluster.Status ?? 'unknown' };
  for (const arn of new Set(arns)) {
    if (arn === undefined) continue;
    const target = context.aws.for({ accountId: context.accountId, region: regionOf(arn) });
    const status = (await findCluster(target, nameOf(arn), context.signal))?.Status ?? 'unknown';
    if (status !== 'available') return { isSettled: false, status: `${nameOf(arn)} is ${status}` };
  }
  return { isSettled: true, status: 'available' };
}

function dataLossProblem({ mode, allowDataLoss }: GlobalParameters): Target | null {
  if (mode === 'switchover' || (mode === 'failover' && allowDataLoss === true)) return null;
  const problem =
    mode === undefined
      ? 'a global cluster needs parameters.mode: switchover or failover'
      : 'a global failover loses what is not replicated, and parameters.allowDataLoss is not true';
  const remedy =
    'Write mode: switchover (loses nothing, needs a healthy primary), or mode: failover with allowDataLoss: true.';
  return { rule: 'DataLossChoiceMissing', problem, remedy };
}

function chooseSecondary(cluster: GlobalCluster, { targetRegion, targetCluster }: GlobalParameters): Target {
  const members = cluster.GlobalClusterMembers ?? [];
  const isWanted = (member: GlobalClusterMember): boolean =>
    (targetCluster === undefined || isNamed(member, targetCluster)) &&
    (targetRegion === undefined || regionOf(member.DBClusterArn ?? '') === targetRegion);
  const isNameless = targetCluster === undefined && targetRegion === undefined;
  const candidates = members.filter((member) => (isNameless ? member.IsWriter !== true : isWanted(member)));
  const [only, another] = candidates;
  if (only?.DBClusterArn !== undefined && another === undefined) {
    return { id: only.DBClusterArn, isExact: !isNameless };
  }
  const wanted = isNameless
    ? 'secondary'
    : `member ${[targetCluster, targetRegion].filter(Boolean).join(' in ')}`;
  const count = only === undefined ? 'no' : 'more than one';
  const problem = `global cluster ${cluster.GlobalClusterIdentifier} has ${count} ${wanted}; its members are ${members.map(({ DBClusterArn }) => DBClusterArn).join(', ')}`;
  return { rule: 'ResourceUnresolved', problem, remedy: 'Name one with targetRegion or targetCluster.' };
}

function writerOf({ GlobalClusterMembers = [] }: GlobalCluster): GlobalClusterMember | undefined {
  return GlobalClusterMembers.find((member) => member.IsWriter === true);
}

function isNamed({ DBClusterArn = '' }: GlobalClusterMember, idOrArn: string): boolean {
  return DBClusterArn === idOrArn || nameOf(DBClusterArn) === idOrArn.toLowerCase();
}

function regionOf(arn: string): string {
  return arn.split(':')[3] ?? '';
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
