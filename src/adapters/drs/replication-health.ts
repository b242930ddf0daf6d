import type { SourceServer } from '@aws-sdk/client-drs';
import { parseDuration } from '#core/duration.ts';
import type { Finding } from '#core/outcome.ts';

type Level = Finding['level'];

/**
 * What a state of replication means for a launch: in a drill, and in a recovery. In a recovery the source may be gone, so
 * a stalled server is launched from its last point in time. States: DRS API reference, DataReplicationState.
 */
const STATES: Readonly<
  Record<string, { readonly drill: Level; readonly recovery: Level; readonly meaning: string }>
> = {
  INITIATING: { drill: 'error', recovery: 'error', meaning: 'has no point in time to launch from yet' },
  INITIAL_SYNC: { drill: 'error', recovery: 'error', meaning: 'has no point in time to launch from yet' },
  STOPPED: { drill: 'error', recovery: 'error', meaning: 'is not replicated, and its snapshots are deleted' },
  DISCONNECTED: {
    drill: 'error',
    recovery: 'error',
    meaning: 'was disconnected from DRS, which deletes its replica',
  },
  STALLED: {
    drill: 'error',
    recovery: 'warning',
    meaning: 'has stopped replicating; its last point in time ages',
  },
  PAUSED: {
    drill: 'warning',
    recovery: 'warning',
    meaning: 'has paused replicating; its last point in time ages',
  },
  BACKLOG: { drill: 'warning', recovery: 'warning', meaning: 'is behind: some data is not replicated yet' },
  RESCAN: {
    drill: 'warning',
    recovery: 'warning',
    meaning: 'is being rescanned; its last point in time ages',
  },
  CREATING_SNAPSHOT: { drill: 'info', recovery: 'info', meaning: 'is taking a snapshot' },
};

/** What stands against launching a server: its state of replication, its lag, an earlier recovery instance. */
export function findingsOnServer(
  server: SourceServer,
  rules: {
    readonly mode: 'drill' | 'recovery';
    readonly maxLag: string | undefined;
    readonly allowRelaunch: boolean;
    /** Recovery instances of drills. */
    readonly drillInstances: ReadonlySet<string>;
  },
): Finding[] {
  const found = [stateFinding(server, rules.mode), lagFinding(server, rules.maxLag)];
  if (!rules.allowRelaunch) found.push(relaunchFinding(server, rules.drillInstances));
  return found.filter((finding) => finding !== null);
}

/** A launch replaces the instance of an earlier one. What a drill has left may go; what a recovery has launched may be production. */
function relaunchFinding(server: SourceServer, drillInstances: ReadonlySet<string>): Finding | null {
  const instanceId = server.recoveryInstanceId ?? '';
  if (instanceId === '') return null;
  const isDrill = drillInstances.has(instanceId);
  return findingOn(server, {
    level: isDrill ? 'warning' : 'error',
    rule: 'RecoveryInstanceExists',
    value: instanceId,
    message: `has the recovery instance ${instanceId} of an earlier ${isDrill ? 'drill' : 'recovery'}, which a launch replaces`,
    remedy: 'Terminate it (drs/terminate), or set parameters.allowRelaunch.',
  });
}

function stateFinding(server: SourceServer, mode: 'drill' | 'recovery'): Finding | null {
  const state = server.dataReplicationInfo?.dataReplicationState ?? 'unknown';
  if (state === 'CONTINUOUS') return null;
  const rule = STATES[state];
  const cause = server.dataReplicationInfo?.dataReplicationError?.error;
  return findingOn(server, {
    level: rule?.[mode] ?? 'warning',
    rule: 'ReplicationUnhealthy',
    value: state,
    message: `${rule?.meaning ?? 'is in a state of replication that is not known'} (${state}${cause ? `, ${cause}` : ''})`,
    remedy: 'Mend its replication in the DRS console, or take it out of the plan.',
  });
}

function lagFinding(server: SourceServer, maxLag: string | undefined): Finding | null {
  const lag = server.dataReplicationInfo?.lagDuration;
  if (maxLag === undefined || lag === undefined || lagMs(lag) <= parseDuration(maxLag)) return null;
  return findingOn(server, {
    level: 'error',
    rule: 'ReplicationLagTooHigh',
    value: lag,
    message: `lags ${lag} behind its source; at most ${maxLag} is allowed`,
    remedy: 'Wait until replication has caught up, or raise parameters.maxLag.',
  });
}

/** DRS writes lag as an ISO 8601 duration; one that cannot be read counts as infinite. */
function lagMs(lag: string): number {
  try {
    return parseDuration(lag.replace(/(\.\d{3})\d+S$/, '$1S'));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function findingOn(
  { sourceServerID = '' }: SourceServer,
  { message, ...rest }: Omit<Finding, 'path'>,
): Finding {
  return { ...rest, path: 'resources', message: `source server ${sourceServerID} ${message}` };
}
