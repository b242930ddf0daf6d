import type { Handlers, ServiceDefinition } from '#sim/kernel/contract.ts';
import { describeListeners, describeRules, modifyListener, modifyRule } from './listeners.ts';
import { describeLoadBalancers } from './load-balancers.ts';
import { Elbv2Section, seed } from './scenario.ts';
import { addTags, changeTags, describeTags, taggedResources } from './tags.ts';
import { describeTargetGroups } from './target-groups.ts';
import { describeTargetHealth } from './target-health.ts';
import { deregisterTargets, registerTargets } from './targets.ts';

export const service: ServiceDefinition = {
  name: 'elbv2',
  operations: {
    AddTags: addTags,
    DeregisterTargets: deregisterTargets,
    DescribeListeners: describeListeners,
    DescribeLoadBalancers: describeLoadBalancers,
    DescribeRules: describeRules,
    DescribeTags: describeTags,
    DescribeTargetGroups: describeTargetGroups,
    DescribeTargetHealth: describeTargetHealth,
    ModifyListener: modifyListener,
    ModifyRule: modifyRule,
    RegisterTargets: registerTargets,
  } satisfies Handlers<typeof import('@aws-sdk/client-elastic-load-balancing-v2')>,
  scenario: Elbv2Section,
  seed,
  taggedResources,
  changeTags,
};
