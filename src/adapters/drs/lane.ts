import type { Job } from '@aws-sdk/client-drs';
import { isBreakwaterError } from '#core/errors.ts';
import type { Failure, ResourceOutcome } from '#core/outcome.ts';
import type { OperationContext } from '../contract.ts';
import { failureOf, isFinal } from '../shared/aws-failure.ts';
import type { IntentBook } from './intent-book.ts';
import { lostOutcome, readJobResult, readRecoveryInstances } from './job-outcomes.ts';
import { isActive, isOfAttempt, isOwnJob, launchedIn, serversOf } from './job-tags.ts';
import { addBatch, failPending, type LaneWork } from './lane-work.ts';
import { startBatches } from './launch-batches.ts';
import { targetAt } from '../shared/place.ts';
import { nextLookMs, type JobProgress } from './poll-pace.ts';
import type { RecoveryParameters } from './recovery-schema.ts';
import { readRecentJobs } from './recent-jobs.ts';
import type { BatchState, LaneState, Mutable } from './recovery-state.ts';

/** A job that DescribeJobs does not list for this long is gone. */
const MISSING_MS = 60_000;
/** A launched server whose recovery instance cannot be seen for this long has none. */
const UNSETTLED_MS = 60_000;
const SOON_MS = 5_000;
/** An account or Region in trouble costs the door's whole patience: it must not hold up the others at every step. */
const PAUSE_MS = 30_000;
const LONGEST_MS = 300_000;

export interface LaneStep {
  readonly state: LaneState;
  readonly outcomes: readonly ResourceOutcome[];
  /** `null`: nothing is left to do here. */
  readonly waitMs: number | null;
  /** A retryable error that ended the step early. */
  readonly error: unknown;
}

/**
 * Brings one account and Region one step on: adopts jobs that it finds, takes in what has ended, starts what the quotas
 * allow. Level-triggered: what to do follows from what AWS shows now, so a repeated step does nothing twice.
 */
export async function stepLane(
  context: OperationContext,
  params: { readonly parameters: RecoveryParameters; readonly intent: IntentBook; readonly state: LaneState },
): Promise<LaneStep> {
  const state = { ...params.state };
  const pauseMs = state.pausedUntil - context.now();
  if (pauseMs > 0) return { state, outcomes: [], waitMs: pauseMs, error: null };
  const work: LaneWork = {
    context,
    ...params,
    state,
    target: targetAt(context, state.place),
    outcomes: [],
    waits: [],
  };
  try {
    if (isOpen(state)) await advance(work);
    return {
      state,
      outcomes: work.outcomes,
      waitMs: isOpen(state) ? Math.min(LONGEST_MS, ...work.waits) : null,
      error: null,
    };
  } catch (error) {
    if (!isBreakwaterError(error)) throw error;
    if (!isFinal(error)) {
      state.pausedUntil = context.now() + PAUSE_MS;
      return { state, outcomes: work.outcomes, waitMs: PAUSE_MS, error };
    }
    failEverything(work, failureOf(error));
    return { state, outcomes: work.outcomes, waitMs: null, error: null };
  }
}

async function advance(work: LaneWork): Promise<void> {
  const jobs = await readJobs(work);
  await adoptJobs(work, jobs);
  const byId = new Map(jobs.map((job) => [job.jobID ?? '', job]));
  for (const batch of work.state.batches.filter(isRunning))
    await followBatch(work, batch, byId.get(batch.jobId));
  if (work.state.pending.length > 0) await startBatches(work, jobs);
}

/** While servers wait, all jobs (they use the quotas and hold servers); after that only our own. */
function readJobs({ context, target, state }: LaneWork): Promise<Job[]> {
  if (state.pending.length > 0) return readRecentJobs(context, target);
  const jobIDs = state.batches.filter(isRunning).map((batch) => batch.jobId);
  return target.drs.describeJobs({ filters: { jobIDs } }, context.signal);
}

/** Jobs that an earlier try has started and could not tell of. */
async function adoptJobs(work: LaneWork, jobs: readonly Job[]): Promise<void> {
  const known = new Set(work.state.batches.map((batch) => batch.jobId));
  for (const job of jobs) {
    if (known.has(job.jobID ?? '') || !isOwnJob(work.context, job)) continue;
    const servers = await adoptable(work, job);
    if (servers.length > 0) addBatch(work, job, servers);
  }
}

/**
 * Of a job of this attempt, or one that still runs (a retry must not fight its own job), all servers that wait. Of an
 * ended job of an earlier attempt those that it has launched and that are still there: to launch them again would replace them.
 */
async function adoptable({ context, state, target }: LaneWork, job: Job): Promise<string[]> {
  const pending = new Set(state.pending);
  const servers = serversOf(job).filter((id) => pending.has(id));
  if (servers.length === 0 || isOfAttempt(context, job) || isActive(job)) return servers;
  const standing = await readRecoveryInstances(context, target, servers, job);
  return launchedIn(job).filter((id) => standing.has(id));
}

async function followBatch(work: LaneWork, batch: BatchState, job: Job | undefined): Promise<void> {
  const now = work.context.now();
  if (job === undefined) {
    const missingSince = batch.missingSince ?? now;
    replaceBatch(work.state, { ...batch, missingSince });
    if (now - missingSince >= MISSING_MS) loseBatch(work, batch);
    else work.waits.push(2 * SOON_MS);
    return;
  }
  if (job.status === 'COMPLETED') {
    await closeBatch(work, { ...batch, missingSince: null, completedAt: batch.completedAt ?? now }, job);
    return;
  }
  if (batch.missingSince !== null) replaceBatch(work.state, { ...batch, missingSince: null });
  const { expectedMs } = work.state;
  work.waits.push(nextLookMs({ elapsedMs: now - batch.startedAt, expectedMs, decided: decidedOf(job) }));
}

function decidedOf(job: Job): JobProgress['decided'] {
  const servers = job.participatingServers ?? [];
  const decided = servers.filter(
    ({ launchStatus }) => launchStatus === 'LAUNCHED' || launchStatus === 'FAILED',
  ).length;
  return decided === 0 ? 'none' : decided === servers.length ? 'all' : 'some';
}

async function closeBatch(work: LaneWork, batch: BatchState, job: Job): Promise<void> {
  const { context, state, outcomes } = work;
  const { outcomes: known, unsettled } = await readJobResult(context, state.place, batch, job);
  if (unsettled.length > 0 && context.now() - batch.completedAt! < UNSETTLED_MS) {
    replaceBatch(state, batch);
    work.waits.push(SOON_MS);
    return;
  }
  const message = 'DRS says that it was launched, but there is no recovery instance';
  const lost = unsettled.map((id) =>
    lostOutcome(context, batch, id, { code: 'RecoveryInstanceMissing', message }),
  );
  outcomes.push(...known, ...lost);
  const launched = known.filter(({ status }) => status === 'completed').length;
  replaceBatch(state, { ...batch, servers: [], launched, failed: batch.servers.length - launched });
  const tookMs = Date.parse(job.endDateTime ?? '') - batch.startedAt;
  if (launched > 0 && tookMs > 0) state.expectedMs = tookMs;
}

function loseBatch(work: LaneWork, batch: BatchState): void {
  const message = `DRS does not know job ${batch.jobId} any more; nobody knows what became of its servers`;
  for (const id of batch.servers)
    work.outcomes.push(lostOutcome(work.context, batch, id, { code: 'JobVanished', message }));
  replaceBatch(work.state, { ...batch, servers: [], failed: batch.servers.length });
}

function failEverything(work: LaneWork, error: Failure): void {
  failPending(work, work.state.pending, error);
  for (const batch of work.state.batches.filter(isRunning)) {
    for (const id of batch.servers) work.outcomes.push(lostOutcome(work.context, batch, id, error));
    replaceBatch(work.state, { ...batch, servers: [], failed: batch.servers.length });
  }
}

function replaceBatch(state: Mutable<LaneState>, batch: BatchState): void {
  state.batches = state.batches.map((one) => (one.jobId === batch.jobId ? batch : one));
}

function isRunning(batch: BatchState): boolean {
  return batch.servers.length > 0;
}

function isOpen(state: LaneState): boolean {
  return state.pending.length > 0 || state.batches.some(isRunning);
}
