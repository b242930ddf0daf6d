import type { Job, JobLog, RecoveryInstance, SourceServer } from '@aws-sdk/client-drs';
import type { AwsTarget } from '#aws/aws.ts';
import type { Failure, RecoveredServer, ResourceOutcome } from '#core/outcome.ts';
import type { OperationContext } from '../contract.ts';
import { isFinal } from '../shared/aws-failure.ts';
import { chunk, MOST_IDS } from '../shared/chunk.ts';
import type { Place } from '../shared/place.ts';
import { targetAt } from '../shared/place.ts';
import type { BatchState } from './recovery-state.ts';
import { readServersById, sourceInstanceIdOf } from './source-servers.ts';

/** What became of the servers of a completed job. `unsettled`: launched, but their recovery instance cannot be seen yet. */
export interface JobResult {
  readonly outcomes: readonly ResourceOutcome[];
  readonly unsettled: readonly string[];
}

/**
 * Reads the outcome of each server of a completed job. DRS has no failed jobs: a server has been recovered if its
 * launch status is LAUNCHED and its recovery instance exists, and in no other case.
 */
export async function readJobResult(
  context: OperationContext,
  place: Place,
  batch: BatchState,
  job: Job,
): Promise<JobResult> {
  const target = targetAt(context, place);
  const status = new Map(
    (job.participatingServers ?? []).map((one) => [one.sourceServerID ?? '', one.launchStatus ?? '']),
  );
  const launched = batch.servers.filter((id) => status.get(id) === 'LAUNCHED');
  const rest = batch.servers.filter((id) => status.get(id) !== 'LAUNCHED');
  const recovered = await readRecovered(context, target, launched, job);
  const logs =
    rest.length === 0 ? [] : await target.drs.describeJobLogItems({ jobID: batch.jobId }, context.signal);
  const times = { startedAt: iso(batch.startedAt), completedAt: job.endDateTime ?? iso(context.now()) };
  const failed = rest.map((id): ResourceOutcome => ({
    resourceId: id,
    status: 'failed',
    ...times,
    detail: `job ${batch.jobId}`,
    error: whyNotLaunched(id, status.get(id) ?? '', logs, launched.length === 0),
  }));
  const done = launched.flatMap((id): ResourceOutcome[] => {
    const server = recovered.get(id);
    if (server === undefined) return [];
    return [
      { resourceId: id, status: 'completed', ...times, detail: `job ${batch.jobId}`, result: { ...server } },
    ];
  });
  return { outcomes: [...done, ...failed], unsettled: launched.filter((id) => !recovered.has(id)) };
}

/** The outcome of a server that never came to light: its job is gone, or its instance is. */
export function lostOutcome(
  context: OperationContext,
  batch: BatchState,
  sourceServerId: string,
  failure: Failure,
): ResourceOutcome {
  return {
    resourceId: sourceServerId,
    status: 'failed',
    startedAt: iso(batch.startedAt),
    completedAt: iso(context.now()),
    detail: `job ${batch.jobId}`,
    error: failure,
  };
}

async function readRecovered(
  context: OperationContext,
  target: AwsTarget,
  ids: readonly string[],
  job: Job,
): Promise<Map<string, RecoveredServer>> {
  if (ids.length === 0) return new Map();
  const instances = await readRecoveryInstances(context, target, ids, job);
  const sources = await readServersById(target.drs, [...instances.keys()], context.signal);
  const sourceById = new Map(sources.map((server) => [server.sourceServerID ?? '', server]));
  const addresses = await readPrivateIps(context, target, [...instances.values()]);
  return new Map(
    [...instances].map(([id, instance]) => [
      id,
      recoveredServer({ context, target, id, instance, source: sourceById.get(id), addresses }),
    ]),
  );
}

function recoveredServer(params: {
  context: OperationContext;
  target: AwsTarget;
  id: string;
  instance: RecoveryInstance;
  source: SourceServer | undefined;
  addresses: ReadonlyMap<string, string>;
}): RecoveredServer {
  const { context, target, id, instance, source } = params;
  const ec2InstanceId = instance.ec2InstanceID ?? '';
  return {
    sourceServerId: id,
    sourceInstanceId: sourceInstanceIdOf(source) || id,
    recoveryInstanceId: instance.recoveryInstanceID ?? '',
    ec2InstanceId,
    privateIp: params.addresses.get(ec2InstanceId) ?? null,
    status: (instance.ec2InstanceState ?? 'unknown').toLowerCase(),
    accountId: target.accountId ?? accountOf(instance.arn) ?? '',
    region: target.region,
    isDrill: instance.isDrill ?? context.mode === 'drill',
    pointInTime: instance.pointInTimeSnapshotDateTime ?? null,
  };
}

/** The recovery instances of these source servers that this job has made, by source server. */
export async function readRecoveryInstances(
  context: OperationContext,
  target: AwsTarget,
  ids: readonly string[],
  job: Job,
): Promise<Map<string, RecoveryInstance>> {
  const ofJob = new Set((job.participatingServers ?? []).map((server) => server.recoveryInstanceID));
  const found = new Map<string, RecoveryInstance>();
  for (const sourceServerIDs of chunk(ids, MOST_IDS)) {
    const page = await target.drs.describeRecoveryInstances({ filters: { sourceServerIDs } }, context.signal);
    for (const instance of page) {
      const isOfJob = instance.jobID === job.jobID || ofJob.has(instance.recoveryInstanceID);
      if (isOfJob && instance.ec2InstanceID !== undefined) found.set(instance.sourceServerID ?? '', instance);
    }
  }
  return found;
}

/** By filter, because one unknown id would fail a call by ids. Without permission the addresses stay unknown. */
async function readPrivateIps(
  context: OperationContext,
  target: AwsTarget,
  instances: readonly RecoveryInstance[],
): Promise<Map<string, string>> {
  const addresses = new Map<string, string>();
  const ids = instances.flatMap((instance) => instance.ec2InstanceID ?? []);
  for (const Values of chunk(ids, MOST_IDS)) {
    const page = await target.ec2
      .describeInstances({ Filters: [{ Name: 'instance-id', Values }] }, context.signal)
      .catch((error: unknown) => {
        if (isFinal(error)) return [];
        throw error;
      });
    for (const { InstanceId, PrivateIpAddress } of page) {
      if (InstanceId !== undefined && PrivateIpAddress !== undefined)
        addresses.set(InstanceId, PrivateIpAddress);
    }
  }
  return addresses;
}

/** The last event of the log that tells of a failure of this server; events are an open set, and not in order of time. */
function whyNotLaunched(
  id: string,
  status: string,
  logs: readonly JobLog[],
  nothingLaunched: boolean,
): Failure {
  const about = logs
    .filter((log) => log.eventData?.sourceServerID === id && /FAIL|SKIPPED|CANCEL/.test(log.event ?? ''))
    .sort((a, b) => (a.logDateTime ?? '').localeCompare(b.logDateTime ?? ''))
    .at(-1);
  if (about !== undefined) {
    const raw = about.eventData?.rawError;
    return {
      code: `drs:${about.event}`,
      message: `DRS did not launch it: ${raw === undefined ? about.event! : raw}`,
    };
  }
  const ended = `the job ended, but the server's launch status is ${status === '' ? 'not given' : status}`;
  const hint = nothingLaunched
    ? '. Nothing was launched and the log names no reason: that is how DRS behaves when the role that called ' +
      'StartRecovery lacks permissions for EC2, which DRS uses on its behalf'
    : '';
  return { code: 'drs:NOT_LAUNCHED', message: `${ended}${hint}` };
}

function accountOf(arn: string | undefined): string | undefined {
  return arn?.split(':')[4];
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
