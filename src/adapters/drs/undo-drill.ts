import type { JsonObject } from '#core/json.ts';
import type { OperationContext, OperationInput, Progress } from '../contract.ts';
import { readQuotas } from './drs-quotas.ts';
import { openIntentBook } from './intent-book.ts';
import { isActive, serversOf } from './job-tags.ts';
import { placeKey, targetAt, type Place } from '../shared/place.ts';
import { alignWait } from './poll-pace.ts';
import { readRecentJobs } from './recent-jobs.ts';
import type { RecoveryParameters, RecoveryResources } from './recovery-schema.ts';
import type { RecoveryState } from './recovery-state.ts';
import { stepTermination, type TerminationStep } from './termination.ts';

/**
 * Terminates what the jobs of a drill have launched. Call it again, after the wait that it answers, until it is done: it
 * needs no state, because what is left to do shows in AWS. A recovery is not undone: going back is a failback, an
 * operation of its own.
 */
export async function undoDrill(
  context: OperationContext,
  _input: OperationInput<RecoveryResources, RecoveryParameters>,
  results: JsonObject,
): Promise<Progress<RecoveryState>> {
  if (results['isDrill'] !== true) {
    const message =
      'a recovery is not undone by terminating what it has launched; going back to the source is a failback';
    return { status: 'failed', outcomes: [], results: {}, error: { code: 'RecoveryFailed', message } };
  }
  const places = jobsByPlace(results);
  const steps = await Promise.all(places.map(({ place, jobIds }) => undoPlace(context, place, jobIds)));
  const outcomes = steps.flatMap((one) => one.outcomes);
  const waits = steps.flatMap((one) => one.waitMs ?? []);
  if (waits.length > 0) {
    const waitMs = alignWait(context.now(), Math.min(...waits));
    return {
      status: 'in_progress',
      state: { startedAt: context.now(), lanes: [], unresolved: 0 },
      waitMs,
      outcomes,
    };
  }
  const failed = outcomes.filter((outcome) => outcome.status === 'failed');
  if (failed.length === 0) return { status: 'completed', outcomes, results: {} };
  const error = { code: 'RecoveryFailed', message: `${failed.length} drill instances were not terminated` };
  return { status: 'failed', outcomes, results: {}, error };
}

async function undoPlace(
  context: OperationContext,
  place: Place,
  jobIds: ReadonlySet<string>,
): Promise<TerminationStep> {
  const target = targetAt(context, place);
  const instances = await target.drs.describeRecoveryInstances({ filters: {} }, context.signal);
  const ours = instances.filter((instance) => jobIds.has(instance.jobID ?? '') && instance.isDrill !== false);
  const servers = new Set(ours.map((instance) => instance.sourceServerID));
  const jobs = await readRecentJobs(context, target);
  const terminating = jobs.filter(
    (job) => job.type === 'TERMINATE' && isActive(job) && serversOf(job).some((id) => servers.has(id)),
  );
  const { quotas } = await readQuotas(target, context.signal);
  return stepTermination(context, await openIntentBook(context), {
    place,
    quotas,
    items: ours.map((instance) => [instance.recoveryInstanceID ?? '', 0]),
    jobs: terminating.map((job) => job.jobID ?? ''),
    calls: 0,
    failed: 0,
  });
}

function jobsByPlace(results: JsonObject): { place: Place; jobIds: Set<string> }[] {
  const places = new Map<string, { place: Place; jobIds: Set<string> }>();
  for (const job of (results['jobs'] ?? []) as {
    jobId: string;
    accountId: string | null;
    region: string | null;
  }[]) {
    const place = { accountId: job.accountId, region: job.region };
    const at = places.get(placeKey(place)) ?? { place, jobIds: new Set<string>() };
    places.set(placeKey(place), { ...at, jobIds: at.jobIds.add(job.jobId) });
  }
  return [...places.values()];
}
