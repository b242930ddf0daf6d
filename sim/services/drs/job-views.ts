import type { Job, LaunchStatus, ParticipatingServer } from '@aws-sdk/client-drs';
import type { Call } from '#sim/kernel/contract.ts';
import { endOfServer } from './plan-launch.ts';
import type { JobRow, JobServer, LaunchJobRow, TerminateJobRow } from './rows.ts';

/** A job as DescribeJobs answers it now. Status is PENDING, STARTED or COMPLETED: there is no failed job in DRS. */
export function jobView(call: Call, job: JobRow): Job {
  const { now } = call;
  return {
    jobID: job.id,
    arn: job.arn,
    type: job.type,
    initiatedBy:
      job.type === 'TERMINATE'
        ? 'TERMINATE_RECOVERY_INSTANCES'
        : job.isDrill
          ? 'START_DRILL'
          : 'START_RECOVERY',
    creationDateTime: new Date(job.createdAt).toISOString(),
    ...(now < job.endsAt ? {} : { endDateTime: new Date(job.endsAt).toISOString() }),
    status: now < job.startsAt ? 'PENDING' : now < job.endsAt ? 'STARTED' : 'COMPLETED',
    participatingServers: job.type === 'LAUNCH' ? launching(job, now) : terminating(job, now),
    participatingResources: [],
    tags: { ...job.tags },
  };
}

/** PENDING until its instance is launched, as jobs were seen to say while they converted; then as it went. */
function launchStatusAt(job: LaunchJobRow, server: JobServer, now: number): LaunchStatus {
  const doneAt = server.outcome === 'nothing' ? job.endsAt : endOfServer(server);
  if (now >= doneAt) return server.outcome === 'launched' ? 'LAUNCHED' : 'FAILED';
  const launches = server.outcome === 'launched' || server.outcome === 'launch-failed';
  return launches && now >= server.launchStart ? 'IN_PROGRESS' : 'PENDING';
}

function launching(job: LaunchJobRow, now: number): ParticipatingServer[] {
  return job.servers.map((server) => {
    const launchStatus = launchStatusAt(job, server, now);
    return {
      sourceServerID: server.sourceServerId,
      launchStatus,
      ...(launchStatus === 'LAUNCHED' ? { recoveryInstanceID: server.recoveryInstanceId } : {}),
    };
  });
}

function terminating(job: TerminateJobRow, now: number): ParticipatingServer[] {
  return job.servers.map(({ sourceServerId, recoveryInstanceId, doneAt }) => ({
    sourceServerID: sourceServerId,
    recoveryInstanceID: recoveryInstanceId,
    launchStatus: now < job.startsAt ? 'PENDING' : now < doneAt ? 'IN_PROGRESS' : 'TERMINATED',
  }));
}
