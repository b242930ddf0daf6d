import { ServiceError, type Call, type Scope } from '#sim/kernel/contract.ts';
import type { Table } from '#sim/kernel/world.ts';
import { notFound } from './errors.ts';
import type { Settings } from './settings.ts';

export type Tags = Readonly<Record<string, string>>;

/** What a launch of this server does, as the scenario declares it. `left`: how many launches still fail. */
export interface LaunchFault {
  readonly launch: 'ok' | 'fail-conversion' | 'fail-launch' | 'stuck';
  readonly left: number;
}

/** How replication stands, and what will become of it by itself: `replicationAt` tells for any moment. */
export interface Replication {
  readonly state: string;
  readonly error: string | null;
  /** How far behind the replica is, at `since`. It falls further behind with time unless the state keeps up. */
  readonly lagSeconds: number;
  readonly since: number;
  /** `STALLED` from then on. `null`: never. */
  readonly stallsAt: number | null;
  /** `CONTINUOUS` without lag from then on. `null`: never by itself. */
  readonly healsAt: number | null;
  /** Snapshots exist from then on. `null`: none yet. */
  readonly snapshotsSince: number | null;
}

export interface LaunchConfiguration {
  readonly ec2LaunchTemplateID: string;
  readonly name: string;
  readonly launchDisposition: 'STARTED' | 'STOPPED';
  readonly targetInstanceTypeRightSizingMethod: 'NONE' | 'BASIC' | 'IN_AWS';
  readonly copyPrivateIp: boolean;
  readonly copyTags: boolean;
  readonly osByol: boolean;
  readonly postLaunchEnabled: boolean;
  readonly launchIntoEC2InstanceID: string | null;
}

/** This server's part in a LAUNCH job; it outlives the job's record. */
export interface LastLaunch {
  readonly jobId: string;
  readonly at: number;
  readonly isDrill: boolean;
  readonly launchesAt: number;
  readonly doneAt: number;
  readonly succeeded: boolean;
}

export interface SourceServerRow {
  readonly id: string;
  readonly arn: string;
  readonly tags: Tags;
  readonly hostname: string;
  readonly os: 'linux' | 'windows';
  readonly osName: string;
  readonly diskBytes: readonly number[];
  readonly cores: number;
  readonly ramBytes: number;
  readonly instanceType: string;
  readonly privateIp: string;
  /** The EC2 instance that is replicated; `null`: a server outside AWS. */
  readonly originInstanceId: string | null;
  readonly origin: { readonly accountId: string; readonly region: string; readonly zone: string } | null;
  readonly stagingAccountId: string;
  readonly direction: 'FAILOVER' | 'FAILBACK';
  readonly reversedArn: string | null;
  readonly addedAt: number;
  readonly replication: Replication;
  readonly launchConfiguration: LaunchConfiguration;
  /** The last LAUNCH job that this server is or was in. */
  readonly lastLaunch: LastLaunch | null;
  /** End of the last job, LAUNCH or TERMINATE, that this server is or was in: until then no other can have it. */
  readonly busyUntil: number;
  readonly recoveryInstanceId: string | null;
  readonly fault: LaunchFault;
  /** How its recovery instances behave. */
  readonly recovered: { readonly ssmAgent: 'online' | 'offline'; readonly checks: 'ok' | 'impaired' };
}

export type LaunchOutcome =
  | 'launched'
  | 'no-snapshot'
  | 'conversion-failed'
  | 'launch-failed'
  /** The conversion never ends, and so the job. */
  | 'stuck'
  /** The job passes over the server after its snapshot, without a word. */
  | 'nothing';

/**
 * One server in one LAUNCH job. All times (milliseconds since 1970) and the outcome are drawn when the job is created;
 * what job, server and log say is a function of this row and of now. Steps after a failure never happen.
 */
export interface JobServer {
  readonly sourceServerId: string;
  readonly outcome: LaunchOutcome;
  readonly error: string | null;
  readonly conversionServerId: string;
  readonly recoveryInstanceId: string;
  /** The earlier recovery instance that this launch removes. */
  readonly replaces: string | null;
  readonly usesPreviousSnapshot: boolean;
  readonly pointInTime: number;
  readonly snapshotStart: number;
  readonly snapshotEnd: number;
  readonly conversionStart: number;
  readonly conversionEnd: number;
  readonly launchStart: number;
  /** When the instance appears in EC2, between `launchStart` and `launchEnd`. */
  readonly instanceAt: number;
  readonly launchEnd: number;
}

interface JobBase {
  readonly id: string;
  readonly arn: string;
  readonly tags: Tags;
  readonly createdAt: number;
  readonly startsAt: number;
  readonly endsAt: number;
  /** From then on DescribeJobs does not know the job. */
  readonly vanishesAt: number | null;
}

export interface LaunchJobRow extends JobBase {
  readonly type: 'LAUNCH';
  readonly isDrill: boolean;
  readonly servers: readonly JobServer[];
}

export interface TerminateJobRow extends JobBase {
  readonly type: 'TERMINATE';
  readonly servers: readonly {
    readonly sourceServerId: string;
    readonly recoveryInstanceId: string;
    readonly doneAt: number;
  }[];
}

export type JobRow = LaunchJobRow | TerminateJobRow;

export interface RecoveryInstanceRow {
  /** The id of the EC2 instance, as on AWS. */
  readonly id: string;
  readonly arn: string;
  readonly tags: Tags;
  readonly sourceServerId: string;
  readonly jobId: string;
  readonly isDrill: boolean;
  readonly pointInTime: number;
  /** DRS lists it from then on: the end of its launch. */
  readonly since: number;
  readonly isDisconnected: boolean;
  /** Replication back to the origin; it can be launched there from `readyAt` on. */
  readonly failback: { readonly initiatedAt: number; readonly readyAt: number } | null;
}

/** The jobs that may still be active, so that quotas need no look at all jobs. */
interface ActiveJobs {
  readonly jobs: readonly { readonly id: string; readonly endsAt: number; readonly servers: number }[];
}

/** A scope and its world: all that reading rows needs. Every `Call` is one. */
export type Scoped = Scope & Pick<Call, 'world'>;

export const sourceServers = (scope: Scoped): Table<SourceServerRow> =>
  scope.world.table(scope, 'drs.sourceServers');
export const jobs = (scope: Scoped): Table<JobRow> => scope.world.table(scope, 'drs.jobs');
export const recoveryInstances = (scope: Scoped): Table<RecoveryInstanceRow> =>
  scope.world.table(scope, 'drs.recoveryInstances');

const settings = (scope: Scoped): Table<Settings> => scope.world.table(scope, 'drs.settings');
const activeJobs = (scope: Scoped): Table<ActiveJobs> => scope.world.table(scope, 'drs.activeJobs');

/** The Region's settings, or `UninitializedAccountException`: every operation but InitializeService begins here. */
export function getSettings(scope: Scoped): Settings {
  const row = settings(scope).get('settings');
  if (row === undefined || !row.initialized) {
    throw new ServiceError(
      'UninitializedAccountException',
      'Account is not initialized for AWS Elastic Disaster Recovery',
    );
  }
  return row;
}

export function findSettings(scope: Scoped): Settings | undefined {
  return settings(scope).get('settings');
}

export function putSettings(scope: Scoped, row: Settings): void {
  settings(scope).put('settings', row);
}

/** Jobs that are active now. */
export function listActive(call: Call): ActiveJobs['jobs'] {
  return (activeJobs(call).get('active')?.jobs ?? []).filter(({ endsAt }) => call.now < endsAt);
}

export function putJob(call: Call, job: JobRow): void {
  jobs(call).put(job.id, job);
  const entry = { id: job.id, endsAt: job.endsAt, servers: job.servers.length };
  activeJobs(call).put('active', { jobs: [...listActive(call), entry] });
}

/** The source server, or `ResourceNotFoundException`. */
export function getSourceServer(scope: Scoped, id: string | undefined): SourceServerRow {
  const row = id === undefined ? undefined : sourceServers(scope).get(id);
  if (row === undefined) throw notFound('source-server', id ?? '');
  return row;
}

/** The recovery instance if DRS lists it by now. */
export function findRecoveryInstance(call: Call, id: string | null): RecoveryInstanceRow | undefined {
  const row = id === null ? undefined : recoveryInstances(call).get(id);
  return row !== undefined && row.since <= call.now ? row : undefined;
}

export function getRecoveryInstance(call: Call, id: string | undefined): RecoveryInstanceRow {
  const row = findRecoveryInstance(call, id ?? null);
  if (row === undefined) throw notFound('recovery-instance', id ?? '');
  return row;
}

export function arnOf(scope: Scope, kind: 'source-server' | 'job' | 'recovery-instance', id: string): string {
  return `arn:aws:drs:${scope.region}:${scope.accountId}:${kind}/${id}`;
}
