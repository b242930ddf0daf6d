import type { StartRecoveryCommandInput } from '@aws-sdk/client-drs';
import type { Call } from '#sim/kernel/contract.ts';
import { accessKeys, isDenied } from '#sim/kernel/identity.ts';
import { invalid } from './errors.ts';
import { jobView } from './job-views.ts';
import { scheduleLaunch } from './launch-steps.ts';
import { endOfServer, planLaunch, type Requested } from './plan-launch.ts';
import { checkActiveJobs, checkFree, checkServersPerJob } from './quotas.ts';
import {
  arnOf,
  getSettings,
  getSourceServer,
  putJob,
  putSettings,
  sourceServers,
  type JobServer,
  type LaunchJobRow,
  type SourceServerRow,
} from './rows.ts';
import { getSnapshot } from './snapshots.ts';

/** Answers 202 with the job. What becomes of it is drawn here; see `plan-launch.ts`. */
export function startRecovery(call: Call, input: StartRecoveryCommandInput) {
  const settings = getSettings(call);
  const requested = validate(call, input);
  checkServersPerJob(settings, requested.length);
  checkFree(
    call,
    requested.map(({ server }) => server),
  );
  checkActiveJobs(call, settings, requested.length);

  const id = call.world.newId('drsjob-');
  const isDrill = input.isDrill ?? false;
  const silent = settings.silentFailure > 0 || lacksEc2Rights(call);
  const plan = planLaunch(call, { jobId: id, requested, settings, silent });
  const job: LaunchJobRow = {
    id,
    arn: arnOf(call, 'job', id),
    type: 'LAUNCH',
    isDrill,
    tags: input.tags ?? {},
    createdAt: call.now,
    vanishesAt: settings.vanishJobs > 0 ? call.now + settings.vanishAfterSeconds * 1000 : null,
    ...plan,
  };
  putJob(call, job);
  requested.forEach(({ server }, index) => occupy(call, { server, job, part: plan.servers[index]! }));
  putSettings(call, {
    ...settings,
    silentFailure: Math.max(0, settings.silentFailure - 1),
    vanishJobs: Math.max(0, settings.vanishJobs - 1),
  });
  scheduleLaunch(call, job);
  return { job: jobView(call, job) };
}

/** DRS works in EC2 with the rights of its caller. Without them it accepts the job and launches nothing. */
function lacksEc2Rights(call: Call): boolean {
  return accessKeys(call.world)
    .all()
    .some((key) => key.principal === call.principal && isDenied(key, 'ec2', 'RunInstances'));
}

function occupy(
  call: Call,
  { server, job, part }: { server: SourceServerRow; job: LaunchJobRow; part: JobServer },
): void {
  const { fault } = server;
  sourceServers(call).patch(server.id, {
    lastLaunch: {
      jobId: job.id,
      at: call.now,
      isDrill: job.isDrill,
      launchesAt: part.launchStart,
      doneAt: part.outcome === 'nothing' ? job.endsAt : endOfServer(part),
      succeeded: part.outcome === 'launched',
    },
    busyUntil: job.endsAt,
    fault: fault.left > 0 ? { ...fault, left: fault.left - 1 } : fault,
  });
}

function validate(call: Call, { sourceServers: given = [] }: StartRecoveryCommandInput): Requested[] {
  if (given.length < 1 || given.length > 200) {
    throw invalid(
      `Value with length ${given.length} at 'sourceServers' failed to satisfy constraint: Member must have length between 1 and 200`,
    );
  }
  const ids = new Set(given.map(({ sourceServerID }) => sourceServerID));
  if (ids.size < given.length) throw invalid('A source server is listed more than once');
  return given.map(({ sourceServerID, recoverySnapshotID }) => {
    if (!/^s-[0-9a-zA-Z]{17}$/.test(sourceServerID ?? '')) {
      throw invalid(
        `Value '${sourceServerID}' at 'sourceServerID' failed to satisfy constraint: Member must satisfy regular expression pattern: ^s-[0-9a-zA-Z]{17}$`,
      );
    }
    const server = getSourceServer(call, sourceServerID);
    if (recoverySnapshotID !== undefined) getSnapshot(call, server, recoverySnapshotID);
    return { server, snapshotId: recoverySnapshotID };
  });
}
