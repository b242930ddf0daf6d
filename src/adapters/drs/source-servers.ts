import type { SourceServer } from '@aws-sdk/client-drs';
import type { DrsCalls } from '#aws/services/drs.ts';
import { readDrTags, type Priority } from '#core/tags.ts';
import type { OperationContext } from '../contract.ts';
import { chunk, MOST_IDS } from '../shared/chunk.ts';
import { shareRead } from './shared-reads.ts';

/** Reads source servers by id, in as few calls as DRS allows. Unknown ids are left out. */
export async function readServersById(
  drs: DrsCalls,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<SourceServer[]> {
  const servers: SourceServer[] = [];
  for (const sourceServerIDs of chunk(ids, MOST_IDS)) {
    servers.push(...(await drs.describeSourceServers({ filters: { sourceServerIDs } }, signal)));
  }
  return servers;
}

/** All source servers of the account and Region, as they were a few seconds ago at most: DRS has no filter by tags. */
export function readAllServers(context: OperationContext, drs: DrsCalls): Promise<SourceServer[]> {
  const read = (): Promise<SourceServer[]> => drs.describeSourceServers({ filters: {} }, context.signal);
  return shareRead(context, { door: drs, name: 'source servers', read });
}

/** The machine that is replicated: its EC2 instance id if it has one, else its host name. */
export function sourceInstanceIdOf(server: SourceServer | undefined): string {
  const hints = server?.sourceProperties?.identificationHints;
  return hints?.awsInstanceID ?? hints?.hostname ?? server?.sourceServerID ?? '';
}

/** A name for people. */
export function describeServer(server: SourceServer): string {
  const hints = server.sourceProperties?.identificationHints;
  return (
    server.tags?.['Name'] ??
    hints?.hostname ??
    hints?.fqdn ??
    hints?.awsInstanceID ??
    server.sourceServerID ??
    ''
  );
}

export function isWindows(server: SourceServer): boolean {
  return /windows/i.test(server.sourceProperties?.os?.fullString ?? '');
}

const RANK: Readonly<Record<Priority, number>> = { high: 0, medium: 1, low: 2 };

/** By `DR-Priority`, then by id: always the same order for the same servers. */
export function byPriority(a: SourceServer, b: SourceServer): number {
  const rank = (server: SourceServer): number => RANK[readDrTags(server.tags ?? {}).values.priority];
  return rank(a) - rank(b) || ((a.sourceServerID ?? '') < (b.sourceServerID ?? '') ? -1 : 1);
}
