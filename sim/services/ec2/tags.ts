import type {
  CreateTagsCommandInput,
  DeleteTagsCommandInput,
  DescribeTagsCommandInput,
} from '@aws-sdk/client-ec2';
import type { Call, TaggedResource } from '#sim/kernel/contract.ts';
import { mergeTags, type TagChanges } from '#sim/services/tagging-support.ts';
import { ec2Error } from './errors.ts';
import { compileFilters } from './filters.ts';
import { findInstance, listInstances } from './instances.ts';
import { pager } from './pages.ts';
import { instances } from './rows.ts';

const MAX_TAGS = 50;

/** Sets tags of instances. Other resources are not simulated: `InvalidID`. */
export function createTags(call: Call, input: CreateTagsCommandInput) {
  const set = Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  for (const id of input.Resources ?? []) changeInstanceTags(call, id, set);
  return {};
}

/** Removes tags, those with a value only if it is the value. Without tags it removes all. */
export function deleteTags(call: Call, input: DeleteTagsCommandInput) {
  for (const id of input.Resources ?? []) {
    const { tags } = getTagged(call, id);
    const given = input.Tags ?? Object.keys(tags).map((Key) => ({ Key, Value: undefined }));
    const removed = given.filter(({ Key = '', Value }) => Value === undefined || tags[Key] === Value);
    changeInstanceTags(call, id, Object.fromEntries(removed.map(({ Key = '' }) => [Key, null])));
  }
  return {};
}

export function describeTags(call: Call, input: DescribeTagsCommandInput) {
  const rows = listInstances(call).flatMap(({ id, tags }) =>
    Object.entries(tags).map(([key, value]) => ({ id, key, value, tags: { [key]: value } })),
  );
  const matches = compileFilters<(typeof rows)[number]>(input.Filters, {
    key: (row) => [row.key],
    'resource-id': (row) => [row.id],
    'resource-type': () => ['instance'],
    value: (row) => [row.value],
  });
  const { items, next } = pager(input)(rows.filter(matches));
  return {
    Tags: items.map(({ id, key, value }) => ({
      ResourceId: id,
      ResourceType: 'instance' as const,
      Key: key,
      Value: value,
    })),
    NextToken: next,
  };
}

/** For Resource Groups Tagging. */
export function taggedResources(call: Call): TaggedResource[] {
  return listInstances(call).filter(({ state }) => state !== 'terminated');
}

/** For Resource Groups Tagging: false if the ARN names no instance of this scope. */
export function changeTags(call: Call, arn: string, changes: TagChanges): boolean {
  const instance = findInstance(call, arn.slice(arn.lastIndexOf('/') + 1));
  if (instance?.arn !== arn) return false;
  changeInstanceTags(call, instance.id, changes);
  return true;
}

function changeInstanceTags(call: Call, id: string, changes: TagChanges): void {
  const tags = mergeTags(getTagged(call, id).tags, changes);
  if (Object.keys(tags).length > MAX_TAGS) {
    throw ec2Error(
      'TagLimitExceeded',
      `The maximum number of ${MAX_TAGS} tags for resource '${id}' has been reached`,
    );
  }
  instances(call).patch(id, { tags });
}

function getTagged(call: Call, id: string): { tags: Readonly<Record<string, string>> } {
  const found = findInstance(call, id);
  if (found !== undefined) return found;
  if (id.startsWith('i-'))
    throw ec2Error('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
  throw ec2Error('InvalidID', `The ID '${id}' is not valid`);
}
