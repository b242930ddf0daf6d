import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { getTargetGroup, listeners, rules, targetGroups, type Scoped } from './rows.ts';

/** Target groups that actions forward to. */
export function groupsOf(actions: readonly Action[]): string[] {
  return actions.flatMap((action) => [
    ...(action.TargetGroupArn === undefined ? [] : [action.TargetGroupArn]),
    ...(action.ForwardConfig?.TargetGroups ?? []).flatMap(({ TargetGroupArn }) => TargetGroupArn ?? []),
  ]);
}

/** Load balancers that forward to a target group, by its ARN. */
export function balancersByGroup(call: Scoped): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const note = (loadBalancerArn: string, actions: readonly Action[]): void => {
    for (const group of groupsOf(actions))
      found.set(group, (found.get(group) ?? new Set()).add(loadBalancerArn));
  };
  for (const listener of listeners(call).all()) note(listener.loadBalancerArn, listener.actions);
  for (const rule of rules(call).all()) {
    const listener = listeners(call).get(rule.listenerArn);
    if (listener !== undefined) note(listener.loadBalancerArn, rule.actions);
  }
  return found;
}

/** After a change of actions: health checks begin where a target group comes into use, and end where it goes out of it. */
export function refreshUse(call: Scoped & { readonly now: number }): void {
  const used = balancersByGroup(call);
  for (const group of targetGroups(call).all()) {
    const isUsed = used.has(group.arn);
    if (isUsed === (group.usedSince !== null)) continue;
    targetGroups(call).patch(group.name, { usedSince: isUsed ? call.now : null });
  }
}

/** Target groups have to exist, and belong to one load balancer. */
export function assertActions(call: Call, actions: readonly Action[], loadBalancerArn: string): void {
  const used = balancersByGroup(call);
  for (const arn of groupsOf(actions)) {
    getTargetGroup(call, arn);
    const owners = [...(used.get(arn) ?? [])].filter((owner) => owner !== loadBalancerArn);
    if (owners.length === 0) continue;
    throw new ServiceError(
      'TargetGroupAssociationLimitException',
      `The following target groups cannot be associated with more than one load balancer: ${arn}`,
    );
  }
}
