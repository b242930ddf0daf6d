import type { TerminateRecoveryInstancesCommandInput } from '@aws-sdk/client-drs';
import type { Call } from '#sim/kernel/contract.ts';
import { findInstance, terminateInstance } from '#sim/services/ec2/instances.ts';
import { invalid } from './errors.ts';
import { jobView } from './job-views.ts';
import { checkActiveJobs, checkFree, checkServersPerJob } from './quotas.ts';
import {
  arnOf,
  getRecoveryInstance,
  getSettings,
  getSourceServer,
  jobs,
  putJob,
  recoveryInstances,
  sourceServers,
  type TerminateJobRow,
} from './rows.ts';

/** Answers a TERMINATE job. Its source servers are locked until the job ends. */
export function terminateRecoveryInstances(call: Call, input: TerminateRecoveryInstancesCommandInput) {
  const settings = getSettings(call);
  const ids = [...new Set(input.recoveryInstanceIDs ?? [])];
  if (ids.length < 1 || ids.length > 200) {
    throw invalid(
      `Value with length ${ids.length} at 'recoveryInstanceIDs' failed to satisfy constraint: Member must have length between 1 and 200`,
    );
  }
  const targets = ids.map((id) => getRecoveryInstance(call, id));
  checkServersPerJob(settings, targets.length);
  checkFree(
    call,
    targets.map(({ sourceServerId }) => getSourceServer(call, sourceServerId)),
  );
  checkActiveJobs(call, settings, targets.length);

  const { timing } = settings;
  const id = call.world.newId('drsjob-');
  const workSeconds = call.world.random(`drs.job/${id}`).uniform(...timing.terminateSeconds) * timing.scale;
  const startsAt = Math.round(call.now + timing.queueSeconds * timing.scale * 1000);
  const doneAt = Math.round(startsAt + workSeconds * 1000);
  const job: TerminateJobRow = {
    id,
    arn: arnOf(call, 'job', id),
    type: 'TERMINATE',
    tags: {},
    createdAt: call.now,
    startsAt,
    endsAt: Math.round(doneAt + timing.endSeconds * timing.scale * 1000),
    vanishesAt: null,
    servers: targets.map(({ id: recoveryInstanceId, sourceServerId }) => ({
      sourceServerId,
      recoveryInstanceId,
      doneAt,
    })),
  };
  putJob(call, job);
  for (const { sourceServerId } of job.servers) {
    sourceServers(call).patch(sourceServerId, { busyUntil: job.endsAt });
  }
  call.world.later(call, { at: startsAt, service: 'drs', kind: 'beginTermination', data: id });
  call.world.later(call, { at: doneAt, service: 'drs', kind: 'endTermination', data: id });
  return { job: jobView(call, job) };
}

/** Agenda: EC2 shuts the instances down. */
export function beginTermination(call: Call, jobId: string): void {
  for (const { recoveryInstanceId } of jobs(call).get(jobId)?.servers ?? []) {
    if (findInstance(call, recoveryInstanceId) !== undefined) terminateInstance(call, recoveryInstanceId);
  }
}

/** Agenda: DRS forgets the recovery instances. */
export function endTermination(call: Call, jobId: string): void {
  for (const { sourceServerId, recoveryInstanceId } of jobs(call).get(jobId)?.servers ?? []) {
    removeRecoveryInstance(call, { sourceServerId, id: recoveryInstanceId });
  }
}

/** Takes a recovery instance out of DRS; its EC2 instance is another matter. */
export function removeRecoveryInstance(
  call: Call,
  { sourceServerId, id }: { sourceServerId: string; id: string },
): void {
  recoveryInstances(call).remove(id);
  if (sourceServers(call).get(sourceServerId)?.recoveryInstanceId === id) {
    sourceServers(call).patch(sourceServerId, { recoveryInstanceId: null });
  }
}
