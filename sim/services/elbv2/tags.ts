import type {
  AddTagsCommandInput,
  DescribeTagsCommandInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ServiceError, type Call, type TaggedResource } from '#sim/kernel/contract.ts';
import { changeRowTags, type TagChanges } from '#sim/services/tagging-support.ts';
import { getLoadBalancer, getTargetGroup, loadBalancers, targetGroups } from './rows.ts';

/** Only load balancers and target groups have tags here. */
export function describeTags(call: Call, input: DescribeTagsCommandInput) {
  return {
    TagDescriptions: (input.ResourceArns ?? []).map((ResourceArn) => {
      const { tags } = isTargetGroup(ResourceArn)
        ? getTargetGroup(call, ResourceArn)
        : getLoadBalancer(call, ResourceArn);
      return { ResourceArn, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    }),
  };
}

export function addTags(call: Call, input: AddTagsCommandInput) {
  const added = Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  for (const arn of input.ResourceArns ?? []) {
    if (changeTags(call, arn, added)) continue;
    const code = isTargetGroup(arn) ? 'TargetGroupNotFoundException' : 'LoadBalancerNotFoundException';
    throw new ServiceError(code, `'[${arn}]' not found`);
  }
  return {};
}

export function taggedResources(call: Call): TaggedResource[] {
  return [...loadBalancers(call).all(), ...targetGroups(call).all()].map(({ arn, tags }) => ({ arn, tags }));
}

export function changeTags(call: Call, arn: string, changes: TagChanges): boolean {
  const id = arn.split('/').at(-2) ?? '';
  return isTargetGroup(arn)
    ? changeRowTags(targetGroups(call), { id, arn }, changes)
    : changeRowTags(loadBalancers(call), { id, arn }, changes);
}

function isTargetGroup(arn: string): boolean {
  return arn.includes(':targetgroup/');
}
