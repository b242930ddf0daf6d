import type {
  TargetDescription,
  TargetGroup,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { hasCode } from '#core/errors.ts';
import type { OperationContext } from '../contract.ts';
import { findInstances } from '../shared/find-instances.ts';
import type { Problem } from './problem.ts';
import type { TargetGroupEntry } from './target-registration-schema.ts';

/** A target as notes and results keep it. */
export type Target = { readonly id: string; readonly port: number };

/** A target group, the targets that it is to have, and those that it has now. */
export interface Registration {
  readonly group: TargetGroup;
  readonly wanted: readonly Target[];
  /** Those of `wanted` that are not registered. */
  readonly missing: readonly Target[];
  /** Registered targets that are not wanted. */
  readonly others: readonly Target[];
}

/** Reads a target group, finds the instances that are meant, and compares. `null` targets: none is there yet. */
export async function lookAt(
  context: OperationContext,
  entry: TargetGroupEntry,
): Promise<Registration | Problem> {
  const group = await findGroup(context, entry.targetGroup);
  if (group === null) {
    const problem = `there is no target group ${entry.targetGroup} in this account and Region`;
    return { rule: 'ResourceUnresolved', problem, remedy: 'Check the name, the account and the Region.' };
  }
  if (group.TargetType !== 'instance') {
    const problem = `target group ${entry.targetGroup} takes targets of type ${group.TargetType}, not instances`;
    return { rule: 'TargetTypeUnfit', problem, remedy: 'Use a target group of type instance.' };
  }
  const { region } = context.aws.for(context);
  const { instances: instanceIds, recovered, protectionGroups } = entry;
  const places = await findInstances(context, { instanceIds, recovered, protectionGroups });
  const elsewhere = places.find(({ place }) => place.region !== region);
  if (elsewhere !== undefined) {
    const problem = `${elsewhere.ids.join(', ')} are in ${elsewhere.place.region}, and target group ${entry.targetGroup} is in ${region}`;
    return {
      rule: 'RegionUnfit',
      problem,
      remedy: 'Register instances in a target group of their own Region.',
    };
  }
  const port = entry.port ?? group.Port ?? 0;
  const wanted = places.flatMap(({ ids }) => ids).map((id): Target => ({ id, port }));
  return { group, wanted, ...(await compare(context, group, wanted)) };
}

async function compare(
  context: OperationContext,
  group: TargetGroup,
  wanted: readonly Target[],
): Promise<{ missing: Target[]; others: Target[] }> {
  const { elbv2 } = context.aws.for(context);
  const health = await elbv2.describeTargetHealth({ TargetGroupArn: group.TargetGroupArn }, context.signal);
  const registered = health.filter((one) => one.TargetHealth?.State !== 'draining').map(targetOf);
  const isIn = (list: readonly Target[], { id, port }: Target): boolean =>
    list.some((target) => target.id === id && target.port === port);
  return {
    missing: wanted.filter((target) => !isIn(registered, target)),
    others: registered.filter((target) => !isIn(wanted, target)),
  };
}

async function findGroup(context: OperationContext, nameOrArn: string): Promise<TargetGroup | null> {
  const { elbv2 } = context.aws.for(context);
  const isArn = nameOrArn.startsWith('arn:');
  try {
    const [group] = await elbv2.describeTargetGroups(
      isArn ? { TargetGroupArns: [nameOrArn] } : { Names: [nameOrArn] },
      context.signal,
    );
    return group ?? null;
  } catch (error) {
    if (hasCode(error, 'AwsNotFound')) return null;
    throw error;
  }
}

export function targetOf({ Target: target }: TargetHealthDescription): Target {
  return { id: target?.Id ?? '', port: target?.Port ?? 0 };
}

export function asInput(targets: readonly Target[]): TargetDescription[] {
  return targets.map(({ id, port }) => ({ Id: id, Port: port }));
}
