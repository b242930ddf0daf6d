import type { Finding } from '#core/outcome.ts';
import type { Assessment, OperationContext, OperationInput } from '../contract.ts';
import type { FailoverKind, Sight, Target } from './failover-kind.ts';
import { notFound } from './failover-kind.ts';
import { failoverKinds } from './failover-kinds.ts';
import type { FailoverParameters, FailoverResources } from './failover-schema.ts';

/** The dry run of `database/failover`: who writes now, who would, and whether that can be. */
export async function assessFailover(
  context: OperationContext,
  input: OperationInput<FailoverResources, FailoverParameters>,
): Promise<Assessment> {
  const kinds = (await failoverKinds(context, input)).filter(
    ({ id }) => context.only === null || context.only.includes(id),
  );
  const seen = await Promise.all(
    kinds.map(async (kind) => ({ kind, sight: await kind.look(), target: await kind.choose() })),
  );
  const slowest = kinds.toSorted((a, b) => b.estimatedMs - a.estimatedMs)[0];
  return {
    findings: seen.flatMap((one) => findingsOn(one)),
    resources: seen.flatMap(({ kind, sight }) =>
      sight === null ? [] : [{ resourceId: kind.id, description: sight.description, lock: sight.lock }],
    ),
    calls: kinds.map(({ call }) => call),
    quotas: [],
    estimatedMs: slowest?.estimatedMs ?? 0,
    estimateBasis: slowest?.estimateBasis ?? 'nothing to do',
  };
}

function findingsOn({
  kind,
  sight,
  target,
}: {
  kind: FailoverKind;
  sight: Sight | null;
  target: Target;
}): Finding[] {
  const { id, path } = kind;
  const about = { path, value: id };
  if (sight === null) {
    const { rule, problem, remedy } = notFound(kind.kind, id);
    return [{ level: 'error', rule, ...about, message: problem, remedy }];
  }
  if ('problem' in target) {
    return [{ level: 'error', rule: target.rule, ...about, message: target.problem, remedy: target.remedy }];
  }
  const findings: Finding[] = [];
  if (!sight.isSettled) {
    const message = `${id} is not at rest: ${sight.status}`;
    findings.push({
      level: 'warning',
      rule: 'NotAvailable',
      ...about,
      message,
      remedy: 'The failover waits until it is available.',
    });
  }
  if (sight.primary === target.id) {
    const message = `${target.id} is the primary of ${id} already`;
    findings.push({
      level: 'info',
      rule: 'NothingToDo',
      ...about,
      message,
      remedy: 'Nothing will be changed.',
    });
  }
  if (target.warning !== undefined) {
    const remedy = 'Add a replica in another zone.';
    findings.push({
      level: 'warning',
      rule: 'SameZone',
      ...about,
      message: `${id}: ${target.warning}`,
      remedy,
    });
  }
  return findings;
}
