import type { Job } from '@aws-sdk/client-drs';
import { hasCode } from '#core/errors.ts';
import { failureOf, isAmbiguous, isBusy, isFinal } from '../shared/aws-failure.ts';
import { capacityOf, nextBatch } from './capacity.ts';
import { correctQuotas } from './drs-quotas.ts';
import { isActive, jobTags } from './job-tags.ts';
import { addBatch, failPending, type LaneWork } from './lane-work.ts';
import { placeKey } from '../shared/place.ts';
import { choosePoints, configureServers, type Refusal } from './prepare-servers.ts';

/** AWS is busy with something: long enough that asking costs little, short against a job. */
const BUSY_MS = 15_000;
const UNCLEAR_MS = 5_000;

type Launch =
  | { readonly kind: 'started'; readonly job: Job }
  | { readonly kind: 'later' }
  | { readonly kind: 'refused'; readonly error: unknown };

/**
 * Starts jobs until servers or quotas are used up. `jobs`: all that DescribeJobs shows. A batch that AWS refuses for good is
 * halved until the server is found that it does not want: one bad server must not hold up the others.
 */
export async function startBatches(work: LaneWork, jobs: readonly Job[]): Promise<void> {
  const active = [...jobs];
  let mostServers = work.parameters.batchSize;
  while (work.state.pending.length > 0) {
    const ids = chooseBatch(work, active, mostServers);
    if (ids.length === 0) return waitForCapacity(work, active);
    const settleMs = work.intent.settleMs(placeKey(work.state.place), batchNumber(work));
    if (settleMs > 0) return void work.waits.push(settleMs);
    const ready = await prepare(work, ids);
    if (ready.length === 0) continue;
    const launch = await launchBatch(work, ready);
    if (launch.kind === 'later') return;
    if (launch.kind === 'started') {
      const servers = ready.map(({ sourceServerID }) => sourceServerID!);
      addBatch(work, launch.job, servers);
      active.push(withServers(launch.job, servers));
    } else if (ready.length > 1 && isAboutServers(launch.error)) {
      mostServers = Math.ceil(ready.length / 2);
    } else {
      failPending(
        work,
        ready.map(({ sourceServerID }) => sourceServerID!),
        failureOf(launch.error),
      );
      mostServers = work.parameters.batchSize;
    }
  }
}

function chooseBatch({ state }: LaneWork, jobs: readonly Job[], batchSize: number | undefined): string[] {
  return nextBatch({
    pending: state.pending,
    capacity: capacityOf(jobs, state.quotas),
    quotas: state.quotas,
    batchSize,
    othersRunning: state.batches.some((batch) => batch.servers.length > 0),
  });
}

function batchNumber({ state }: LaneWork): number {
  return state.batches.length + 1;
}

/** Our own jobs are looked at in time anyway; others' must be asked after. Meanwhile the next servers are configured. */
async function waitForCapacity(work: LaneWork, jobs: readonly Job[]): Promise<void> {
  const own = new Set(work.state.batches.map((batch) => batch.jobId));
  const others = jobs.some((job) => isActive(job) && !own.has(job.jobID ?? ''));
  if (others || work.waits.length === 0) work.waits.push(BUSY_MS);
  await configure(work, work.state.pending.slice(0, work.state.quotas.perJob));
}

/** Configures the servers and finds their points in time; those that AWS refuses fail. */
async function prepare(
  work: LaneWork,
  ids: readonly string[],
): Promise<{ sourceServerID: string | undefined; recoverySnapshotID?: string }[]> {
  const { target, context, parameters } = work;
  const points = await choosePoints(target.drs, await configure(work, ids), {
    pointInTime: parameters.pointInTime,
    now: context.now(),
    signal: context.signal,
  });
  failRefused(work, points.refused);
  return points.servers;
}

/**
 * Sets the launch configuration of those that have not got it yet, and moves them to the front. Answers those that AWS
 * did not refuse.
 */
async function configure(work: LaneWork, ids: readonly string[]): Promise<readonly string[]> {
  const { state, parameters, target, context } = work;
  const done = new Set(state.pending.slice(0, state.configured));
  const todo = ids.filter((id) => !done.has(id));
  if (parameters.launchConfiguration === undefined || todo.length === 0) return ids;
  const refused = await configureServers(target.drs, todo, parameters.launchConfiguration, context.signal);
  const wanted = new Set(ids);
  state.pending = [...state.pending].sort((a, b) => Number(wanted.has(b)) - Number(wanted.has(a)));
  state.configured = Math.max(state.configured, ids.length);
  failRefused(work, refused);
  const unwanted = new Set(refused.map(({ sourceServerId }) => sourceServerId));
  return ids.filter((id) => !unwanted.has(id));
}

function failRefused(work: LaneWork, refused: readonly Refusal[]): void {
  for (const { sourceServerId, failure } of refused) failPending(work, [sourceServerId], failure);
}

/** Announces, then calls. An unclear answer is looked into at the next step, before anything is called again. */
async function launchBatch(
  work: LaneWork,
  sourceServers: { sourceServerID: string | undefined }[],
): Promise<Launch> {
  const { context, target, state, intent, waits } = work;
  const tags = jobTags(context, batchNumber(work));
  await intent.announce(placeKey(state.place), batchNumber(work));
  try {
    const { job } = await target.drs.startRecovery(
      { sourceServers, isDrill: context.mode === 'drill', tags },
      context.signal,
    );
    if (job?.jobID !== undefined) return { kind: 'started', job };
    waits.push(UNCLEAR_MS);
  } catch (error) {
    if (isAmbiguous(error)) waits.push(UNCLEAR_MS);
    else if (isBusy(error)) {
      waits.push(BUSY_MS);
      await believeQuota(work, sourceServers.length, error);
    } else if (isFinal(error)) {
      intent.retract(placeKey(state.place));
      return { kind: 'refused', error };
    } else throw error;
  }
  return { kind: 'later' };
}

async function believeQuota(
  { target, state, context }: LaneWork,
  servers: number,
  error: unknown,
): Promise<void> {
  if (!hasCode(error, 'AwsQuotaExceeded')) return;
  state.quotas = await correctQuotas(target, { known: state.quotas, servers, error }, context.signal);
}

/** True for refusals that may be due to one of the servers. */
function isAboutServers(error: unknown): boolean {
  return hasCode(error, 'AwsRejected') || hasCode(error, 'AwsNotFound');
}

/** The job as StartRecovery answers it may not name its servers yet. */
function withServers(job: Job, ids: readonly string[]): Job {
  return {
    ...job,
    status: 'PENDING',
    participatingServers: ids.map((sourceServerID) => ({ sourceServerID })),
  };
}
