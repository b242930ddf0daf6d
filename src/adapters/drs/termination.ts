import type { Job, RecoveryInstance } from '@aws-sdk/client-drs';
import { hasCode } from '#core/errors.ts';
import type { Failure, ResourceOutcome } from '#core/outcome.ts';
import type { OperationContext } from '../contract.ts';
import { failureOf, isAmbiguous, isBusy, isFinal } from '../shared/aws-failure.ts';
import { capacityOf } from './capacity.ts';
import { chunk, MOST_IDS } from '../shared/chunk.ts';
import { correctQuotas, type DrsQuotas } from './drs-quotas.ts';
import type { IntentBook } from './intent-book.ts';
import { isActive, serversOf } from './job-tags.ts';
import { placeKey, targetAt, type Place } from '../shared/place.ts';
import { nextLookMs } from './poll-pace.ts';
import { readRecentJobs } from './recent-jobs.ts';
import type { Mutable } from './recovery-state.ts';

/** Reported 5 to 10 minutes. */
const EXPECTED_MS = 7 * 60_000;
/** An instance that is still there this long after its job has ended will not go. */
const STAYS_MS = 120_000;
const UNCLEAR_MS = 5_000;
const BUSY_MS = 15_000;

/** Recovery instances of one account and Region that are to go. About 40 bytes an instance: 64 KiB hold 1,500. */
export type TerminationState = {
  readonly place: Place;
  readonly quotas: DrsQuotas;
  /** Recovery instance id, and when its termination was last asked for (ms since 1970; 0: never). */
  readonly items: readonly (readonly [string, number])[];
  readonly jobs: readonly string[];
  readonly calls: number;
  readonly failed: number;
};

export interface TerminationStep {
  readonly state: TerminationState;
  readonly outcomes: readonly ResourceOutcome[];
  /** `null`: everything is gone, or has failed. */
  readonly waitMs: number | null;
}

interface Work {
  readonly context: OperationContext;
  readonly intent: IntentBook;
  readonly state: Mutable<TerminationState>;
  readonly outcomes: ResourceOutcome[];
  readonly waits: number[];
}

/**
 * Brings one account and Region one step on. An instance is done when DRS does not list it any more, all when their jobs
 * have ended too: until then DRS holds the source servers. Level-triggered, like launching.
 */
export async function stepTermination(
  context: OperationContext,
  intent: IntentBook,
  from: TerminationState,
): Promise<TerminationStep> {
  const state = { ...from };
  const work: Work = { context, intent, state, outcomes: [], waits: [] };
  // The jobs first: one that ends in between would else leave instances that were seen before it had ended, and count as failed.
  const jobs = await readRecentJobs(context, targetAt(context, state.place));
  const alive = await readInstances(work);
  noteJobs(work, alive, jobs);
  settleGone(work, alive);
  refuseProduction(work, alive);
  failThoseThatStay(work, alive, jobs);
  await callForRest(work, alive, jobs);
  const running = jobs.filter((job) => isActive(job) && state.jobs.includes(job.jobID ?? ''));
  if (state.items.length === 0 && running.length === 0)
    return { state, outcomes: work.outcomes, waitMs: null };
  const since = Math.max(intent.startedAt, ...state.items.map(([, calledAt]) => calledAt));
  work.waits.push(
    nextLookMs({
      elapsedMs: context.now() - since,
      expectedMs: EXPECTED_MS,
      decided: state.items.length === 0 ? 'all' : 'none',
    }),
  );
  return { state, outcomes: work.outcomes, waitMs: Math.min(...work.waits) };
}

async function readInstances({ context, state }: Work): Promise<Map<string, RecoveryInstance>> {
  const { drs } = targetAt(context, state.place);
  const found = new Map<string, RecoveryInstance>();
  for (const ids of chunk(state.items, MOST_IDS)) {
    const filters = { recoveryInstanceIDs: ids.map(([id]) => id) };
    for (const instance of await drs.describeRecoveryInstances({ filters }, context.signal)) {
      found.set(instance.recoveryInstanceID ?? '', instance);
    }
  }
  return found;
}

/** Jobs that terminate ours, whoever started them: after a lost answer nobody has told us their ids. */
function noteJobs({ state }: Work, alive: ReadonlyMap<string, RecoveryInstance>, jobs: readonly Job[]): void {
  const terminating = jobs.filter((job) => isActive(job) && job.type === 'TERMINATE');
  const jobOf = new Map(terminating.flatMap((job) => serversOf(job).map((server) => [server, job] as const)));
  const ours = new Set(state.jobs);
  state.items = state.items.map(([id, calledAt]) => {
    const job = jobOf.get(alive.get(id)?.sourceServerID ?? '');
    if (job?.jobID === undefined) return [id, calledAt];
    ours.add(job.jobID);
    return [id, calledAt || Date.parse(job.creationDateTime ?? '') || 0];
  });
  state.jobs = [...ours];
}

function settleGone({ state, context, outcomes }: Work, alive: ReadonlyMap<string, RecoveryInstance>): void {
  const completedAt = new Date(context.now()).toISOString();
  for (const [resourceId] of state.items) {
    if (!alive.has(resourceId))
      outcomes.push({ resourceId, status: 'completed', completedAt, detail: 'terminated' });
  }
  state.items = state.items.filter(([id]) => alive.has(id));
}

/** A drill terminates drill instances, and nothing else. */
function refuseProduction(work: Work, alive: ReadonlyMap<string, RecoveryInstance>): void {
  if (work.context.mode !== 'drill') return;
  const real = work.state.items.map(([id]) => id).filter((id) => alive.get(id)?.isDrill === false);
  fail(work, real, {
    code: 'NotADrillInstance',
    message: 'was launched by a recovery; a drill does not terminate it',
  });
}

function failThoseThatStay(
  work: Work,
  alive: ReadonlyMap<string, RecoveryInstance>,
  jobs: readonly Job[],
): void {
  const { held } = capacityOf(jobs, work.state.quotas);
  const now = work.context.now();
  const staying = work.state.items
    .filter(
      ([id, calledAt]) =>
        calledAt > 0 && now - calledAt > STAYS_MS && !held.has(alive.get(id)?.sourceServerID ?? ''),
    )
    .map(([id]) => id);
  fail(work, staying, {
    code: 'drs:NOT_TERMINATED',
    message: 'the job ended, but the recovery instance is still there',
  });
}

async function callForRest(
  work: Work,
  alive: ReadonlyMap<string, RecoveryInstance>,
  jobs: readonly Job[],
): Promise<void> {
  const { state } = work;
  const { held, jobs: freeJobs, servers } = capacityOf(jobs, state.quotas);
  const due = state.items
    .filter(([id, calledAt]) => calledAt === 0 && !held.has(alive.get(id)?.sourceServerID ?? ''))
    .map(([id]) => id);
  const batches = chunk(due.slice(0, Math.max(0, servers)), state.quotas.perJob).slice(
    0,
    Math.max(0, freeJobs),
  );
  if (due.length > batches.flat().length) work.waits.push(BUSY_MS);
  for (const ids of batches) {
    if (!(await callFor(work, ids))) return;
  }
}

/** False: try again later. */
async function callFor(work: Work, ids: readonly string[]): Promise<boolean> {
  const { context, intent, state, waits } = work;
  const key = `terminate/${placeKey(state.place)}`;
  const settleMs = intent.settleMs(key, state.calls + 1);
  if (settleMs > 0) {
    waits.push(settleMs);
    return false;
  }
  await intent.announce(key, state.calls + 1);
  try {
    const { job } = await targetAt(context, state.place).drs.terminateRecoveryInstances(
      { recoveryInstanceIDs: [...ids] },
      context.signal,
    );
    noteCall(work, ids, job);
    return true;
  } catch (error) {
    if (isFinal(error)) {
      intent.retract(key);
      fail(work, ids, failureOf(error));
      return true;
    }
    if (!isAmbiguous(error) && !isBusy(error)) throw error;
    waits.push(isAmbiguous(error) ? UNCLEAR_MS : BUSY_MS);
    if (hasCode(error, 'AwsQuotaExceeded')) {
      const target = targetAt(context, state.place);
      state.quotas = await correctQuotas(
        target,
        { known: state.quotas, servers: ids.length, error },
        context.signal,
      );
    }
    return false;
  }
}

function noteCall({ state, context, outcomes }: Work, ids: readonly string[], job: Job | undefined): void {
  const called = new Set(ids);
  const startedAt = new Date(context.now()).toISOString();
  state.calls++;
  state.items = state.items.map(([id, at]) => [id, called.has(id) ? context.now() : at]);
  if (job?.jobID !== undefined) state.jobs = [...state.jobs, job.jobID];
  for (const resourceId of ids) {
    outcomes.push({ resourceId, status: 'in_progress', startedAt, detail: `job ${job?.jobID ?? 'unknown'}` });
  }
}

function fail({ state, context, outcomes }: Work, ids: readonly string[], error: Failure): void {
  const completedAt = new Date(context.now()).toISOString();
  for (const resourceId of ids) outcomes.push({ resourceId, status: 'failed', completedAt, error });
  state.items = state.items.filter(([id]) => !ids.includes(id));
  state.failed += ids.length;
}
