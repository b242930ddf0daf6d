import type { SourceServer } from '@aws-sdk/client-drs';
import { hasTags } from '#core/tags.ts';
import type { OperationContext } from '../contract.ts';
import { placeKey, placeOf, targetAt, type Place } from '../shared/place.ts';
import type { RecoveryResources } from './recovery-schema.ts';
import { byPriority, readAllServers, readServersById } from './source-servers.ts';

/** The servers of one account and Region, in the order in which they are to be launched. */
export interface ServersAtPlace {
  readonly place: Place;
  readonly servers: readonly SourceServer[];
}

/** A selection that found nothing, or not all of what it names. `resourceId` is what could not be found. */
export interface Unresolved {
  readonly resourceId: string;
  readonly path: string;
  readonly message: string;
}

export interface Resolution {
  readonly places: readonly ServersAtPlace[];
  readonly unresolved: readonly Unresolved[];
}

/** One selection of servers, in one place. */
interface Selection {
  readonly place: Place;
  readonly path: string;
  /** What a person calls it: shown when it matches nothing. */
  readonly label: string;
  readonly ids: readonly string[];
  readonly tags: Readonly<Record<string, string>> | null;
}

/**
 * Finds the servers that the resources name. A server that several selections find counts once, in the first place. What
 * cannot be found is answered, not thrown: the rest can still be recovered.
 */
export async function resolveServers(
  context: OperationContext,
  resources: RecoveryResources,
): Promise<Resolution> {
  const selections = await selectionsOf(context, resources);
  const places = new Map<string, { place: Place; found: Map<string, SourceServer> }>();
  const unresolved: Unresolved[] = [];
  const seen = new Set<string>();
  const estate = estateReader(context, selections);
  for (const selection of selections) {
    const key = placeKey(selection.place);
    const servers = await estate(selection.place);
    const { found, missing } = select(selection, servers);
    unresolved.push(...missing);
    const at = places.get(key) ?? { place: selection.place, found: new Map<string, SourceServer>() };
    places.set(key, at);
    for (const server of found) {
      const id = server.sourceServerID!;
      if (
        seen.has(id) ||
        (context.only !== null && !context.only.includes(id) && !context.only.includes(selection.label))
      )
        continue;
      seen.add(id);
      at.found.set(id, server);
    }
  }
  return {
    places: [...places.values()]
      .filter(({ found }) => found.size > 0)
      .map(({ place, found }) => ({ place, servers: [...found.values()].sort(byPriority) })),
    unresolved: unresolved.filter(
      ({ resourceId }) => context.only === null || context.only.includes(resourceId),
    ),
  };
}

async function selectionsOf(context: OperationContext, resources: RecoveryResources): Promise<Selection[]> {
  const here = placeOf(context);
  const selections: Selection[] = [];
  for (const [i, groupId] of (resources.protectionGroups ?? []).entries()) {
    const group = await context.protectionGroup(groupId);
    selections.push({
      place: placeOf(context, group ?? {}),
      path: `resources.protectionGroups[${i}]`,
      label: groupId,
      ids: group?.sourceServerIds ?? [],
      tags: group === null ? { ProtectionGroup: groupId } : (group.tags ?? null),
    });
  }
  const ids = resources.sourceServerIds ?? [];
  if (ids.length > 0)
    selections.push({ place: here, path: 'resources.sourceServerIds', label: '', ids, tags: null });
  const { tags } = resources;
  if (tags !== undefined) {
    selections.push({ place: here, path: 'resources.tags', label: describeTags(tags), ids: [], tags });
  }
  return selections;
}

/** Reads each place once: all servers if anything there is selected by tags, else those that are named. */
function estateReader(
  context: OperationContext,
  selections: readonly Selection[],
): (place: Place) => Promise<readonly SourceServer[]> {
  const read = new Map<string, Promise<SourceServer[]>>();
  return (place) => {
    const key = placeKey(place);
    const here = selections.filter((selection) => placeKey(selection.place) === key);
    const { drs } = targetAt(context, place);
    const servers =
      read.get(key) ??
      (here.some(({ tags }) => tags !== null)
        ? readAllServers(context, drs)
        : readServersById(drs, [...new Set(here.flatMap(({ ids }) => ids))], context.signal));
    read.set(key, servers);
    return servers;
  };
}

function select(
  { ids, tags, path, label }: Selection,
  servers: readonly SourceServer[],
): { found: SourceServer[]; missing: Unresolved[] } {
  const byId = new Map(servers.map((server) => [server.sourceServerID ?? '', server]));
  const named = ids.flatMap((id) => byId.get(id) ?? []);
  const tagged =
    tags === null ? [] : servers.filter((server) => !isEmpty(tags) && hasTags(server.tags ?? {}, tags));
  const missing: Unresolved[] = ids
    .map((id, i) => ({ id, i }))
    .filter(({ id }) => !byId.has(id))
    .map(({ id, i }) => ({
      resourceId: id,
      path: label === '' ? `${path}[${i}]` : path,
      message: `source server ${id} is not in this account and region`,
    }));
  if (tags !== null && tagged.length === 0) {
    missing.push({
      resourceId: label,
      path,
      message: `no source server carries the tags ${describeTags(tags)}`,
    });
  }
  return { found: [...named, ...tagged], missing };
}

function isEmpty(tags: Readonly<Record<string, string>>): boolean {
  return Object.keys(tags).length === 0;
}

function describeTags(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
