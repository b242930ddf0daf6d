import type { DescribeRecoverySnapshotsCommandInput } from '@aws-sdk/client-drs';
import type { Call } from '#sim/kernel/contract.ts';
import { randomOf } from '#sim/kernel/random.ts';
import { invalid } from './errors.ts';
import { pageOf } from './pages.ts';
import { replicationAt } from './replication-state.ts';
import { getSettings, getSourceServer, type Scoped, type SourceServerRow } from './rows.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The default policy: every 10 minutes for an hour, hourly for a day, daily for a week. [every, for] */
const POLICY = [
  [10 * MINUTE_MS, HOUR_MS],
  [HOUR_MS, DAY_MS],
  [DAY_MS, 7 * DAY_MS],
] as const;

interface Snapshot {
  readonly id: string;
  readonly at: number;
}

/** Points in time that a server can be recovered to, oldest first. They follow from the clock: DRS keeps no rows of them. */
export function listSnapshots(call: Call, server: SourceServerRow): Snapshot[] {
  const { snapshotsSince } = server.replication;
  if (snapshotsSince === null) return [];
  const last = call.now - replicationAt(server.replication, call.now).lagSeconds * 1000;
  const times = POLICY.flatMap(([every, kept]) =>
    multiples(every, Math.max(call.now - kept, snapshotsSince), last),
  );
  return [...new Set(times)]
    .sort((a, b) => a - b)
    .map((at) => ({ id: snapshotIdAt(call, server.id, at), at }));
}

/**
 * The moment that the launched data is from: the chosen snapshot, else now while the server replicates, else the last
 * snapshot there is. `null`: there is none.
 */
export function pointInTimeOf(
  call: Call,
  server: SourceServerRow,
  snapshotId: string | undefined,
): number | null {
  if (snapshotId !== undefined) return getSnapshot(call, server, snapshotId).at;
  if (replicationAt(server.replication, call.now).state === 'CONTINUOUS') return call.now;
  return listSnapshots(call, server).at(-1)?.at ?? null;
}

export function describeRecoverySnapshots(call: Call, input: DescribeRecoverySnapshotsCommandInput) {
  getSettings(call);
  const server = getSourceServer(call, input.sourceServerID);
  const from = timeOf(input.filters?.fromDateTime, -Infinity);
  const to = timeOf(input.filters?.toDateTime, Infinity);
  const found = listSnapshots(call, server).filter(({ at }) => at >= from && at <= to);
  const { items, ...more } = pageOf(input.order === 'DESC' ? found.reverse() : found, input);
  return {
    items: items.map(({ id, at }) => ({
      snapshotID: id,
      sourceServerID: server.id,
      expectedTimestamp: new Date(at).toISOString(),
      timestamp: new Date(at).toISOString(),
      ebsSnapshots: server.diskBytes.map((_, disk) => `snap-${idOf(call, `ebs/${id}/${disk}`)}`),
    })),
    ...more,
  };
}

/** Throws `ValidationException` for an id that is no `pit-…` of this server by now. */
export function getSnapshot(call: Call, server: SourceServerRow, id: string): Snapshot {
  if (!/^pit-[0-9a-f]{17}$/.test(id))
    throw invalid(
      `Value '${id}' at 'recoverySnapshotID' failed to satisfy constraint: Member must satisfy regular expression pattern: ^pit-[0-9a-zA-Z]{17}$`,
    );
  const found = listSnapshots(call, server).find((snapshot) => snapshot.id === id);
  if (found === undefined)
    throw invalid(`Recovery snapshot ${id} of source server ${server.id} does not exist`);
  return found;
}

/** An ISO timestamp in milliseconds. */
export function timeOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalid(`${JSON.stringify(text)} is not an ISO 8601 timestamp`);
  return time;
}

function multiples(every: number, from: number, to: number): number[] {
  const first = Math.ceil(from / every);
  const count = Math.max(0, Math.floor(to / every) - first + 1);
  return Array.from({ length: count }, (_, index) => (first + index) * every);
}

function snapshotIdAt(scope: Scoped, serverId: string, at: number): string {
  return `pit-${idOf(scope, `pit/${serverId}/${at}`)}`;
}

function idOf(scope: Scoped, name: string): string {
  return randomOf(scope.world.seed, `drs.${name}`).hex(17);
}
