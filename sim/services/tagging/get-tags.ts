import type {
  GetTagKeysCommandInput,
  GetTagValuesCommandInput,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { cutPage } from '../paging.ts';
import { taggedResources } from './resources.ts';

const PAGE_SIZE = 100;

export function getTagKeys(call: Call, input: GetTagKeysCommandInput) {
  const keys = taggedResources(call).flatMap(({ tags }) => Object.keys(tags));
  const { items, next } = page(keys, input.PaginationToken);
  return { TagKeys: items, PaginationToken: next };
}

export function getTagValues(call: Call, input: GetTagValuesCommandInput) {
  const values = taggedResources(call).flatMap(({ tags }) => tags[input.Key ?? ''] ?? []);
  const { items, next } = page(values, input.PaginationToken);
  return { TagValues: items, PaginationToken: next };
}

function page(names: readonly string[], token: string | undefined): { items: string[]; next: string } {
  const cut = cutPage([...new Set(names)].sort(), { token, size: PAGE_SIZE });
  if (cut === null) {
    throw new ServiceError(
      'PaginationTokenExpiredException',
      'The pagination token has expired or is not valid.',
    );
  }
  return { items: cut.items, next: cut.next ?? '' };
}
