import type { Job, SourceServer } from '@aws-sdk/client-drs';
import type { AwsTarget } from '#aws/aws.ts';
import { DRS_QUOTAS } from '#aws/drs-quotas.ts';
import type { Finding } from '#core/outcome.ts';
import type { Assessment, OperationContext, OperationInput, PlannedCall, QuotaUse } from '../contract.ts';
import { capacityOf } from './capacity.ts';
import { chunk, MOST_IDS } from '../shared/chunk.ts';
import { readQuotas, type DrsQuotas } from './drs-quotas.ts';
import { expectedJobMs } from './expected-duration.ts';
import { targetAt } from '../shared/place.ts';
import { readRecentJobs } from './recent-jobs.ts';
import type { RecoveryParameters, RecoveryResources } from './recovery-schema.ts';
import { MOST_SERVERS } from './recovery-state.ts';
import { findingsOnServer } from './replication-health.ts';
import { resolveServers, type ServersAtPlace, type Unresolved } from './resolve-servers.ts';
import { shareRead } from './shared-reads.ts';
import { describeServer } from './source-servers.ts';

/** The dry run of `drs/recovery`: which servers, in what health, against which quotas, by which calls, for how long. */
export async function assessRecovery(
  context: OperationContext,
  { resources, parameters }: OperationInput<RecoveryResources, RecoveryParameters>,
): Promise<Assessment> {
  const { places, unresolved } = await resolveServers(context, resources);
  const parts = await Promise.all(places.map((at) => assessPlace(context, at, parameters)));
  const servers = places.flatMap((at) => at.servers);
  return {
    findings: [
      ...unresolved.map(unresolvedFinding),
      ...countFindings(servers.length),
      ...parts.flatMap((part) => part.findings),
    ],
    resources: servers.map((server) => ({
      resourceId: server.sourceServerID!,
      ...nameOf(server),
      description: describeServer(server),
      lock: `drs/${server.sourceServerID}`,
    })),
    calls: parts.flatMap((part) => part.calls),
    quotas: parts.flatMap((part) => part.quotas),
    estimatedMs: Math.max(0, ...parts.map((part) => part.estimatedMs)),
    estimateBasis:
      'recorded DRS jobs: 536 s for small Linux servers (n=2), 25 minutes for Windows (reported); ' +
      'one after the other where the quota of servers in all jobs forces it',
  };
}

interface PlaceAssessment extends Pick<Assessment, 'findings' | 'calls' | 'quotas' | 'estimatedMs'> {}

async function assessPlace(
  context: OperationContext,
  { place, servers }: ServersAtPlace,
  parameters: RecoveryParameters,
): Promise<PlaceAssessment> {
  const target = targetAt(context, place);
  const { quotas, read } = await shareRead(context, {
    door: target.drs,
    name: 'quotas',
    read: () => readQuotas(target, context.signal),
  });
  const jobs = await shareRead(context, {
    door: target.drs,
    name: 'jobs',
    read: () => readRecentJobs(context, target),
  });
  const rules = {
    mode: context.mode,
    maxLag: parameters.maxLag,
    allowRelaunch: parameters.allowRelaunch,
    drillInstances: await readDrillInstances(context, target, servers),
  };
  const { held } = capacityOf(jobs, quotas);
  const busy = servers.flatMap((server) => server.sourceServerID ?? []).filter((id) => held.has(id));
  const batches = Math.ceil(servers.length / Math.min(parameters.batchSize ?? quotas.perJob, quotas.perJob));
  return {
    findings: [
      ...servers.flatMap((server) => findingsOnServer(server, rules)),
      ...busy.map(busyFinding),
      ...(read ? [] : [quotasFinding()]),
    ],
    calls: plannedCalls({ servers: servers.length, batches, parameters, where: locate(target) }),
    quotas: quotaUse(jobs, quotas, servers.length, batches),
    estimatedMs: Math.ceil(servers.length / quotas.inAllJobs) * expectedJobMs(servers),
  };
}

/** Of the recovery instances that the servers have already, those that a drill has launched. */
async function readDrillInstances(
  context: OperationContext,
  { drs }: AwsTarget,
  servers: readonly SourceServer[],
): Promise<Set<string>> {
  const ids = servers.flatMap((server) => server.recoveryInstanceId || []);
  const drills = new Set<string>();
  for (const recoveryInstanceIDs of chunk(ids, MOST_IDS)) {
    const page = await drs.describeRecoveryInstances({ filters: { recoveryInstanceIDs } }, context.signal);
    for (const { recoveryInstanceID, isDrill } of page)
      if (isDrill === true) drills.add(recoveryInstanceID ?? '');
  }
  return drills;
}

function locate({
  accountId,
  region,
}: {
  accountId: string | undefined;
  region: string;
}): Pick<PlannedCall, 'accountId' | 'region'> {
  return { ...(accountId === undefined ? {} : { accountId }), region };
}

function plannedCalls(params: {
  servers: number;
  batches: number;
  parameters: RecoveryParameters;
  where: Pick<PlannedCall, 'accountId' | 'region'>;
}): PlannedCall[] {
  const { servers, batches, parameters, where } = params;
  const call = (iamAction: string, count: number, summary: string): PlannedCall => ({
    iamAction,
    ...where,
    count,
    summary,
  });
  return [
    ...(parameters.launchConfiguration === undefined
      ? []
      : [call('drs:UpdateLaunchConfiguration', servers, 'set the launch configuration of each server')]),
    ...(typeof parameters.pointInTime === 'object' && !('snapshotIds' in parameters.pointInTime)
      ? [call('drs:DescribeRecoverySnapshots', servers, 'find the point in time of each server')]
      : []),
    call('drs:StartRecovery', batches, `launch ${servers} servers in ${batches} jobs`),
    call('drs:DescribeJobs', 50 * Math.ceil(batches / 5), 'watch the jobs'),
  ];
}

function quotaUse(jobs: readonly Job[], quotas: DrsQuotas, servers: number, batches: number): QuotaUse[] {
  const { jobs: freeJobs, servers: freeServers } = capacityOf(jobs, quotas);
  const use = (key: keyof DrsQuotas, used: number, needed: number): QuotaUse => ({
    name: DRS_QUOTAS[key].name,
    code: DRS_QUOTAS[key].code,
    limit: quotas[key],
    used,
    needed,
  });
  return [
    use('perJob', 0, Math.ceil(servers / Math.max(1, batches))),
    use('jobs', quotas.jobs - freeJobs, batches),
    use('inAllJobs', quotas.inAllJobs - freeServers, servers),
  ];
}

function unresolvedFinding({ path, resourceId, message }: Unresolved): Finding {
  const remedy = 'Check the id, the tags, the account and the region.';
  return { level: 'error', rule: 'ResourceUnresolved', path, value: resourceId, message, remedy };
}

function countFindings(count: number): Finding[] {
  if (count <= MOST_SERVERS) return [];
  const message = `${count} servers are more than one technology can launch (${MOST_SERVERS})`;
  return [
    {
      level: 'error',
      rule: 'TooManyServers',
      path: 'resources',
      value: count,
      message,
      remedy: 'Split it into several technologies or waves.',
    },
  ];
}

function busyFinding(id: string): Finding {
  const message = `source server ${id} is in another DRS job, which has to end first`;
  return {
    level: 'warning',
    rule: 'ServerBusy',
    path: 'resources',
    value: id,
    message,
    remedy: 'Wait for that job to end.',
  };
}

function quotasFinding(): Finding {
  return {
    level: 'info',
    rule: 'QuotasUnread',
    path: 'resources',
    message: 'the quotas of the account could not be read; the published ones are assumed',
    remedy: 'Grant servicequotas:ListServiceQuotas.',
  };
}

function nameOf({ sourceProperties }: SourceServer): { name?: string } {
  const name = sourceProperties?.identificationHints?.hostname;
  return name === undefined ? {} : { name };
}
