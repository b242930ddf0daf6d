import type {
  ChangeTagsForResourceCommandInput,
  ListTagsForResourceCommandInput,
} from '@aws-sdk/client-route-53';
import type { Call, TaggedResource } from '#sim/kernel/contract.ts';
import { mergeTags, type TagChanges } from '#sim/services/tagging-support.ts';
import { bareId, getZone, zones } from './rows.ts';

/** Only hosted zones have tags here. */
export function listTagsForResource(call: Call, input: ListTagsForResourceCommandInput) {
  const zone = getZone(call, input.ResourceId);
  const Tags = Object.entries(zone.tags).map(([Key, Value]) => ({ Key, Value }));
  return { ResourceTagSet: { ResourceType: 'hostedzone' as const, ResourceId: zone.id, Tags } };
}

export function changeTagsForResource(call: Call, input: ChangeTagsForResourceCommandInput) {
  const added = (input.AddTags ?? []).map(({ Key = '', Value = '' }) => [Key, Value] as const);
  const removed = (input.RemoveTagKeys ?? []).map((key) => [key, null] as const);
  const zone = getZone(call, input.ResourceId);
  changeTags(call, arnOf(zone.id), Object.fromEntries([...removed, ...added]));
  return {};
}

/** A global resource: Resource Groups Tagging shows it in us-east-1 alone. */
export function taggedResources(call: Call): TaggedResource[] {
  if (call.region !== 'us-east-1' && call.region !== 'global') return [];
  return zones(call)
    .all()
    .map((zone) => ({ arn: arnOf(zone.id), tags: zone.tags }));
}

export function changeTags(call: Call, arn: string, changes: TagChanges): boolean {
  const zone = zones(call).get(bareId(arn));
  if (zone === undefined) return false;
  zones(call).patch(zone.id, { tags: mergeTags(zone.tags, changes) });
  return true;
}

function arnOf(zoneId: string): string {
  return `arn:aws:route53:::hostedzone/${zoneId}`;
}
