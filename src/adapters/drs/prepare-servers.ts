import type { StartRecoveryRequestSourceServer } from '@aws-sdk/client-drs';
import type { DrsCalls } from '#aws/services/drs.ts';
import { parseDuration } from '#core/duration.ts';
import type { Failure } from '#core/outcome.ts';
import { failureOf, isFinal } from '../shared/aws-failure.ts';
import type { LaunchConfiguration, PointInTime } from './recovery-schema.ts';

/** A server that could not be prepared, and why. */
export interface Refusal {
  readonly sourceServerId: string;
  readonly failure: Failure;
}

/** Sets the launch configuration of each server; repeating it changes nothing. Answers those that AWS refused for good. */
export async function configureServers(
  drs: DrsCalls,
  ids: readonly string[],
  { osByol, ...configuration }: LaunchConfiguration,
  signal: AbortSignal,
): Promise<Refusal[]> {
  const settings = { ...configuration, ...(osByol === undefined ? {} : { licensing: { osByol } }) };
  const defined = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return refusals(ids, (sourceServerID) =>
    drs.updateLaunchConfiguration({ sourceServerID, ...defined }, signal),
  );
}

/** Finds the point in time of each server. Answers what StartRecovery takes, and the servers that have no such point. */
export async function choosePoints(
  drs: DrsCalls,
  ids: readonly string[],
  { pointInTime, now, signal }: { pointInTime: PointInTime; now: number; signal: AbortSignal },
): Promise<{ servers: StartRecoveryRequestSourceServer[]; refused: Refusal[] }> {
  if (pointInTime === 'latest')
    return { servers: ids.map((sourceServerID) => ({ sourceServerID })), refused: [] };
  if ('snapshotIds' in pointInTime) {
    const servers = ids.map((sourceServerID) => {
      const recoverySnapshotID = pointInTime.snapshotIds[sourceServerID];
      return { sourceServerID, ...(recoverySnapshotID === undefined ? {} : { recoverySnapshotID }) };
    });
    return { servers, refused: [] };
  }
  const notAfter =
    'notAfter' in pointInTime ? Date.parse(pointInTime.notAfter) : now - parseDuration(pointInTime.age);
  const chosen = new Map<string, string>();
  const refused = await refusals(ids, async (sourceServerID) => {
    const snapshotId = await newestSnapshot(drs, sourceServerID, notAfter, signal);
    if (snapshotId === null) {
      const message = `has no point in time at or before ${new Date(notAfter).toISOString()}`;
      return { code: 'SnapshotNotFound', message: `source server ${sourceServerID} ${message}` };
    }
    chosen.set(sourceServerID, snapshotId);
    return null;
  });
  const servers = [...chosen].map(([sourceServerID, recoverySnapshotID]) => ({
    sourceServerID,
    recoverySnapshotID,
  }));
  return { servers, refused };
}

async function newestSnapshot(
  drs: DrsCalls,
  sourceServerID: string,
  notAfter: number,
  signal: AbortSignal,
): Promise<string | null> {
  const snapshots = await drs.describeRecoverySnapshots(
    { sourceServerID, order: 'DESC', filters: { toDateTime: new Date(notAfter).toISOString() } },
    signal,
  );
  const timeOf = (snapshot: (typeof snapshots)[number]): number =>
    Date.parse(snapshot.timestamp ?? snapshot.expectedTimestamp ?? '');
  const newest = snapshots.filter((one) => timeOf(one) <= notAfter).sort((a, b) => timeOf(b) - timeOf(a))[0];
  return newest?.snapshotID ?? null;
}

/** Runs `work` for each server, in order of the rate limit; a failure that it answers, or a final error, refuses the server. */
async function refusals(
  ids: readonly string[],
  work: (sourceServerId: string) => Promise<unknown>,
): Promise<Refusal[]> {
  const results = await Promise.all(
    ids.map(async (sourceServerId) => {
      try {
        const failure = await work(sourceServerId);
        return isFailure(failure) ? { sourceServerId, failure } : null;
      } catch (error) {
        if (!isFinal(error)) throw error;
        return { sourceServerId, failure: failureOf(error) };
      }
    }),
  );
  return results.filter((refusal) => refusal !== null);
}

function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}
