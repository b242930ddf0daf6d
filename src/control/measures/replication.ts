import type { Aws } from '#aws/aws.ts';
import { readDuration } from '#core/duration.ts';
import { hasCode } from '#core/errors.ts';
import { DocumentRepository } from '#store/documents.ts';
import type { SourceServer } from '../drs/views.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import { requestDoor } from '../request-door.ts';
import { targetAccountDocuments } from '../target-accounts.ts';
import { repositoryItems } from '../triggers/schedules.ts';

/*
 * How far replication is behind, by account and Region. DRS is asked by a sweep over all source servers of a place. Invariants:
 * 1. at most one sweep of a place is begun in five minutes, by whatever number of processes, and also if they die in the middle: it is
 *    claimed in the records before it begins;
 * 2. a place that cannot be looked at is written down as unknown, and keeps no other place from being looked at;
 * 3. what is told in between is what the last sweep found, and what was seen of single servers since.
 */

/** Where servers replicate to. */
export interface ReplicationPlace {
  readonly accountId: string;
  readonly region: string;
}

/** What is known of a place. */
export interface ReplicationMeasure extends ReplicationPlace {
  /** The largest lag; missing where there is none. */
  readonly lagSeconds?: number;
  /** How many servers have stalled; missing if DRS could not be asked. */
  readonly stalled?: number;
  /** DRS could not be asked, or did not say the lag of a server that it replicates. */
  readonly unknown: boolean;
}

/** As it is kept. */
interface Sweep {
  /** When the newest one was begun. ISO 8601. */
  readonly at: string;
  /** Missing: nobody has set DRS up there, or the first sweep is not over. */
  readonly found?: Found;
}

type Found = Pick<ReplicationMeasure, 'lagSeconds' | 'unknown'> & { readonly stalled?: readonly string[] };

export interface ReplicationParams {
  /** Of Breakwater itself. */
  readonly own: ReplicationPlace;
  /** No other sweep is begun then. */
  readonly isOver: () => boolean;
  /** Told why a place could not be looked at. */
  readonly onUnknown: (place: ReplicationPlace, error: unknown) => void;
}

const SWEEP_EVERY_MS = 5 * 60_000;
/** A place that does not answer within this is unknown. */
export const LONGEST_SWEEP_MS = 30_000;
const AT_ONCE = 8;
/** These have nothing that could lag: not replicated, or not yet. */
const WITHOUT_LAG = new Set(['STOPPED', 'DISCONNECTED', 'INITIATING', 'INITIAL_SYNC']);
const OVERTAKEN = ['PreconditionFailed', 'AlreadyExists'] as const;

/** Sweeps the places where it is time, and answers what is known of each. */
export async function measureReplication(
  deps: PlaneDeps,
  params: ReplicationParams,
): Promise<ReplicationMeasure[]> {
  const waiting = await placesOf(deps, params.own);
  const measures: ReplicationMeasure[] = [];
  const work = async (): Promise<void> => {
    for (let place = waiting.shift(); place !== undefined; place = waiting.shift()) {
      const { found } = await sweepIfDue(deps, params, place);
      if (found === undefined) continue;
      const { stalled, ...rest } = found;
      measures.push({ ...place, ...rest, ...(stalled && { stalled: stalled.length }) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return measures;
}

/** What was seen of one server goes into the measures of its place, without a sweep. */
export async function noteReplication(
  deps: Pick<PlaneDeps, 'store'>,
  { accountId, region }: ReplicationPlace,
  server: SourceServer,
): Promise<void> {
  const sweeps = sweepsIn(deps);
  const id = `${accountId}/${region}`;
  const kept = await sweeps.find(id);
  // A place of which nothing is known yet is swept soon.
  if (kept?.value.found?.stalled === undefined) return;
  const { found } = kept.value;
  const before = kept.value.found.stalled;
  const others = before.filter((one) => one !== server.sourceServerID);
  const stalled = isStalled(server) ? [...others, server.sourceServerID!] : others;
  if (stalled.length === before.length) return;
  await unlessOvertaken(sweeps.update(id, { ...kept.value, found: { ...found, stalled } }, kept.revision));
}

export function isStalled({ dataReplicationInfo }: SourceServer): boolean {
  return dataReplicationInfo?.dataReplicationState === 'STALLED';
}

/** The door to a place: the caller's own account needs no role, unless the records have one for it. */
export async function doorOf(
  deps: PlaneDeps,
  own: ReplicationPlace,
  { accountId, region }: ReplicationPlace,
): Promise<ReturnType<Aws['for']>> {
  const isOwn =
    accountId === own.accountId && (await targetAccountDocuments(deps.store).find(accountId)) === null;
  return requestDoor(deps, { requestId: 'replication' }).for({ region, ...(isOwn ? {} : { accountId }) });
}

/** Target accounts in each of their Regions, and where Breakwater is itself; each once. */
async function placesOf({ store }: PlaneDeps, own: ReplicationPlace): Promise<ReplicationPlace[]> {
  const accounts = await repositoryItems(targetAccountDocuments(store));
  const all = accounts.flatMap(({ value }) =>
    value.regions.map((region) => ({ accountId: value.accountId, region })),
  );
  const isThere = all.some(({ accountId, region }) => accountId === own.accountId && region === own.region);
  return isThere ? all : [own, ...all];
}

async function sweepIfDue(
  deps: PlaneDeps,
  params: ReplicationParams,
  place: ReplicationPlace,
): Promise<Sweep> {
  const sweeps = sweepsIn(deps);
  const id = `${place.accountId}/${place.region}`;
  const now = deps.realNow();
  const kept = await sweeps.find(id);
  const last: Sweep = kept?.value ?? { at: new Date(now).toISOString() };
  if (params.isOver() || (kept !== null && now - Date.parse(last.at) < SWEEP_EVERY_MS)) return last;
  const at = new Date(now).toISOString();
  const claim = { ...last, at };
  const claimed = await unlessOvertaken(
    kept === null ? sweeps.create(id, claim) : sweeps.update(id, claim, kept.revision),
  );
  // Another process sweeps it now.
  if (claimed === null) return last;
  const found = await sweep(deps, params, place);
  const swept: Sweep = { at, ...(found === null ? {} : { found }) };
  await unlessOvertaken(sweeps.update(id, swept, claimed.revision));
  return swept;
}

/** `null`: nobody has set DRS up there. */
async function sweep(
  deps: PlaneDeps,
  { own, onUnknown }: ReplicationParams,
  place: ReplicationPlace,
): Promise<Found | null> {
  const { clock } = deps;
  const timeout = new AbortController();
  const cancel = clock.at(clock.now() + LONGEST_SWEEP_MS, () => timeout.abort());
  try {
    const { drs } = await doorOf(deps, own, place);
    return measure(await drs.describeSourceServers({ filters: {} }, timeout.signal));
  } catch (error) {
    if (hasCode(error, 'AwsNotInitialized')) return null;
    onUnknown(place, error);
    return { unknown: true };
  } finally {
    cancel();
  }
}

function measure(servers: readonly SourceServer[]): Found {
  const lags = servers
    .filter(({ dataReplicationInfo: info }) => !WITHOUT_LAG.has(info?.dataReplicationState ?? ''))
    .map(lagSecondsOf);
  const known = lags.filter((lag) => lag !== null);
  return {
    ...(known.length === 0 ? {} : { lagSeconds: Math.max(...known) }),
    stalled: servers.filter(isStalled).map(({ sourceServerID = '' }) => sourceServerID),
    unknown: known.length < lags.length,
  };
}

/** DRS writes lag as an ISO 8601 duration, also with fractions that are finer than ours. */
function lagSecondsOf({ dataReplicationInfo }: SourceServer): number | null {
  const lag = readDuration((dataReplicationInfo?.lagDuration ?? '').replace(/(\.\d{3})\d+S$/, '$1S'));
  return lag === null ? null : Math.round(lag / 1_000);
}

function sweepsIn({ store }: Pick<PlaneDeps, 'store'>): DocumentRepository<Sweep> {
  const where = { table: 'platform-records', partition: 'replication', noun: 'sweep' } as const;
  return new DocumentRepository<Sweep>({ ...where, store });
}

/** `null`: somebody else has written meanwhile. */
async function unlessOvertaken<T>(writing: Promise<T>): Promise<T | null> {
  try {
    return await writing;
  } catch (error) {
    if (OVERTAKEN.some((code) => hasCode(error, code))) return null;
    throw error;
  }
}
