import type {
  DescribeTargetHealthCommandInput,
  TargetHealth,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Call } from '#sim/kernel/contract.ts';
import { findInstance } from '#sim/services/ec2/instances.ts';
import { getTargetGroup, targets, type TargetGroupRow, type TargetRow } from './rows.ts';
import { place } from './targets.ts';

/** The named targets, or all that are registered or draining. */
export function describeTargetHealth(call: Call, input: DescribeTargetHealthCommandInput) {
  const group = getTargetGroup(call, input.TargetGroupArn);
  const registered = targets(call, group.name)
    .all()
    .filter((row) => row.drainedAt === null || call.now < row.drainedAt);
  const wanted = input.Targets?.map((target) => place(group, target)) ?? registered;
  return {
    TargetHealthDescriptions: wanted.map(({ id, port }): TargetHealthDescription => {
      const row = registered.find((target) => target.id === id && target.port === port);
      return {
        Target: { Id: id, Port: port },
        HealthCheckPort: String(port),
        TargetHealth: row === undefined ? NOT_REGISTERED : healthOf(call, group, row),
      };
    }),
  };
}

const NOT_REGISTERED: TargetHealth = {
  State: 'unused',
  Reason: 'Target.NotRegistered',
  Description: 'Target is not registered to the target group',
};

/** initial until `healthyThreshold` checks have been made since registration or first use, whichever is later. */
function healthOf(call: Call, group: TargetGroupRow, row: TargetRow): TargetHealth {
  if (row.drainedAt !== null) {
    return {
      State: 'draining',
      Reason: 'Target.DeregistrationInProgress',
      Description: 'Target deregistration is in progress',
    };
  }
  if (group.usedSince === null) {
    return {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target group is not configured to receive traffic from the load balancer',
    };
  }
  const instance = group.targetType === 'instance' ? findInstance(call, row.id) : undefined;
  if (group.targetType === 'instance' && instance?.state !== 'running') {
    return {
      State: 'unused',
      Reason: 'Target.InvalidState',
      Description: `Target is in the ${instance?.state ?? 'terminated'} state`,
    };
  }
  const checkedAt =
    Math.max(row.registeredAt, group.usedSince) + group.healthyThreshold * group.intervalSeconds * 1_000;
  if (call.now < checkedAt) {
    return {
      State: 'initial',
      Reason: 'Elb.InitialHealthChecking',
      Description: 'Initial health checks in progress',
    };
  }
  const names = new Set(['*', row.id, instance?.tags['Name']]);
  const fails = group.unhealthyTargets.some((name) => names.has(name));
  return fails
    ? { State: 'unhealthy', Reason: 'Target.FailedHealthChecks', Description: 'Health checks failed' }
    : { State: 'healthy' };
}
