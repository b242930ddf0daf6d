import type { OperationContext } from '../contract.ts';
import { placeKey, placeOf, targetAt, type Place } from './place.ts';
import { resolveServers } from '../drs/resolve-servers.ts';

/** Instances of one account and Region. */
export type InstancesAtPlace = { readonly place: Place; readonly ids: readonly string[] };

/** Which instances are meant. Several kinds add up. */
export interface InstanceSelection {
  readonly instanceIds?: readonly string[] | undefined;
  /** Running instances that carry all of them. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly protectionGroups?: readonly string[] | undefined;
  /** The servers that this execution has recovered so far. */
  readonly recovered?: boolean | undefined;
}

/** The instances that are meant, each once. `own`: where those are that are named by id or tags. */
export async function findInstances(
  context: OperationContext,
  { instanceIds = [], tags, protectionGroups = [], recovered = false }: InstanceSelection,
  own: { readonly accountId?: string | undefined; readonly region?: string | undefined } = {},
): Promise<InstancesAtPlace[]> {
  const here = placeOf(context, own);
  const found: InstancesAtPlace[] = [{ place: here, ids: instanceIds }];
  if (tags !== undefined) found.push({ place: here, ids: await findTagged(context, here, tags) });
  for (const groupId of protectionGroups) found.push(...(await findGroup(context, groupId)));
  if (recovered) found.push(...(await findRecovered(context, () => true)));
  return merge(context, found);
}

async function findTagged(
  context: OperationContext,
  place: Place,
  tags: Readonly<Record<string, string>>,
): Promise<string[]> {
  const Filters = [
    ...Object.entries(tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [escapeWildcards(value)] })),
    { Name: 'instance-state-name', Values: ['running'] },
  ];
  const instances = await targetAt(context, place).ec2.describeInstances({ Filters }, context.signal);
  return instances.flatMap(({ InstanceId }) => InstanceId ?? []);
}

/** In the values of EC2 filters, `*` and `?` are wildcards, and a backslash takes them as they are. */
function escapeWildcards(value: string): string {
  return value.replaceAll(/[\\*?]/g, String.raw`\$&`);
}

/** The servers of a group that this execution has recovered; before it has, their source instances. */
async function findGroup(context: OperationContext, groupId: string): Promise<InstancesAtPlace[]> {
  const { places } = await resolveServers({ ...context, only: null }, { protectionGroups: [groupId] });
  const ids = new Set(
    places.flatMap(({ servers }) => servers.flatMap(({ sourceServerID }) => sourceServerID ?? [])),
  );
  const recovered = await findRecovered(context, (sourceServerId) => ids.has(sourceServerId));
  if (recovered.length > 0) return recovered;
  return places.map(({ place, servers }) => ({
    place: {
      accountId: place.accountId,
      region: servers[0]?.sourceCloudProperties?.originRegion ?? place.region,
    },
    ids: servers.flatMap(
      ({ sourceProperties }) => sourceProperties?.identificationHints?.awsInstanceID ?? [],
    ),
  }));
}

async function findRecovered(
  context: OperationContext,
  isWanted: (sourceServerId: string) => boolean,
): Promise<InstancesAtPlace[]> {
  const servers = await context.recoveredServers();
  return servers
    .filter(({ sourceServerId }) => isWanted(sourceServerId))
    .map(({ accountId, region, ec2InstanceId }) => ({ place: { accountId, region }, ids: [ec2InstanceId] }));
}

/** One entry a place; an instance that several selections find counts once, in the first place. */
function merge(context: OperationContext, found: readonly InstancesAtPlace[]): InstancesAtPlace[] {
  const seen = new Set<string>();
  const places = new Map<string, { place: Place; ids: string[] }>();
  for (const { place, ids } of found) {
    const { region } = targetAt(context, place);
    const key = placeKey({ accountId: place.accountId, region });
    const at = places.get(key) ?? { place: { accountId: place.accountId, region }, ids: [] };
    at.ids.push(...ids.filter((id) => !seen.has(id)));
    for (const id of ids) seen.add(id);
    if (at.ids.length > 0) places.set(key, at);
  }
  return [...places.values()];
}
