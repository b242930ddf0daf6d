import type { DBInstance } from '@aws-sdk/client-rds';
import type { AwsTarget } from '#aws/aws.ts';
import { hasCode } from '#core/errors.ts';
import { accountOf } from './cluster-failover.ts';
import { notFound, plannedCall, type FailoverKind, type Target } from './failover-kind.ts';
import { reportFrom } from './rds-events.ts';

/** The failover of a Multi-AZ DB instance to its standby: a reboot after which the two Availability Zones have changed places. */
export function instanceFailover(params: {
  readonly target: AwsTarget;
  readonly id: string;
  readonly path: string;
  readonly signal: AbortSignal;
}): FailoverKind {
  const { target, id, path, signal } = params;
  const find = (): Promise<DBInstance | null> => findInstance(target, id, signal);
  return {
    kind: 'instance',
    id,
    path,
    async look() {
      const instance = await find();
      if (instance === null) return null;
      return {
        primary: instance.AvailabilityZone ?? null,
        isSettled: instance.DBInstanceStatus === 'available',
        status: instance.DBInstanceStatus ?? 'unknown',
        description: `${instance.Engine} instance ${id} in ${instance.AvailabilityZone}`,
        lock: `rds:${accountOf(instance.DBInstanceArn)}:${target.region}:db/${instance.DBInstanceIdentifier}`,
      };
    },
    async choose() {
      const instance = await find();
      return instance === null ? notFound('DB instance', id) : standbyOf(instance);
    },
    failOver: () => target.rds.rebootDBInstance({ DBInstanceIdentifier: id, ForceFailover: true }, signal),
    report: (since) => reportFrom(target, { type: 'db-instance', id: id.toLowerCase() }, { since, signal }),
    call: plannedCall(target, 'rds:RebootDBInstance', `fail over instance ${id} to its standby`),
    estimatedMs: 90_000,
    estimateBasis: 'RDS Multi-AZ: 60 to 120 s (AWS documentation)',
  };
}

async function findInstance(target: AwsTarget, id: string, signal: AbortSignal): Promise<DBInstance | null> {
  try {
    const [instance] = await target.rds.describeDBInstances({ DBInstanceIdentifier: id }, signal);
    return instance ?? null;
  } catch (error) {
    if (hasCode(error, 'AwsNotFound')) return null;
    throw error;
  }
}

/** The standby's zone may be unknown: then any other zone will do. */
function standbyOf(instance: DBInstance): Target {
  const id = instance.DBInstanceIdentifier;
  if (instance.DBClusterIdentifier !== undefined) {
    const problem = `${id} belongs to cluster ${instance.DBClusterIdentifier}`;
    return { rule: 'NotMultiAz', problem, remedy: 'Name the cluster under clusters.' };
  }
  if (instance.MultiAZ !== true) {
    const problem = `${id} has no standby: it is not Multi-AZ`;
    return { rule: 'NotMultiAz', problem, remedy: 'Make it Multi-AZ, or recover it in another way.' };
  }
  return { id: instance.SecondaryAvailabilityZone ?? 'the standby zone', isExact: false };
}
