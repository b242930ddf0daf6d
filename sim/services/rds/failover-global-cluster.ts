import type {
  FailoverGlobalClusterCommandInput,
  SwitchoverGlobalClusterCommandInput,
} from '@aws-sdk/client-rds';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { globalClusterView } from './describe-global-clusters.ts';
import { emit, type EventCode } from './events.ts';
import { acceptFailover } from './failovers.ts';
import {
  clusters,
  findMemberCluster,
  getGlobalCluster,
  globalClusters,
  locate,
  type ClusterRow,
  type FailoverRow,
  type GlobalClusterRow,
  type Scoped,
} from './rows.ts';

interface GlobalFailoverStep {
  readonly globalClusterId: string;
  readonly fromArn: string;
  readonly toArn: string;
  readonly dataLossAllowed: boolean;
  readonly outcome: FailoverRow['outcome'];
  /** For the resynchronisation of the old primary after a failover with data loss. */
  readonly resyncMs: number;
}

type Move = 'failover' | 'switchover';

/** Without `AllowDataLoss` this is a switchover, as in AWS: in a real outage that fails. */
export function failoverGlobalCluster(call: Call, input: FailoverGlobalClusterCommandInput) {
  if (input.AllowDataLoss === true && input.Switchover === true) {
    throw new ServiceError(
      'InvalidParameterCombination',
      "AllowDataLoss and Switchover can't be specified together.",
      {
        httpStatus: 400,
      },
    );
  }
  return move(call, input, input.AllowDataLoss === true ? 'failover' : 'switchover');
}

export function switchoverGlobalCluster(call: Call, input: SwitchoverGlobalClusterCommandInput) {
  return move(call, input, 'switchover');
}

function move(call: Call, input: SwitchoverGlobalClusterCommandInput, kind: Move) {
  const globalCluster = getGlobalCluster(call, input.GlobalClusterIdentifier);
  const target = targetOf(call, globalCluster, input.TargetDbClusterIdentifier ?? '');
  assertCanMove(call, globalCluster, target, kind);
  const fromArn = globalCluster.writerArn;
  const dataLossAllowed = kind === 'failover';
  const globalScope = { ...call, region: 'global' };
  const failover = acceptFailover(
    globalScope,
    { kind: `global-${kind}`, resource: globalCluster.id, from: fromArn, to: target.arn },
    { behaviour: globalCluster.behaviour, drawSeconds: (id) => drawSeconds(call, id, kind) },
  );
  schedule(globalScope, failover, {
    globalClusterId: globalCluster.id,
    fromArn,
    toArn: target.arn,
    dataLossAllowed,
    outcome: failover.outcome,
    resyncMs: Math.round(call.world.random(`rds.resync/${failover.id}`).uniform(300, 900) * 1_000),
  });
  tell(call, target.arn, '0181', kind);
  const changed = globalClusters(call).patch(globalCluster.id, {
    status: kind === 'failover' ? 'failing-over' : 'switching-over',
    failoverState: { status: 'pending', fromArn, toArn: target.arn, dataLossAllowed },
  });
  return { GlobalCluster: globalClusterView(call, changed) };
}

function targetOf(call: Call, globalCluster: GlobalClusterRow, arn: string): ClusterRow {
  const target = findMemberCluster(call, arn);
  const isMember = globalCluster.members.some(({ clusterArn }) => clusterArn === arn);
  if (target === undefined || !isMember) {
    throw new ServiceError(
      'DBClusterNotFoundFault',
      `DBCluster ${arn} not found in global cluster ${globalCluster.id}.`,
    );
  }
  return target;
}

/** A switchover needs both ends healthy, and their Regions; a failover with data loss only the target. */
function assertCanMove(call: Call, globalCluster: GlobalClusterRow, target: ClusterRow, kind: Move): void {
  if (globalCluster.failoverState !== null || globalCluster.status !== 'available') {
    throw new ServiceError(
      'InvalidGlobalClusterStateFault',
      `Global cluster ${globalCluster.id} is in state ${globalCluster.status}: another failover or switchover is in progress.`,
    );
  }
  const refuse = (message: string): never => {
    throw new ServiceError('InvalidDBClusterStateFault', message);
  };
  if (target.arn === globalCluster.writerArn)
    refuse(`DB cluster ${target.id} is already the primary DB cluster.`);
  if (target.status !== 'available') refuse(`DB cluster ${target.id} is in state ${target.status}.`);
  if (isRegionDown(call, target.arn)) refuse(`DB cluster ${target.id} cannot be reached in its Region.`);
  if (target.members.length === 0) refuse(`DB cluster ${target.id} has no DB instances.`);
  const primary = findMemberCluster(call, globalCluster.writerArn);
  const isHealthy = primary?.status === 'available' && !isRegionDown(call, primary.arn);
  if (kind === 'switchover' && !isHealthy) {
    refuse(`Primary DB cluster ${globalCluster.writerArn} is not healthy: switchover is not possible.`);
  }
}

function isRegionDown(call: Call, arn: string): boolean {
  const { accountId, region } = locate(call, arn).scope;
  return call.world.isDown({ accountId, region, service: 'rds' });
}

/** Failover: order of minutes, 8 observed. Switchover: 1 to 3 minutes. */
function drawSeconds(call: Call, id: string, kind: Move): number {
  const random = call.world.random(`rds.global/${id}`);
  return kind === 'failover' ? random.uniform(120, 480) : random.uniform(60, 180);
}

function schedule(globalScope: Call, failover: FailoverRow, step: GlobalFailoverStep): void {
  const durationMs = failover.seconds * 1_000;
  const later = (share: number, kind: string): void => {
    const at = globalScope.now + Math.round(durationMs * share);
    globalScope.world.later(globalScope, { at, service: 'rds', kind, data: step });
  };
  later(0.05, 'beginGlobalFailover');
  if (step.outcome === 'stuck') return;
  if (step.outcome === 'succeed') later(0.8, 'promoteSecondary');
  later(1, 'endGlobalFailover');
}

/** The two clusters are checked by now: `pending` becomes `failing-over`. */
export function beginGlobalFailover(call: Call, step: GlobalFailoverStep): void {
  const globalCluster = getGlobalCluster(call, step.globalClusterId);
  if (globalCluster.failoverState === null) return;
  globalClusters(call).patch(step.globalClusterId, {
    failoverState: { ...globalCluster.failoverState, status: 'failing-over' },
  });
  setClusterStatus(call, step.toArn, globalCluster.status);
  if (step.dataLossAllowed) return;
  setClusterStatus(call, step.fromArn, globalCluster.status);
  tell(call, step.toArn, '0183', 'switchover');
}

/** `IsWriter` flips here, before the clusters are `available` again. */
export function promoteSecondary(call: Call, step: GlobalFailoverStep): void {
  const globalCluster = getGlobalCluster(call, step.globalClusterId);
  globalClusters(call).patch(step.globalClusterId, {
    writerArn: step.toArn,
    members: globalCluster.members.map((member) =>
      step.dataLossAllowed && member.clusterArn !== step.toArn
        ? { ...member, synchronization: 'pending-resync' as const }
        : member,
    ),
  });
  if (!step.dataLossAllowed) tell(call, step.fromArn, '0182', 'switchover');
  tell(call, step.toArn, '0184', moveOf(step));
}

export function endGlobalFailover(call: Call, step: GlobalFailoverStep): void {
  globalClusters(call).patch(step.globalClusterId, { status: 'available', failoverState: null });
  setClusterStatus(call, step.toArn, 'available');
  if (!step.dataLossAllowed) setClusterStatus(call, step.fromArn, 'available');
  tell(call, step.toArn, step.outcome === 'succeed' ? '0185' : '0187', moveOf(step));
  if (step.outcome === 'succeed' && step.dataLossAllowed) {
    call.world.later(call, { at: call.now + step.resyncMs, service: 'rds', kind: 'endResync', data: step });
  }
}

/** The old primary has been rebuilt as a secondary. */
export function endResync(call: Call, step: GlobalFailoverStep): void {
  const globalCluster = getGlobalCluster(call, step.globalClusterId);
  globalClusters(call).patch(step.globalClusterId, {
    members: globalCluster.members.map((member) => ({ ...member, synchronization: 'connected' as const })),
  });
}

function moveOf(step: GlobalFailoverStep): Move {
  return step.dataLossAllowed ? 'failover' : 'switchover';
}

function setClusterStatus(call: Scoped, arn: string, status: string): void {
  const { scope, id } = locate(call, arn);
  if (clusters(scope).has(id)) clusters(scope).patch(id, { status });
}

/** Tells the cluster's own Region. */
function tell(call: Call, arn: string, code: EventCode, kind: Move): void {
  const { scope, id } = locate(call, arn);
  emit({ ...scope, now: call.now }, { id, arn }, code, [id, scope.region, kind]);
}
