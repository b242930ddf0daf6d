import {
  ResourceGroupsTaggingAPIClient,
  GetResourcesCommand,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { all, type CallsOf } from '../operation-spec.ts';
import type { ClientConfig, ServiceSpec } from '../service-spec.ts';

/**
 * What Breakwater calls of Resource Groups Tagging. It answers resources that are or were tagged, knows nothing of
 * Auto Scaling groups, and is not the truth for DRS source servers.
 */
export const taggingService = {
  iamPrefix: 'tag',
  newClient: (config: ClientConfig) => new ResourceGroupsTaggingAPIClient(config),
  operations: {
    getResources: all(GetResourcesCommand, (output) => output.ResourceTagMappingList, [
      'PaginationToken',
      'PaginationToken',
    ]),
  },
} satisfies ServiceSpec;

export type TaggingCalls = CallsOf<typeof taggingService.operations>;
