import type { DrsCalls } from '#aws/services/drs.ts';

/** DRS as answers carry it: its own words for states, the specification's spelling for names. Times are ISO 8601. */

type ItemOf<K extends keyof DrsCalls> = Awaited<ReturnType<DrsCalls[K]>> extends (infer T)[] ? T : never;
export type SourceServer = ItemOf<'describeSourceServers'>;
export type Job = ItemOf<'describeJobs'>;
type JobLogItem = ItemOf<'describeJobLogItems'>;
type RecoveryInstance = ItemOf<'describeRecoveryInstances'>;

export interface SourceServerView {
  readonly sourceServerId: string;
  readonly arn?: string;
  /** For people: its `Name`, else its host name, else an id. */
  readonly name: string;
  readonly hostname?: string;
  /** The EC2 instance that is replicated, if it is one. */
  readonly sourceInstanceId?: string;
  readonly originAccountId?: string;
  readonly originRegion?: string;
  readonly os?: string;
  readonly recommendedInstanceType?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly replication: ReplicationView;
  readonly replicationDirection?: string;
  readonly lastLaunch?: {
    readonly result: string;
    readonly jobId?: string;
    readonly type?: string;
    readonly startedAt?: string;
  };
  readonly recoveryInstanceId?: string;
}

export interface ReplicationView {
  /** As DRS has it: `CONTINUOUS`, `STALLED` …; `UNKNOWN` if it does not say. */
  readonly state: string;
  /** ISO 8601 duration, as DRS has it. */
  readonly lag?: string;
  /** When an initial sync or a rescan is expected to be done. */
  readonly eta?: string;
  readonly error?: string;
  readonly lastSeenAt?: string;
}

/** One server, with what a list leaves out. */
export interface SourceServerDetails extends SourceServerView {
  readonly disks: readonly {
    readonly deviceName: string;
    readonly totalBytes?: number;
    readonly replicatedBytes?: number;
    readonly rescannedBytes?: number;
    readonly backlogBytes?: number;
  }[];
  /** Steps of the initiation, while it lasts. */
  readonly initiationSteps: readonly { readonly name: string; readonly status: string }[];
}

export interface JobView {
  readonly jobId: string;
  readonly type: string;
  readonly initiatedBy?: string;
  readonly status: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly servers: readonly {
    readonly sourceServerId: string;
    readonly recoveryInstanceId?: string;
    readonly launchStatus?: string;
  }[];
  readonly tags: Readonly<Record<string, string>>;
  /** The execution that has started it, if one of Breakwater has. */
  readonly executionId?: string;
}

export interface JobLogView {
  readonly at: string;
  readonly event: string;
  readonly sourceServerId?: string;
  readonly conversionServerId?: string;
  readonly targetInstanceId?: string;
  readonly error?: string;
}

export interface RecoveryInstanceView {
  readonly recoveryInstanceId: string;
  readonly ec2InstanceId?: string;
  readonly ec2InstanceState?: string;
  readonly sourceServerId?: string;
  readonly jobId?: string;
  readonly isDrill: boolean;
  /** The state of the source that it was launched from. */
  readonly pointInTime?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export function viewServer(server: SourceServer): SourceServerView {
  const { sourceServerID: sourceServerId = '', tags = {}, sourceProperties, sourceCloudProperties } = server;
  const hints = sourceProperties?.identificationHints;
  return {
    sourceServerId,
    name: tags['Name'] ?? hints?.hostname ?? hints?.awsInstanceID ?? sourceServerId,
    tags,
    replication: viewReplication(server),
    ...viewLastLaunch(server),
    ...present({
      arn: server.arn,
      hostname: hints?.hostname,
      sourceInstanceId: hints?.awsInstanceID,
      originAccountId: sourceCloudProperties?.originAccountID,
      originRegion: sourceCloudProperties?.originRegion,
      os: sourceProperties?.os?.fullString,
      recommendedInstanceType: sourceProperties?.recommendedInstanceType,
      replicationDirection: server.replicationDirection,
      recoveryInstanceId: server.recoveryInstanceId,
    }),
  };
}

export function viewServerDetails(server: SourceServer): SourceServerDetails {
  const { replicatedDisks = [], dataReplicationInitiation } = server.dataReplicationInfo ?? {};
  return {
    ...viewServer(server),
    disks: replicatedDisks.map((disk) => ({
      deviceName: disk.deviceName ?? '',
      ...present({
        totalBytes: disk.totalStorageBytes,
        replicatedBytes: disk.replicatedStorageBytes,
        rescannedBytes: disk.rescannedStorageBytes,
        backlogBytes: disk.backloggedStorageBytes,
      }),
    })),
    initiationSteps: (dataReplicationInitiation?.steps ?? []).map(({ name = '', status = '' }) => ({
      name,
      status,
    })),
  };
}

function viewReplication({ dataReplicationInfo: info, lifeCycle }: SourceServer): ReplicationView {
  return {
    state: info?.dataReplicationState ?? 'UNKNOWN',
    ...present({
      lag: info?.lagDuration,
      eta: info?.etaDateTime,
      error: info?.dataReplicationError?.error,
      lastSeenAt: lifeCycle?.lastSeenByServiceDateTime,
    }),
  };
}

function viewLastLaunch({
  lastLaunchResult,
  lifeCycle,
}: SourceServer): Pick<SourceServerView, 'lastLaunch'> | object {
  if (lastLaunchResult === undefined || lastLaunchResult === 'NOT_STARTED') return {};
  const { jobID: jobId, type, apiCallDateTime: startedAt } = lifeCycle?.lastLaunch?.initiated ?? {};
  return { lastLaunch: { result: lastLaunchResult, ...present({ jobId, type, startedAt }) } };
}

export function viewJob(job: Job): JobView {
  const { jobID = '', type = 'UNKNOWN', status = 'UNKNOWN', participatingServers = [], tags = {} } = job;
  return {
    jobId: jobID,
    type,
    status,
    servers: participatingServers.map((server) => ({
      sourceServerId: server.sourceServerID ?? '',
      ...present({ recoveryInstanceId: server.recoveryInstanceID, launchStatus: server.launchStatus }),
    })),
    tags,
    ...present({
      initiatedBy: job.initiatedBy,
      startedAt: job.creationDateTime,
      endedAt: job.endDateTime,
      executionId: tags['breakwater:execution'],
    }),
  };
}

/** In the order of time, which AWS does not keep. */
export function viewJobLog(items: readonly JobLogItem[]): JobLogView[] {
  return items
    .map(({ logDateTime = '', event = 'UNKNOWN', eventData = {} }) => ({
      at: logDateTime,
      event,
      ...present({
        sourceServerId: eventData.sourceServerID,
        conversionServerId: eventData.conversionServerID,
        targetInstanceId: eventData.targetInstanceID,
        error: eventData.rawError,
      }),
    }))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || rankOf(a.event) - rankOf(b.event));
}

/** Begins come before ends of the same moment. */
function rankOf(event: string): number {
  return event === 'JOB_START' ? 0 : event === 'JOB_END' ? 3 : event.endsWith('START') ? 1 : 2;
}

export function viewRecoveryInstance(instance: RecoveryInstance): RecoveryInstanceView {
  return {
    recoveryInstanceId: instance.recoveryInstanceID ?? '',
    isDrill: instance.isDrill ?? false,
    tags: instance.tags ?? {},
    ...present({
      ec2InstanceId: instance.ec2InstanceID,
      ec2InstanceState: instance.ec2InstanceState,
      sourceServerId: instance.sourceServerID,
      jobId: instance.jobID,
      pointInTime: instance.pointInTimeSnapshotDateTime,
    }),
  };
}

/** Without the members that are not there, or empty. */
function present<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== ''),
  ) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
