import type {
  AddTagsToResourceCommandInput,
  ListTagsForResourceCommandInput,
  RemoveTagsFromResourceCommandInput,
} from '@aws-sdk/client-rds';
import { ServiceError, type Call, type TaggedResource } from '#sim/kernel/contract.ts';
import { changeRowTags, type TagChanges } from '#sim/services/tagging-support.ts';
import { clusters, getCluster, getInstance, instances, locate } from './rows.ts';
import { tagList } from './views.ts';

export function listTagsForResource(call: Call, input: ListTagsForResourceCommandInput) {
  const arn = input.ResourceName ?? '';
  const { scope } = locate(call, arn);
  return { TagList: tagList((isCluster(arn) ? getCluster(scope, arn) : getInstance(scope, arn)).tags) };
}

export function addTagsToResource(call: Call, input: AddTagsToResourceCommandInput) {
  change(
    call,
    input.ResourceName,
    Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  );
  return {};
}

export function removeTagsFromResource(call: Call, input: RemoveTagsFromResourceCommandInput) {
  change(call, input.ResourceName, Object.fromEntries((input.TagKeys ?? []).map((key) => [key, null])));
  return {};
}

export function taggedResources(call: Call): TaggedResource[] {
  return [...clusters(call).all(), ...instances(call).all()].map(({ arn, tags }) => ({ arn, tags }));
}

export function changeTags(call: Call, arn: string, changes: TagChanges): boolean {
  const { scope, id } = locate(call, arn);
  return isCluster(arn)
    ? changeRowTags(clusters(scope), { id, arn }, changes)
    : changeRowTags(instances(scope), { id, arn }, changes);
}

function change(call: Call, arn = '', changes: TagChanges): void {
  if (changeTags(call, arn, changes)) return;
  const code = isCluster(arn) ? 'DBClusterNotFoundFault' : 'DBInstanceNotFoundFault';
  throw new ServiceError(code, `${arn} not found.`);
}

function isCluster(arn: string): boolean {
  return arn.includes(':cluster:');
}
