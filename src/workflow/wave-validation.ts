import type { Assessment } from '#adapters/contract.ts';
import { isBreakwaterError, messageOf } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import type { Failure, Finding, ResourceOutcome } from '#core/outcome.ts';
import { applyTechnologyEvent, eventNamesOf } from '#core/progress.ts';
import type { TechnologyRecord } from '#core/records.ts';
import { hasEnded } from '#core/states.ts';
import type { Change } from '#store/execution-change.ts';
import { z } from 'zod';
import { namesOf } from './assess-plan.ts';
import { loadWork } from './context.ts';
import { WaveInput } from './inputs.ts';
import type { Services } from './services.ts';
import { isLeftOut } from './drill-policy.ts';
import { splitErrors } from './optional-parts.ts';
import { note } from './technology-changes.ts';
import { putOutcomes } from './technology-outcomes.ts';
import { move } from './wave-changes.ts';

type Verdict = {
  readonly technology: TechnologyRecord;
  readonly resources: readonly string[];
  /** On what it is to work; `null`: on everything. */
  readonly only: readonly string[] | null;
  readonly failure: Failure | null;
};

/**
 * `PreWaveValidation`: assesses each technology that is due and locks its resources. If a critical one cannot start,
 * none of the wave does: a person decides first. Answers the technologies to run, with the names of their nested
 * executions; the same records give the same answer.
 */
export async function validateWave(services: Services, input: Json): Promise<Json> {
  const { executionId, waveNumber, retryCount } = ValidationInput.parse(input);
  await services.executions.change(executionId, async (change) => {
    const wave = await change.wave(waveNumber);
    if (wave.status === 'pending') move(change, wave, 'work_began', { now: services.now() });
  });
  // Nothing begins any more; what may never pass is not waited for.
  if ((await services.executions.head(executionId)).cancelRequested) return { technologies: [] };
  const due = (await services.executions.technologies(executionId, waveNumber)).filter(isDue);
  const verdicts: Verdict[] = await Promise.all(
    due.map((technology) =>
      assess(services, executionId, { technology, isLastTry: retryCount >= mostTries(technology) }),
    ),
  );
  const blocked = verdicts.some(
    ({ technology: { definition }, failure }) =>
      failure !== null && definition.criticality === 'critical' && definition.onFailure !== 'continue',
  );
  return services.executions.change(executionId, async (change) => {
    const run: TechnologyRecord[] = [];
    for (const verdict of verdicts) {
      const technology = await change.technology(waveNumber, verdict.technology.technologyIndex);
      if (!isDue(technology)) continue;
      if (verdict.failure !== null) refuse(change, technology, verdict.failure, services.now());
      else if (!blocked) run.push(prepare(change, executionId, technology, verdict));
    }
    return {
      technologies: run.map(({ technologyIndex, definition, subExecutionId }) => ({
        technologyIndex,
        type: definition.type,
        name: subExecutionId!,
      })),
    };
  });
}

/**
 * How often the state machine tries again: `MaxAttempts` of `PreWaveValidation`. For what is optional the others wait a minute
 * at most.
 */
function mostTries({ definition }: TechnologyRecord): number {
  return definition.criticality === 'optional' ? 3 : 30;
}

const ValidationInput = WaveInput.extend({ retryCount: z.int().default(0) });

/** Due, or begun by an earlier try of this very step, whose answer was lost. */
function isDue({ due, status }: TechnologyRecord): boolean {
  return due || status === 'in_progress';
}

async function assess(
  services: Services,
  executionId: string,
  { technology, isLastTry }: { technology: TechnologyRecord; isLastTry: boolean },
): Promise<Verdict> {
  const { waveNumber, technologyIndex, definition, only } = technology;
  if (technology.status === 'in_progress')
    return { technology, resources: technology.resources, only, failure: null };
  try {
    const work = await loadWork(services, { executionId, waveNumber, technologyIndex });
    if (isLeftOut(work.head.mode, definition)) return { technology, resources: [], only, failure: null };
    const assessment = await work.operation.assess(work.context, work.input);
    const names = namesOf(assessment);
    if (Object.keys(names).length > 0)
      await services.executions.putNames(executionId, { waveNumber, technologyIndex, names });
    const { errors, refused } = splitErrors(definition, assessment.findings);
    const usable = assessment.resources.filter(({ resourceId }) => !refused.has(resourceId));
    const failure = failureOf(errors) ?? (await lock(services, executionId, usable));
    const resources = usable.map(({ resourceId }) => resourceId);
    if (refused.size === 0) return { technology, resources, only, failure };
    await putOutcomes(services, { executionId, waveNumber, technologyIndex }, [...refused].map(refusal));
    return { technology, resources, only: resources, failure };
  } catch (error) {
    // What may pass is tried again by the state machine; what will not is this technology's failure, not the wave's.
    if (!isBreakwaterError(error) || error.retry === 'bug') throw error;
    if (error.retry === 'retryable' && !isLastTry) {
      const detail = `${error.code}: ${messageOf(error)}; trying again`;
      await services.executions.change(executionId, (change) => note(change, technology, detail));
      throw error;
    }
    return { technology, resources: [], only, failure: { code: error.code, message: messageOf(error) } };
  }
}

function failureOf(errors: readonly Finding[]): Failure | null {
  if (errors.length === 0) return null;
  return { code: errors[0]!.rule, message: errors.map(({ message }) => message).join('; ') };
}

/** An optional resource that is better not touched has failed before its technology begins. */
function refusal([resourceId, { rule, message }]: readonly [string, Finding]): ResourceOutcome {
  return { resourceId, status: 'failed', criticality: 'optional', error: { code: rule, message } };
}

async function lock(
  services: Services,
  executionId: string,
  resources: Assessment['resources'],
): Promise<Failure | null> {
  const held = await services.locks.take(
    executionId,
    resources.map((resource) => resource.lock),
  );
  // Whoever was given up, and comes here when the clean-up is over, must not leave a lock that nobody gives back.
  if (hasEnded((await services.executions.head(executionId)).status)) {
    await services.locks.release(executionId);
    return { code: 'ExecutionNotRunning', message: 'the execution has ended' };
  }
  if (held.length === 0) return null;
  const names = held.slice(0, 5).map(({ name, heldBy }) => `${name} is held by ${heldBy}`);
  return {
    code: 'ResourceLocked',
    message: `${names.join('; ')}${held.length > 5 ? ` and ${held.length - 5} more` : ''}`,
  };
}

function refuse(change: Change, technology: TechnologyRecord, error: Failure, now: number): void {
  const at = new Date(now).toISOString();
  const begun =
    technology.status === 'failed' ? applyTechnologyEvent(technology, 'work_began', at) : technology;
  const { detail: _, ...ended } = applyTechnologyEvent(begun, 'failed', at);
  change.putTechnology({ ...ended, error });
  const { waveNumber } = technology;
  change.emit('TechnologyFailed', { waveNumber, ...eventNamesOf(technology), message: error.message });
}

function prepare(
  change: Change,
  executionId: string,
  technology: TechnologyRecord,
  { resources, only }: Verdict,
): TechnologyRecord {
  const { waveNumber, technologyIndex, attempt } = technology;
  const prepared = {
    ...technology,
    only,
    subExecutionId: `${executionId}-w${waveNumber}-t${technologyIndex}-a${attempt}`,
    resources: [...new Set([...technology.resources, ...resources])],
  };
  change.putTechnology(prepared);
  return prepared;
}
