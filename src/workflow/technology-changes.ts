import type { Progress } from '#adapters/contract.ts';
import type { JsonObject } from '#core/json.ts';
import type { Failure, ResourceOutcome } from '#core/outcome.ts';
import { applyTechnologyEvent, eventNamesOf } from '#core/progress.ts';
import type { Change } from '#store/execution-change.ts';
import type { Place } from './inputs.ts';
import { withResources } from './technology-outcomes.ts';

/** What is written down when something happens to a technology. Each is a part of one change of its execution. */

/** An attempt begins, with the whole timeout before it. */
export async function begin(change: Change, place: Place, now: number): Promise<void> {
  const technology = await change.technology(place.waveNumber, place.technologyIndex);
  if (technology.status === 'in_progress') return;
  const { state: _, detail: __, completedAt: ___, error: ____, ...rest } = technology;
  const begun = applyTechnologyEvent(rest, 'work_began', new Date(now).toISOString());
  const startedAt = new Date(now).toISOString();
  change.putTechnology({ ...begun, startedAt, firstStartedAt: technology.firstStartedAt ?? startedAt });
  change.emit('TechnologyStarted', {
    waveNumber: place.waveNumber,
    ...eventNamesOf(technology),
    attempt: technology.attempt,
  });
}

/** It is done; `failed` are resources that were allowed to fail. */
export async function complete(
  change: Change,
  place: Place,
  failed: readonly ResourceOutcome[],
  now: number,
): Promise<void> {
  const technology = await change.technology(place.waveNumber, place.technologyIndex);
  change.putTechnology(applyTechnologyEvent(technology, 'completed', new Date(now).toISOString()));
  if (failed.length > 0)
    change.putHead({ ...change.head(), exceptions: change.head().exceptions + failed.length });
  change.emit('TechnologyCompleted', { waveNumber: place.waveNumber, ...eventNamesOf(technology) });
}

/** How a technology failed: with `restart` the plan grants another attempt by itself, on `only` these resources. */
interface Failing {
  readonly error: Failure;
  readonly now: number;
  readonly restart?: boolean;
  readonly only?: readonly string[] | null;
}

/** It failed. */
export async function fail(
  change: Change,
  place: Place,
  { error, now, restart = false, only = null }: Failing,
): Promise<void> {
  const technology = await change.technology(place.waveNumber, place.technologyIndex);
  if (technology.status === 'failed' && technology.due) {
    // A retry was granted and could not begin.
    change.putTechnology({ ...technology, due: false, error });
    return;
  }
  if (technology.status !== 'in_progress' && technology.status !== 'pending') return;
  const failed = { ...applyTechnologyEvent(technology, 'failed', new Date(now).toISOString()), error, only };
  change.putTechnology(restart ? { ...failed, due: true, attempt: technology.attempt + 1 } : failed);
  const { waveNumber } = place;
  change.emit('TechnologyFailed', { waveNumber, ...eventNamesOf(technology), message: error.message });
}

/** It was cancelled; `told`: in words, who was told to stop; `null`: nobody could be. */
export async function cancel(change: Change, place: Place, told: string | null, now: number): Promise<void> {
  const technology = await change.technology(place.waveNumber, place.technologyIndex);
  const detail =
    technology.state === undefined
      ? 'nothing had been started'
      : (told ??
        `AWS offers no way to stop it: what was running goes on (${technology.detail ?? 'no detail'})`);
  change.putTechnology({
    ...applyTechnologyEvent(technology, 'cancelled', new Date(now).toISOString()),
    detail,
  });
  change.emit('TechnologyCancelled', {
    waveNumber: place.waveNumber,
    ...eventNamesOf(technology),
    detail,
  });
}

/** Writes down what holds a technology up. */
export async function note(change: Change, place: Omit<Place, 'executionId'>, detail: string): Promise<void> {
  const technology = await change.technology(place.waveNumber, place.technologyIndex);
  if (technology.detail === detail) return;
  change.putTechnology({ ...technology, detail });
  change.emit('TechnologyTroubled', {
    waveNumber: place.waveNumber,
    ...eventNamesOf(technology),
    detail,
  });
}

/** It is further on than before. */
export async function advance(
  change: Change,
  place: Place,
  { state, detail, outcomes }: Extract<Progress<JsonObject>, { status: 'in_progress' }>,
): Promise<void> {
  const technology = await change.technology(place.waveNumber, place.technologyIndex);
  if (technology.status !== 'in_progress') return;
  change.putTechnology(
    withResources({ ...technology, state, ...(detail === undefined ? {} : { detail }) }, outcomes),
  );
  if (detail === undefined || detail === technology.detail) return;
  change.emit('TechnologyProgressed', {
    waveNumber: place.waveNumber,
    ...eventNamesOf(technology),
    detail,
  });
}

/** The plan leaves it out of a drill. Its `results` say so, which tells it from what a person has skipped. */
export async function skip(change: Change, place: Place, now: number): Promise<void> {
  const technology = await change.technology(place.waveNumber, place.technologyIndex);
  const {
    state: _,
    detail: __,
    ...rest
  } = applyTechnologyEvent(technology, 'skipped', new Date(now).toISOString());
  change.putTechnology({ ...rest, results: { drill: 'skip' } });
  change.emit('TechnologySkipped', {
    waveNumber: place.waveNumber,
    ...eventNamesOf(technology),
    reason: 'the plan leaves it out of drills',
  });
}
