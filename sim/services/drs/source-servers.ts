import type {
  DataReplicationErrorString,
  DataReplicationInfo,
  DataReplicationState,
  DescribeSourceServersCommandInput,
  SourceProperties,
  SourceServer,
} from '@aws-sdk/client-drs';
import type { Call } from '#sim/kernel/contract.ts';
import { invalid } from './errors.ts';
import { isoDuration } from './iso.ts';
import { pageOf } from './pages.ts';
import { replicationAt } from './replication-state.ts';
import { findRecoveryInstance, getSettings, sourceServers, type SourceServerRow } from './rows.ts';

/** By ids, hardware id or staging account; there is no filter by tag. Unknown ids are left out, without an error. */
export function describeSourceServers(call: Call, input: DescribeSourceServersCommandInput) {
  getSettings(call);
  const { sourceServerIDs = [], hardwareId, stagingAccountIDs = [] } = input.filters ?? {};
  if (sourceServerIDs.length > 200) {
    throw invalid(
      "Value at 'sourceServerIDs' failed to satisfy constraint: Member must have length at most 200",
    );
  }
  const rows =
    sourceServerIDs.length === 0
      ? sourceServers(call).all()
      : [...new Set(sourceServerIDs)].flatMap((id) => sourceServers(call).get(id) ?? []);
  const found = rows.filter(
    (row) =>
      (hardwareId === undefined || hardwareId === row.originInstanceId) &&
      (stagingAccountIDs.length === 0 || stagingAccountIDs.includes(row.stagingAccountId)),
  );
  const { items, ...more } = pageOf(found, input);
  return { items: items.map((row) => sourceServerView(call, row)), ...more };
}

/** A source server as DRS describes it now. */
export function sourceServerView(call: Call, row: SourceServerRow): SourceServer {
  const recoveryInstance = findRecoveryInstance(call, row.recoveryInstanceId);
  return {
    sourceServerID: row.id,
    arn: row.arn,
    tags: { ...row.tags },
    ...(recoveryInstance === undefined ? {} : { recoveryInstanceId: recoveryInstance.id }),
    ...lastLaunchOf(call, row),
    dataReplicationInfo: replicationInfo(call, row),
    sourceProperties: sourceProperties(row),
    stagingArea:
      row.stagingAccountId === call.accountId
        ? { status: 'NOT_EXTENDED', stagingAccountID: row.stagingAccountId }
        : {
            status: 'EXTENDED',
            stagingAccountID: row.stagingAccountId,
            stagingSourceServerArn: row.arn.replace(call.accountId, row.stagingAccountId),
          },
    ...(row.origin === null
      ? {}
      : {
          sourceCloudProperties: {
            originAccountID: row.origin.accountId,
            originRegion: row.origin.region,
            originAvailabilityZone: row.origin.zone,
          },
        }),
    replicationDirection: row.direction,
    ...(row.reversedArn === null ? {} : { reversedDirectionSourceServerArn: row.reversedArn }),
  };
}

function lastLaunchOf(
  call: Call,
  row: SourceServerRow,
): Pick<SourceServer, 'lastLaunchResult' | 'lifeCycle'> {
  const lifeCycle = {
    addedToServiceDateTime: new Date(row.addedAt).toISOString(),
    firstByteDateTime: new Date(row.addedAt).toISOString(),
    elapsedReplicationDuration: isoDuration((call.now - row.addedAt) / 1000),
    lastSeenByServiceDateTime: new Date(lastSeenAt(call, row)).toISOString(),
  };
  if (row.lastLaunch === null) return { lastLaunchResult: 'NOT_STARTED', lifeCycle };
  const { jobId, at, isDrill, launchesAt, doneAt, succeeded } = row.lastLaunch;
  const isDone = call.now >= doneAt;
  const initiated = {
    apiCallDateTime: new Date(at).toISOString(),
    jobID: jobId,
    type: isDrill ? 'DRILL' : 'RECOVERY',
  } as const;
  const ended = succeeded ? 'LAUNCHED' : 'FAILED';
  const status = isDone ? ended : call.now < launchesAt ? 'PENDING' : 'IN_PROGRESS';
  return {
    lastLaunchResult: isDone ? (succeeded ? 'SUCCEEDED' : 'FAILED') : 'PENDING',
    lifeCycle: { ...lifeCycle, lastLaunch: { initiated, status } },
  };
}

function replicationInfo(call: Call, row: SourceServerRow): DataReplicationInfo {
  const { healsAt } = row.replication;
  const { state, error, lagSeconds } = replicationAt(row.replication, call.now);
  const isSyncing = state === 'INITIAL_SYNC';
  return {
    dataReplicationState: state as DataReplicationState,
    lagDuration: isoDuration(lagSeconds),
    ...(isSyncing && healsAt !== null ? { etaDateTime: new Date(healsAt).toISOString() } : {}),
    ...(error !== null ? { dataReplicationError: { error: error as DataReplicationErrorString } } : {}),
    replicatedDisks: row.diskBytes.map((bytes, disk) => ({
      deviceName: deviceName(row, disk),
      totalStorageBytes: bytes,
      replicatedStorageBytes: isSyncing ? 0 : bytes,
      rescannedStorageBytes: 0,
      backloggedStorageBytes: 0,
    })),
    stagingAvailabilityZone: `${call.region}a`,
  };
}

function sourceProperties(row: SourceServerRow): SourceProperties {
  return {
    lastUpdatedDateTime: new Date(row.addedAt).toISOString(),
    recommendedInstanceType: row.instanceType,
    identificationHints: {
      fqdn: row.hostname,
      hostname: row.hostname,
      ...(row.originInstanceId === null ? {} : { awsInstanceID: row.originInstanceId }),
    },
    networkInterfaces: [{ ips: [row.privateIp], isPrimary: true }],
    disks: row.diskBytes.map((bytes, disk) => ({ deviceName: deviceName(row, disk), bytes })),
    cpus: [{ cores: row.cores, modelName: 'Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz' }],
    ramBytes: row.ramBytes,
    os: { fullString: row.osName },
  };
}

function deviceName({ os }: SourceServerRow, disk: number): string {
  return os === 'windows' ? `${'cdefghijklmnopqrstuvwxyz'[disk]}:0` : `/dev/nvme${disk}n1`;
}

/** An agent that is cut off was last seen when that began. */
function lastSeenAt(call: Call, { replication }: SourceServerRow): number {
  return replicationAt(replication, call.now).state === 'DISCONNECTED' ? replication.since : call.now;
}
