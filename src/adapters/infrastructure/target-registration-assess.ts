import type { Finding } from '#core/outcome.ts';
import type { Assessment, OperationContext, OperationInput, PlannedCall } from '../contract.ts';
import { lookAt } from './target-group.ts';
import type {
  RegistrationParameters,
  RegistrationResources,
  TargetGroupEntry,
} from './target-registration-schema.ts';

type Part = Pick<Assessment, 'findings' | 'resources' | 'calls' | 'estimatedMs'>;

/** The dry run of `infrastructure/target_registration`: each target group, what it has, and what it would get. */
export async function assessRegistration(
  context: OperationContext,
  { resources }: OperationInput<RegistrationResources, RegistrationParameters>,
): Promise<Assessment> {
  const due = resources.targetGroups
    .map((entry, i) => ({ entry, path: `resources.targetGroups[${i}]` }))
    .filter(({ entry }) => context.only === null || context.only.includes(entry.targetGroup));
  const parts = await Promise.all(due.map(({ entry, path }) => assessGroup(context, entry, path)));
  return {
    findings: parts.flatMap(({ findings }) => findings),
    resources: parts.flatMap((part) => part.resources),
    calls: parts.flatMap(({ calls }) => calls),
    quotas: [],
    estimatedMs: Math.max(0, ...parts.map(({ estimatedMs }) => estimatedMs)),
    estimateBasis: 'healthy threshold x interval of the health check, as the target group is configured',
  };
}

async function assessGroup(context: OperationContext, entry: TargetGroupEntry, path: string): Promise<Part> {
  const seen = await lookAt(context, entry);
  const about = { path, value: entry.targetGroup };
  if ('problem' in seen) {
    const finding: Finding = {
      level: 'error',
      rule: seen.rule,
      ...about,
      message: seen.problem,
      remedy: seen.remedy,
    };
    return { findings: [finding], resources: [], calls: [], estimatedMs: 0 };
  }
  const { group, wanted, missing, others } = seen;
  const { accountId, region } = context.aws.for(context);
  const where = { ...(accountId === undefined ? {} : { accountId }), region };
  const call = (name: string, targets: number, summary: string): PlannedCall[] =>
    targets === 0 ? [] : [{ iamAction: `elasticloadbalancing:${name}`, ...where, count: 1, summary }];
  const name = group.TargetGroupName ?? entry.targetGroup;
  const removed = entry.deregisterOthers ? others.length : 0;
  const owner = group.TargetGroupArn?.split(':')[4] ?? 'unknown';
  return {
    findings: [
      ...unusedFinding(group.LoadBalancerArns, about),
      ...emptyFinding(context, entry, wanted.length, about),
    ],
    resources: [
      {
        resourceId: entry.targetGroup,
        description: `target group ${name}: ${missing.length} targets to register, ${removed} to take out`,
        lock: `elbv2:${owner}:${region}:targetgroup/${name}`,
      },
    ],
    calls: [
      ...call('RegisterTargets', missing.length, `register ${missing.length} targets in ${name}`),
      ...call('DeregisterTargets', removed, `take ${removed} targets out of ${name}`),
    ],
    estimatedMs: (group.HealthyThresholdCount ?? 5) * (group.HealthCheckIntervalSeconds ?? 30) * 1_000,
  };
}

function unusedFinding(
  loadBalancers: readonly string[] | undefined,
  about: { path: string; value: string },
): Finding[] {
  if ((loadBalancers ?? []).length > 0) return [];
  const message = `no load balancer sends traffic to ${about.value}: its targets will never be healthy`;
  return [
    {
      level: 'error',
      rule: 'TargetGroupUnused',
      ...about,
      message,
      remedy: 'Add it to a listener or a rule.',
    },
  ];
}

/** What earlier waves recover does not exist while a plan is being looked at. */
function emptyFinding(
  { planning }: OperationContext,
  { recovered, protectionGroups }: TargetGroupEntry,
  count: number,
  about: { path: string; value: string },
): Finding[] {
  if (count > 0) return [];
  if (planning && (recovered === true || protectionGroups !== undefined)) {
    const message = `${about.value} gets servers that an earlier wave is to recover`;
    return [{ level: 'info', rule: 'TargetsLater', ...about, message, remedy: 'Nothing to do.' }];
  }
  const message = `there is no instance to register in ${about.value}`;
  const remedy = 'Check the instances, the protection groups and the waves before this one.';
  return [{ level: 'error', rule: 'ResourceUnresolved', ...about, message, remedy }];
}
