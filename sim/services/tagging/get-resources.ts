import type { GetResourcesCommandInput, TagFilter } from '@aws-sdk/client-resource-groups-tagging-api';
import { ServiceError, type Call, type TaggedResource } from '#sim/kernel/contract.ts';
import { cutPage } from '../paging.ts';
import { resourceTypeOf, taggedResources } from './resources.ts';

const PAGE_SIZE = 50;
const LARGEST_PAGE = 100;

/** All filters have to match; one filter matches if the resource has its key with any of its values. */
export function getResources(call: Call, input: GetResourcesCommandInput) {
  assertValid(input);
  const matching = taggedResources(call)
    .filter(({ arn }) => input.ResourceARNList?.includes(arn) ?? true)
    .filter(({ arn }) => hasType(arn, input.ResourceTypeFilters))
    .filter(({ tags }) => (input.TagFilters ?? []).every((filter) => hasTag(tags, filter)));
  const page = cutPage(matching, { token: input.PaginationToken, size: input.ResourcesPerPage ?? PAGE_SIZE });
  if (page === null) {
    throw new ServiceError(
      'PaginationTokenExpiredException',
      'The pagination token has expired or is not valid.',
    );
  }
  return { ResourceTagMappingList: page.items.map(mappingOf), PaginationToken: page.next ?? '' };
}

function assertValid({
  ResourcesPerPage: size,
  TagFilters = [],
  ResourceARNList,
  ...input
}: GetResourcesCommandInput): void {
  if (size !== undefined && (size < 1 || size > LARGEST_PAGE))
    refuse('ResourcesPerPage must be between 1 and 100.');
  if (TagFilters.length > 50) refuse('TagFilters can have at most 50 items.');
  if (TagFilters.some(({ Values = [] }) => Values.length > 20))
    refuse('A tag filter can have at most 20 values.');
  if (ResourceARNList === undefined) return;
  if (ResourceARNList.length > 100) refuse('ResourceARNList can have at most 100 items.');
  if (TagFilters.length > 0 || (input.ResourceTypeFilters ?? []).length > 0) {
    refuse('ResourceARNList cannot be combined with other filters.');
  }
}

function refuse(message: string): never {
  throw new ServiceError('InvalidParameterException', message);
}

function hasType(arn: string, filters: readonly string[] | undefined): boolean {
  if (filters === undefined || filters.length === 0) return true;
  const type = resourceTypeOf(arn);
  return filters.some((filter) => filter === type || filter === type.split(':')[0]);
}

function hasTag(tags: TaggedResource['tags'], { Key = '', Values = [] }: TagFilter): boolean {
  const value = tags[Key];
  return value !== undefined && (Values.length === 0 || Values.includes(value));
}

function mappingOf({ arn, tags }: TaggedResource) {
  return { ResourceARN: arn, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}
