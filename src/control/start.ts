import { canonicalJson } from '#core/canonical-json.ts';
import { BreakwaterError, hasCode, isBreakwaterError, reportOf } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import type { Finding } from '#core/outcome.ts';
import type { Plan } from '#core/plan.ts';
import { dependentsOf } from '#core/progress.ts';
import type { HeadRecord, NamesRecord, TechnologyRecord, WaveRecord } from '#core/records.ts';
import { dependenciesOf, longestPath } from '#core/wave-graph.ts';
import { namesOf, type AssessedTechnology } from '#workflow/assess-plan.ts';
import { cleanUpExecution } from '#workflow/execution.ts';
import type { StartParams } from './control.ts';
import { requestOf } from './audit-log.ts';
import type { ControlDeps } from './deps.ts';

/** Freezes an assessed plan into the records of a new execution, and starts it. A crash in between is made up for at start. */
export async function start(
  deps: ControlDeps,
  params: StartParams,
  technologies: readonly AssessedTechnology[],
): Promise<{ executionId: string }> {
  const executionId = await claimId(deps, params.idempotencyKey);
  const records = freeze(deps, params, technologies, executionId);
  try {
    const { planName, initiatedBy, planHash, mode } = records.head;
    const started = { planName, initiatedBy, planHash, mode, ...requestOf(params) };
    await deps.services.executions.create({ ...records, started });
  } catch (error) {
    // The same idempotency key came twice: the other call has written the records, and starts.
    if (params.idempotencyKey === undefined || !hasCode(error, 'RevisionConflict')) throw error;
    return { executionId };
  }
  await startRecorded(deps, executionId);
  return { executionId };
}

/**
 * The records of the execution are there. If its state machine cannot be started just now, or nobody knows whether it was, it is started
 * yet (`recover.ts`), and whoever asked has an execution: told that it failed, they would start another. If it can never be
 * started, it has failed, and nothing is left that would begin when nobody expects it any more.
 */
async function startRecorded(deps: ControlDeps, executionId: string): Promise<void> {
  try {
    await startEngine(deps, executionId);
  } catch (error) {
    if (isBreakwaterError(error) && (error.retry === 'retryable' || error.retry === 'paused')) return;
    const { code, message } = reportOf(error);
    const failure = { Error: code, Cause: `the state machine cannot be started: ${message}` };
    await cleanUpExecution(deps.services, { executionId, failure });
    throw error;
  }
}

/** The execution that an idempotency key has brought forth, ended or not; `null` if there is none. */
export async function findByKey(
  deps: ControlDeps,
  { idempotencyKey }: Pick<StartParams, 'idempotencyKey'>,
): Promise<string | null> {
  if (idempotencyKey === undefined) return null;
  const executionId = await claimed(deps, idempotencyKey);
  return executionId !== null && (await exists(deps, executionId)) ? executionId : null;
}

/** An execution of the very same plan and mode that is, or was when the caller looked, unfinished; `null` if there is none. */
export async function findUnfinished(
  deps: ControlDeps,
  { plan, mode, wereUnfinished = [] }: StartParams,
): Promise<string | null> {
  const { executions } = deps.services;
  const planHash = planHashOf(deps, plan);
  const unfinished = await executions.unfinished();
  const before = await Promise.all(wereUnfinished.map((executionId) => executions.head(executionId)));
  const heads = [...unfinished, ...before];
  return heads.find((head) => head.planHash === planHash && head.mode === mode)?.executionId ?? null;
}

/** Ids that come from a seed come again when a rehearsal is repeated on the same records: then the next one is taken. */
async function exists({ store }: ControlDeps, executionId: string): Promise<boolean> {
  return (
    (await store.get({ table: 'execution-history', key: { partition: executionId, sort: '' } })) !== null
  );
}

/** Starts the master state machine. The same execution again is no second start. */
export async function startEngine(deps: Pick<ControlDeps, 'engine'>, executionId: string): Promise<void> {
  await deps.engine.start({ machine: 'recovery', name: executionId, input: { executionId } });
}

/** Throws `ValidationFailed` if any finding is an error. */
export function refuseErrors(findings: readonly Finding[]): void {
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length === 0) return;
  const list = errors.slice(0, 3).map(({ path, message }) => `${path}: ${message}`);
  const more = errors.length > 3 ? ` and ${errors.length - 3} more` : '';
  throw new BreakwaterError('ValidationFailed', `the plan cannot run: ${list.join('; ')}${more}`, {
    details: { findings: findings as unknown as Json },
  });
}

/** The expected duration of each wave (its longest technology), and of the longest way through all waves, in ms. */
export function expectedDurations(
  plan: Plan,
  technologies: readonly AssessedTechnology[],
): { totalMs: number; ofWave: (waveNumber: number) => number } {
  const ofWave = (waveNumber: number): number =>
    Math.max(
      0,
      ...technologies.filter((t) => t.waveNumber === waveNumber).map((t) => t.assessment?.estimatedMs ?? 0),
    );
  return { totalMs: longestPath(plan.waves, ofWave).totalMs, ofWave };
}

/** An idempotency key names its execution for ever: the first call wins. */
async function claimId(deps: ControlDeps, idempotencyKey: string | undefined): Promise<string> {
  const known = idempotencyKey === undefined ? null : await claimed(deps, idempotencyKey);
  if (known !== null) return known;
  const executionId = deps.newId('exec-');
  if (await exists(deps, executionId)) return claimId(deps, idempotencyKey);
  if (idempotencyKey === undefined) return executionId;
  try {
    const [key, value] = [keyOf(idempotencyKey), { executionId }];
    await deps.store.write([{ kind: 'put', table: 'platform-records', key, value, expect: 'absent' }]);
    return executionId;
  } catch (error) {
    if (!hasCode(error, 'RevisionConflict')) throw error;
    return claimId(deps, idempotencyKey);
  }
}

async function claimed({ store }: ControlDeps, idempotencyKey: string): Promise<string | null> {
  const row = await store.get({ table: 'platform-records', key: keyOf(idempotencyKey) });
  return row === null ? null : (row.value as { executionId: string }).executionId;
}

function keyOf(idempotencyKey: string): { partition: string; sort: string } {
  return { partition: 'idempotency', sort: idempotencyKey };
}

function freeze(
  deps: ControlDeps,
  params: StartParams,
  assessed: readonly AssessedTechnology[],
  executionId: string,
): {
  head: HeadRecord;
  plan: Omit<Plan, 'waves'>;
  waves: WaveRecord[];
  technologies: TechnologyRecord[];
  names: NamesRecord[];
} {
  const { waves, ...plan } = params.plan;
  const planHash = planHashOf(deps, params.plan);
  const planId = plan.planId ?? `plan-${planHash.slice(0, 12)}`;
  const expected = expectedDurations(params.plan, assessed);
  const [dependencies, dependents] = [dependenciesOf(waves), dependentsOf(waves)];
  return {
    plan,
    head: {
      executionId,
      planId,
      planName: plan.name ?? planId,
      planHash,
      mode: params.mode,
      simulated: deps.simulated,
      status: 'planning',
      currentWave: 0,
      totalWaves: waves.length,
      startedAt: new Date(deps.services.now()).toISOString(),
      pauseRequested: false,
      cancelRequested: false,
      autoResume: params.autoResume ?? false,
      objectives: plan.objectives,
      expectedMs: expected.totalMs,
      initiatedBy: params.initiatedBy,
      ...(params.parentExecutionId === undefined ? {} : { parentExecutionId: params.parentExecutionId }),
      tags: plan.tags,
      workingWaves: 0,
      pausedWaves: 0,
      exceptions: 0,
      pauses: [],
      eventCount: 0,
    },
    waves: waves.map((wave) => ({
      waveNumber: wave.waveNumber,
      name: wave.name,
      status: 'pending',
      dependencies: dependencies.get(wave.waveNumber)!,
      dependents: dependents.get(wave.waveNumber)!,
      definition: wave,
      expectedMs: expected.ofWave(wave.waveNumber),
    })),
    technologies: assessed.map(({ waveNumber, technologyIndex, definition, assessment }) => ({
      waveNumber,
      technologyIndex,
      definition,
      status: 'pending',
      attempt: 1,
      due: true,
      only: null,
      expectedMs: assessment?.estimatedMs ?? 0,
      resources: assessment?.resources.map(({ resourceId }) => resourceId) ?? [],
    })),
    names: assessed.flatMap(({ waveNumber, technologyIndex, assessment }) => {
      const names = assessment === null ? {} : namesOf(assessment);
      return Object.keys(names).length === 0 ? [] : [{ waveNumber, technologyIndex, names }];
    }),
  };
}

/** Of the plan as the records keep it: its waves by number, in whatever order they were written. */
function planHashOf({ hash }: Pick<ControlDeps, 'hash'>, { waves, ...plan }: Plan): string {
  const inOrder = waves.toSorted((a, b) => a.waveNumber - b.waveNumber);
  return hash(canonicalJson({ ...plan, waves: inOrder }));
}
