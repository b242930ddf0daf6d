import { formatDuration } from '#core/duration.ts';
import type { GateApproval, GateRecord, HeadRecord, TechnologyRecord, WaveRecord } from '#core/records.ts';
import {
  GATE_ACTIONS,
  type ApprovalState,
  type ExecutionView,
  type GateView,
  type TechnologyView,
  type WaveView,
} from '#core/view.ts';
import type { ExecutionRepository, OutcomeRow } from '#store/executions.ts';
import type { ExecutionSummary } from './control.ts';

/** Puts the specification's execution state together from the records. */
export async function viewExecution(
  executions: ExecutionRepository,
  executionId: string,
): Promise<ExecutionView> {
  const head = await executions.head(executionId);
  const [waves, technologies, names, outcomes, gates] = await Promise.all([
    executions.waves(executionId),
    executions.technologies(executionId),
    executions.names(executionId),
    executions.outcomes(executionId),
    executions.gates(executionId),
  ]);
  const technologiesOf = Map.groupBy(technologies, ({ waveNumber }) => waveNumber);
  const namesAt = new Map(names.map((row) => [placeOf(row), row.names]));
  const outcomesOf = Map.groupBy(outcomes, (row) => placeOf(row));
  return {
    executionId,
    planId: head.planId,
    planName: head.planName,
    planHash: head.planHash,
    mode: head.mode,
    simulated: head.simulated,
    status: head.status,
    ...(head.outcome === undefined ? {} : { outcome: head.outcome }),
    currentWave: head.currentWave,
    startedAt: head.startedAt,
    ...(head.completedAt === undefined ? {} : { completedAt: head.completedAt }),
    pauseRequested: head.pauseRequested,
    cancelRequested: head.cancelRequested,
    objectives: objectivesOf(head),
    expectedDuration: formatDuration(head.expectedMs),
    waves: waves.map((wave) =>
      viewWave(
        wave,
        (technologiesOf.get(wave.waveNumber) ?? []).map((technology) =>
          viewTechnology(technology, {
            rows: outcomesOf.get(placeOf(technology)) ?? [],
            names: namesAt.get(placeOf(technology)) ?? {},
          }),
        ),
      ),
    ),
    pauses: head.pauses,
    gates: gates.filter(({ kind }) => kind !== 'dependencies').map(viewGate),
    ...(head.error === undefined ? {} : { error: head.error }),
    enterpriseContext: {
      initiatedBy: head.initiatedBy,
      ...(head.parentExecutionId === undefined ? {} : { parentExecutionId: head.parentExecutionId }),
      tags: head.tags,
    },
  };
}

/** One line of a list of executions. */
export function summarize(head: HeadRecord): ExecutionSummary {
  return {
    executionId: head.executionId,
    planId: head.planId,
    planName: head.planName,
    mode: head.mode,
    status: head.status,
    ...(head.outcome === undefined ? {} : { outcome: head.outcome }),
    currentWave: head.currentWave,
    totalWaves: head.totalWaves,
    startedAt: head.startedAt,
    ...(head.completedAt === undefined ? {} : { completedAt: head.completedAt }),
  };
}

function viewWave(wave: WaveRecord, technologies: TechnologyView[]): WaveView {
  return {
    waveNumber: wave.waveNumber,
    name: wave.name,
    status: wave.status,
    dependencies: wave.dependencies,
    pauseAfterWave: wave.definition.pauseAfterWave,
    ...(wave.startedAt === undefined ? {} : { startedAt: wave.startedAt }),
    ...(wave.completedAt === undefined ? {} : { completedAt: wave.completedAt }),
    expectedDuration: formatDuration(wave.expectedMs),
    technologies,
  };
}

function viewTechnology(
  technology: TechnologyRecord,
  { rows, names }: { rows: readonly OutcomeRow[]; names: Readonly<Record<string, string>> },
): TechnologyView {
  const { definition, startedAt, completedAt } = technology;
  const { state: _, firstStartedAt, ...rest } = technology;
  return {
    type: definition.type,
    operation: definition.operation,
    ...(definition.name === undefined ? {} : { name: definition.name }),
    status: technology.status,
    criticality: definition.criticality,
    attempt: technology.attempt,
    resources: technology.resources,
    names,
    outcomes: rows.map(({ outcome }) => outcome),
    expectedDuration: formatDuration(technology.expectedMs),
    ...pick(rest, ['subExecutionId', 'startedAt', 'completedAt', 'detail', 'results', 'error']),
    ...(firstStartedAt === undefined || technology.attempt === 1 ? {} : { firstStartedAt }),
    ...(startedAt === undefined || completedAt === undefined
      ? {}
      : { executionTime: formatDuration(Date.parse(completedAt) - Date.parse(startedAt)) }),
  };
}

/** A gate as people and programs see it. */
export function viewGate(gate: GateRecord): GateView {
  const { gateId, waveNumber, kind, status, openedAt, reason, resolution, approval } = gate;
  return {
    gateId,
    waveNumber,
    kind,
    status,
    openedAt,
    reason,
    ...pick(gate, ['expiresAt', 'closedAt']),
    actions: status === 'open' ? GATE_ACTIONS[kind] : [],
    ...(approval === undefined ? {} : { approval: viewApproval(approval) }),
    ...(resolution === undefined
      ? {}
      : { resolution: { ...pick(resolution, ['reason']), action: resolution.action, by: resolution.by } }),
  };
}

/** Without what the hash is of: the technologies say it. */
function viewApproval({ resources: _, ...approval }: GateApproval): ApprovalState {
  return approval;
}

function objectivesOf({ objectives: { rto, rpo } }: HeadRecord): ExecutionView['objectives'] {
  return { ...(rto === undefined ? {} : { rto }), ...(rpo === undefined ? {} : { rpo }) };
}

/** The members of these names that are there. */
function pick<T extends object, K extends keyof T>(value: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(
    names.filter((name) => value[name] !== undefined).map((name) => [name, value[name]]),
  ) as Pick<T, K>;
}

function placeOf({ waveNumber, technologyIndex }: { waveNumber: number; technologyIndex: number }): string {
  return `${waveNumber}/${technologyIndex}`;
}
