import type { Aws } from '#aws/aws.ts';
import { BreakwaterError, isBreakwaterError } from '#core/errors.ts';
import { hasTags } from '#core/tags.ts';

/** Which servers are looked for, and where. Tags must all match; named servers are added to those that match. */
export interface GroupQuery {
  readonly groupId?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly sourceServerIds?: readonly string[] | undefined;
  /** Default: the caller's own account, the configured Region. */
  readonly accountId?: string | undefined;
  readonly region?: string | undefined;
  /** Several accounts and Regions at once, instead of the one above. */
  readonly places?: readonly Place[] | undefined;
}

interface Place {
  readonly accountId?: string | undefined;
  readonly region?: string | undefined;
}

export interface MatchedServer {
  readonly sourceServerId: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** As DRS has it: `CONTINUOUS`, `STALLED` …; `UNKNOWN` if it does not say. */
  readonly replicationState: string;
  /** ISO 8601, as DRS has it. */
  readonly lag?: string;
  readonly recoveryInstanceId?: string;
}

export interface ResolvedPlace {
  readonly accountId: string;
  readonly region: string;
  readonly servers: readonly MatchedServer[];
  /** Why this place could not be looked at; then it has no servers. */
  readonly failure?: { readonly code: string; readonly message: string };
}

/** What a group matches at this moment. A match of nothing is no error, but a warning. */
export interface Resolved {
  readonly matched: number;
  readonly places: readonly ResolvedPlace[];
  readonly warnings: readonly string[];
}

type Wanted = Pick<GroupQuery, 'tags' | 'sourceServerIds'>;

/** Looks at each place. Throws what AWS says if none of the places could be looked at. */
export async function resolveGroup(aws: Aws, query: GroupQuery, signal: AbortSignal): Promise<Resolved> {
  const { places = [{ accountId: query.accountId, region: query.region }] } = query;
  const found: ResolvedPlace[] = [];
  const failures: BreakwaterError[] = [];
  for (const place of places) {
    try {
      found.push(await lookAt(aws, place, query, signal));
    } catch (error) {
      if (!isBreakwaterError(error)) throw error;
      failures.push(error);
      const { accountId, region } = aws.for(place);
      const failure = { code: error.code, message: error.message };
      found.push({ accountId: accountId ?? 'own', region, servers: [], failure });
    }
  }
  if (failures.length === places.length && failures[0] !== undefined) throw failures[0];
  const servers = found.flatMap((place) => place.servers);
  return { matched: servers.length, places: found, warnings: warningsOf(query, found, servers) };
}

async function lookAt(aws: Aws, place: Place, wanted: Wanted, signal: AbortSignal): Promise<ResolvedPlace> {
  const target = aws.for(place);
  const accountId = place.accountId ?? (await target.sts.getCallerIdentity({}, signal)).Account ?? 'own';
  // DRS has no filter by tags.
  const servers = await target.drs.describeSourceServers({ filters: {} }, signal);
  const matched = servers
    .filter(({ sourceServerID = '', tags = {} }) => isWanted(wanted, sourceServerID, tags))
    .map((server): MatchedServer => {
      const { sourceServerID = '', tags = {}, dataReplicationInfo, recoveryInstanceId } = server;
      const hints = server.sourceProperties?.identificationHints;
      return {
        sourceServerId: sourceServerID,
        name: tags['Name'] ?? hints?.hostname ?? hints?.awsInstanceID ?? sourceServerID,
        tags,
        replicationState: dataReplicationInfo?.dataReplicationState ?? 'UNKNOWN',
        ...(dataReplicationInfo?.lagDuration === undefined ? {} : { lag: dataReplicationInfo.lagDuration }),
        ...(recoveryInstanceId ? { recoveryInstanceId } : {}),
      };
    })
    .sort((a, b) => (a.sourceServerId < b.sourceServerId ? -1 : 1));
  return { accountId, region: target.region, servers: matched };
}

/** No tags match nothing, not everything. */
function isWanted(wanted: Wanted, id: string, tags: Record<string, string>): boolean {
  const { tags: wantedTags = {}, sourceServerIds = [] } = wanted;
  if (sourceServerIds.includes(id)) return true;
  return Object.keys(wantedTags).length > 0 && hasTags(tags, wantedTags);
}

function warningsOf(
  { tags = {}, sourceServerIds = [] }: Wanted,
  places: readonly ResolvedPlace[],
  servers: readonly MatchedServer[],
): string[] {
  const ids = new Set(servers.map(({ sourceServerId }) => sourceServerId));
  const text = Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const looked = places.map(({ accountId, region }) => `${accountId} in ${region}`).join('; ');
  const unhealthy = servers.filter(({ replicationState }) => replicationState !== 'CONTINUOUS');
  return [
    ...(text !== '' && !servers.some((server) => hasTags(server.tags, tags))
      ? [`no source server carries the tags ${text} (looked at ${looked})`]
      : []),
    ...sourceServerIds
      .filter((id) => !ids.has(id))
      .map((id) => `source server ${id} is not there (looked at ${looked})`),
    ...unhealthy.map(
      ({ sourceServerId, replicationState }) => `source server ${sourceServerId} is ${replicationState}`,
    ),
    ...places.flatMap(({ accountId, region, failure }) =>
      failure === undefined ? [] : [`${accountId} in ${region} could not be looked at: ${failure.message}`],
    ),
  ];
}
