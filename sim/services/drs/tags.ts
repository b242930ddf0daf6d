import type {
  ListTagsForResourceCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-drs';
import type { Call, TaggedResource } from '#sim/kernel/contract.ts';
import type { Table } from '#sim/kernel/world.ts';
import { getJob } from './describe-jobs.ts';
import { invalid, notFound } from './errors.ts';
import {
  getRecoveryInstance,
  getSettings,
  getSourceServer,
  jobs,
  recoveryInstances,
  sourceServers,
  type Tags,
} from './rows.ts';

const MAX_TAGS = 50;

export function listTagsForResource(call: Call, input: ListTagsForResourceCommandInput) {
  getSettings(call);
  return { tags: { ...find(call, input.resourceArn).tags } };
}

export function tagResource(call: Call, input: TagResourceCommandInput) {
  getSettings(call);
  const resource = find(call, input.resourceArn);
  const tags = { ...resource.tags, ...input.tags };
  if (Object.keys(tags).length > MAX_TAGS) throw invalid(`A resource can have at most ${MAX_TAGS} tags`);
  resource.replaceTags(tags);
  return {};
}

export function untagResource(call: Call, input: UntagResourceCommandInput) {
  getSettings(call);
  const resource = find(call, input.resourceArn);
  const kept = Object.entries(resource.tags).filter(([key]) => !input.tagKeys?.includes(key));
  resource.replaceTags(Object.fromEntries(kept));
  return {};
}

/** For Resource Groups Tagging, which reads DRS resources but does not tag them. */
export function taggedResources(call: Call): TaggedResource[] {
  return [
    ...sourceServers(call).all(),
    ...recoveryInstances(call)
      .all()
      .filter(({ since }) => since <= call.now),
  ];
}

interface Tagged {
  readonly tags: Tags;
  readonly replaceTags: (tags: Tags) => void;
}

function find(call: Call, arn: string | undefined): Tagged {
  const [, kind = '', id = ''] = /^arn:aws[a-z-]*:drs:[^:]+:\d{12}:([a-z-]+)\/([^/]+)$/.exec(arn ?? '') ?? [];
  switch (kind) {
    case 'source-server':
      return tagged(sourceServers(call), getSourceServer(call, id));
    case 'job':
      return tagged(jobs(call), getJob(call, id));
    case 'recovery-instance':
      return tagged(recoveryInstances(call), getRecoveryInstance(call, id));
    default:
      throw notFound('resource', arn ?? '');
  }
}

function tagged<R extends { readonly id: string; readonly tags: Tags }>(table: Table<R>, row: R): Tagged {
  return { tags: row.tags, replaceTags: (tags) => table.put(row.id, { ...row, tags }) };
}
