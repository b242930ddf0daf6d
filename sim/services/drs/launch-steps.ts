import type { Call } from '#sim/kernel/contract.ts';
import {
  findInstance,
  launchInstance,
  startInstance,
  terminateInstance,
} from '#sim/services/ec2/instances.ts';
import {
  arnOf,
  getSourceServer,
  jobs,
  recoveryInstances,
  sourceServers,
  type JobServer,
  type LaunchJobRow,
  type SourceServerRow,
} from './rows.ts';

interface Step {
  /** When the step comes for a server; `null`: never. */
  readonly at: (server: JobServer, job: LaunchJobRow) => number | null;
  readonly run: (call: Call, job: LaunchJobRow, server: JobServer) => void;
}

const converts = ({ outcome }: JobServer): boolean => outcome !== 'nothing' && outcome !== 'no-snapshot';

/** What a LAUNCH job does to the world outside DRS. Everything else follows from the job's row. */
const STEPS: Readonly<Record<string, Step>> = {
  removeReplaced: {
    at: (server, job) => (server.replaces === null || !converts(server) ? null : job.startsAt),
    run: removeReplaced,
  },
  beginConversion: {
    at: (server) => (converts(server) ? server.conversionStart : null),
    run: beginConversion,
  },
  endConversion: {
    at: (server) => (converts(server) && server.outcome !== 'stuck' ? server.launchStart : null),
    run: endConversion,
  },
  launch: { at: (server) => (server.outcome === 'launched' ? server.instanceAt : null), run: launch },
};

interface StepData {
  readonly jobId: string;
  readonly step: string;
  readonly at: number;
}

/** One item of the agenda for each moment of each step: servers move in lock-step, so these are few. */
export function scheduleLaunch(call: Call, job: LaunchJobRow): void {
  for (const [step, { at }] of Object.entries(STEPS)) {
    const times = new Set(job.servers.map((server) => at(server, job)).filter((time) => time !== null));
    for (const time of times) {
      const data: StepData = { jobId: job.id, step, at: time };
      call.world.later(call, { at: time, service: 'drs', kind: 'launchStep', data });
    }
  }
}

/** Agenda handler. */
export function launchStep(call: Call, { jobId, step, at }: StepData): void {
  const job = jobs(call).get(jobId);
  const definition = STEPS[step];
  if (job?.type !== 'LAUNCH' || definition === undefined) return;
  for (const server of job.servers) if (definition.at(server, job) === at) definition.run(call, job, server);
}

function removeReplaced(
  call: Call,
  _job: LaunchJobRow,
  { replaces, recoveryInstanceId, sourceServerId }: JobServer,
): void {
  if (replaces === null) return;
  if (replaces !== recoveryInstanceId && findInstance(call, replaces) !== undefined)
    terminateInstance(call, replaces);
  recoveryInstances(call).remove(replaces);
  sourceServers(call).patch(sourceServerId, { recoveryInstanceId: null });
}

function beginConversion(call: Call, job: LaunchJobRow, server: JobServer): void {
  const { os } = getSourceServer(call, server.sourceServerId);
  launchInstance(call, {
    id: server.conversionServerId,
    instanceType: os === 'windows' ? 'm5.xlarge' : 'm5.large',
    tags: { Name: 'AWS Elastic Disaster Recovery Conversion Server', ...drsTags(job, server) },
  });
}

function endConversion(call: Call, _job: LaunchJobRow, { conversionServerId }: JobServer): void {
  if (findInstance(call, conversionServerId) !== undefined) terminateInstance(call, conversionServerId);
}

function launch(call: Call, job: LaunchJobRow, server: JobServer): void {
  const source = getSourceServer(call, server.sourceServerId);
  const id = server.recoveryInstanceId;
  if (source.launchConfiguration.launchIntoEC2InstanceID === null) launchNew(call, { job, server, source });
  else if (findInstance(call, id)?.state === 'stopped') startInstance(call, id);
  recoveryInstances(call).put(id, {
    id,
    arn: arnOf(call, 'recovery-instance', id),
    tags: source.launchConfiguration.copyTags ? source.tags : {},
    sourceServerId: source.id,
    jobId: job.id,
    isDrill: job.isDrill,
    pointInTime: server.pointInTime,
    since: server.launchEnd,
    isDisconnected: false,
    failback: null,
  });
  sourceServers(call).patch(source.id, { recoveryInstanceId: id });
}

function launchNew(
  call: Call,
  { job, server, source }: { job: LaunchJobRow; server: JobServer; source: SourceServerRow },
): void {
  const { copyPrivateIp, copyTags, launchDisposition } = source.launchConfiguration;
  launchInstance(call, {
    id: server.recoveryInstanceId,
    tags: { Name: source.hostname, ...(copyTags ? source.tags : {}), ...drsTags(job, server) },
    instanceType: source.instanceType,
    platform: source.os,
    ...(copyPrivateIp ? { privateIp: source.privateIp } : {}),
    ssmAgent: source.recovered.ssmAgent,
    checks: source.recovered.checks,
    endsUp: launchDisposition === 'STOPPED' ? 'stopped' : 'running',
  });
}

/** As seen on instances of real drills. */
function drsTags(job: LaunchJobRow, { sourceServerId }: JobServer): Record<string, string> {
  return {
    AWSElasticDisasterRecoveryManaged: 'drs.amazonaws.com',
    AWSElasticDisasterRecoverySourceServerID: sourceServerId,
    'drs.amazonaws.com-source-server': sourceServerId,
    'drs.amazonaws.com-job': job.id,
  };
}
