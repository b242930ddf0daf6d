import type { Handlers, ServiceDefinition } from '#sim/kernel/contract.ts';
import { getResources } from './get-resources.ts';
import { getTagKeys, getTagValues } from './get-tags.ts';
import { tagResources, untagResources } from './tag-resources.ts';

export const service: ServiceDefinition = {
  name: 'tagging',
  operations: {
    GetResources: getResources,
    GetTagKeys: getTagKeys,
    GetTagValues: getTagValues,
    TagResources: tagResources,
    UntagResources: untagResources,
  } satisfies Handlers<typeof import('@aws-sdk/client-resource-groups-tagging-api')>,
};
