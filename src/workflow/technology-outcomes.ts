import type { Failure, ResourceOutcome } from '#core/outcome.ts';
import type { TechnologyRecord } from '#core/records.ts';
import type { Place } from './inputs.ts';
import type { Services } from './services.ts';

/** What became of a technology's resources, over all its attempts. */

/** Writes outcomes over what was known before. */
export async function putOutcomes(
  services: Services,
  place: Place,
  outcomes: readonly ResourceOutcome[],
): Promise<void> {
  if (outcomes.length === 0) return;
  const { waveNumber, technologyIndex } = place;
  await services.executions.putOutcomes(
    place.executionId,
    outcomes.map((outcome) => ({ waveNumber, technologyIndex, outcome })),
  );
}

/**
 * A completed attempt has done all that was left to do: what an earlier one failed at under another name is done as well, `except`
 * what it did not work on.
 */
export async function putRight(
  services: Services,
  place: Place,
  { attempt, except }: { attempt: number; except: readonly string[] },
): Promise<void> {
  const rows = await services.executions.outcomes(place.executionId, place);
  const failed = rows
    .map(({ outcome }) => outcome)
    .filter(({ status, resourceId }) => status === 'failed' && !except.includes(resourceId));
  const detail = `done by attempt ${attempt}`;
  await putOutcomes(
    services,
    place,
    failed.map(({ error: _, ...outcome }) => ({ ...outcome, status: 'completed', detail })),
  );
}

/**
 * What a retry has to do: every resource that is not known to be done, those without a failure too; `null` for all, where none
 * is known. What was done is never done again.
 */
export async function undone(
  services: Services,
  place: Place,
  { resources }: Pick<TechnologyRecord, 'resources'>,
): Promise<string[] | null> {
  const rows = await services.executions.outcomes(place.executionId, place);
  if (rows.length === 0) return null;
  const done = new Set(
    rows.filter(({ outcome }) => isDone(outcome)).map(({ outcome }) => outcome.resourceId),
  );
  const known = new Set([...resources, ...rows.map(({ outcome }) => outcome.resourceId)]);
  const left = [...known].filter((resourceId) => !done.has(resourceId));
  return left.length === 0 ? null : left;
}

/** True for a resource that needs no more work. */
export function isDone({ status }: ResourceOutcome): boolean {
  return status === 'completed' || status === 'skipped' || status === 'assessed';
}

/** The technology with the resources that have come to light. */
export function withResources(
  technology: TechnologyRecord,
  outcomes: readonly ResourceOutcome[],
): TechnologyRecord {
  const resources = [...new Set([...technology.resources, ...outcomes.map(({ resourceId }) => resourceId)])];
  return { ...technology, resources };
}

/** Why a technology failed, by the resources that did. */
export function summaryOf(failed: readonly ResourceOutcome[]): Failure {
  const [first] = failed;
  const message = failed
    .slice(0, 5)
    .map(({ resourceId, error, detail }) => `${resourceId}: ${error?.message ?? detail ?? 'failed'}`)
    .join('; ');
  return {
    code: first?.error?.code ?? 'RecoveryFailed',
    message: `${message || 'it failed without naming a resource'}${failed.length > 5 ? ` and ${failed.length - 5} more` : ''}`,
  };
}
