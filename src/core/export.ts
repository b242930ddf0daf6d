import { formatDuration, parseDuration } from './duration.ts';
import type { Json, JsonObject } from './json.ts';
import type { ResourceOutcome } from './outcome.ts';
import type { ExecutionView, TechnologyView, WaveView } from './view.ts';

/** The specification's "Export Data Integration", one entry a technology of a wave. */
export interface TechnologyExport {
  readonly executionId: string;
  readonly waveNumber: number;
  readonly technology: string;
  readonly operation: string;
  readonly status: string;
  readonly results: JsonObject;
}

/** A whole execution: its state as the specification shapes it, and the export of each technology. */
export interface ExecutionExport {
  readonly execution: ExecutionView;
  readonly technologies: readonly TechnologyExport[];
  /**
   * `actual` is the whole time from start to end, people included, and is what the objective is held against;
   * `waitedForPeople` is the part of it in which nothing was at work because a person was awaited.
   */
  readonly rto: {
    readonly objective?: string;
    readonly actual?: string;
    readonly waitedForPeople: string;
    readonly met?: boolean;
  };
  /**
   * How old the state was, at the start of the execution, that the recovered server furthest behind was launched from. `actual` is
   * missing when no server tells its point in time; `met` when it is not known, since databases do not tell what they lost.
   */
  readonly rpo: { readonly objective?: string; readonly actual?: string; readonly met?: boolean };
}

/** Makes the export of an execution. Pure: the same view gives the same export. */
export function exportOf(view: ExecutionView): ExecutionExport {
  return {
    execution: view,
    technologies: view.waves.flatMap((wave) =>
      wave.technologies.map((technology) => exportTechnology(view.executionId, wave, technology)),
    ),
    rto: rtoOf(view),
    rpo: rpoOf(view),
  };
}

function exportTechnology(executionId: string, wave: WaveView, technology: TechnologyView): TechnologyExport {
  const isDrs = technology.type === 'drs';
  const drs: JsonObject = {
    // An existing solution that did the work has an id of its own.
    ...(technology.subExecutionId === undefined ? {} : { drsExecutionId: technology.subExecutionId }),
    ...only(technology.results, 'drsExecutionId'),
    recoveredInstances: technology.outcomes.flatMap(recoveredInstance),
    drsExportData: technology.results?.['drsExportData'] ?? technology.results ?? {},
  };
  return {
    executionId,
    waveNumber: wave.waveNumber,
    technology: technology.type,
    operation: technology.operation,
    status: technology.status,
    results: {
      ...technology.results,
      ...(isDrs ? drs : {}),
      resources: technology.outcomes as unknown as Json,
      ...(technology.executionTime === undefined ? {} : { executionTime: technology.executionTime }),
      ...only(technology.results, 'executionTime'),
      nextPhaseReady: technology.status === 'completed' || technology.status === 'skipped',
      ...(technology.error === undefined ? {} : { error: { ...technology.error } }),
    },
  };
}

function only(results: JsonObject | undefined, key: string): JsonObject {
  const value = results?.[key];
  return value === undefined ? {} : { [key]: value };
}

function recoveredInstance({ resourceId, result }: ResourceOutcome): JsonObject[] {
  if (result === undefined) return [];
  const pick = (key: string): Json => result[key] ?? null;
  return [
    {
      sourceServerId: resourceId,
      sourceInstanceId: pick('sourceInstanceId'),
      recoveryInstanceId: pick('recoveryInstanceId'),
      ec2InstanceId: pick('ec2InstanceId'),
      privateIp: pick('privateIp'),
      status: pick('status'),
      pointInTime: pick('pointInTime'),
    },
  ];
}

function rtoOf(view: ExecutionView): ExecutionExport['rto'] {
  const objective = view.objectives.rto;
  const actualMs =
    view.completedAt === undefined ? undefined : Date.parse(view.completedAt) - Date.parse(view.startedAt);
  return {
    ...(objective === undefined ? {} : { objective }),
    ...(actualMs === undefined ? {} : { actual: formatDuration(actualMs) }),
    waitedForPeople: formatDuration(pausedMs(view)),
    ...(objective === undefined || actualMs === undefined
      ? {}
      : { met: view.status === 'completed' && actualMs <= parseDuration(objective) }),
  };
}

function rpoOf(view: ExecutionView): ExecutionExport['rpo'] {
  const objective = view.objectives.rpo;
  const points = view.waves
    .flatMap(({ technologies }) => technologies.flatMap(({ outcomes }) => outcomes))
    .map(({ result }) => result?.['pointInTime'])
    .filter((point) => typeof point === 'string')
    .map((point) => Date.parse(point));
  if (points.length === 0) return objective === undefined ? {} : { objective };
  const actualMs = Math.max(0, ...points.map((ms) => Date.parse(view.startedAt) - ms));
  const actual = formatDuration(actualMs);
  if (objective === undefined) return { actual };
  if (actualMs > parseDuration(objective)) return { objective, actual, met: false };
  // What a database loses is measured nowhere: then nobody may say that the objective was met.
  const isKnown = view.status === 'completed' && !view.waves.some(hasDatabase);
  return { objective, actual, ...(isKnown ? { met: true } : {}) };
}

function hasDatabase({ technologies }: WaveView): boolean {
  return technologies.some(({ type }) => type === 'database');
}

/** How long nothing was at work because a person was awaited, in ms. */
function pausedMs({ pauses, completedAt }: ExecutionView): number {
  return pauses.reduce(
    (total, { from, to = completedAt ?? from }) => total + Date.parse(to) - Date.parse(from),
    0,
  );
}

/** The union of the times in which these gates for people were open, in ms; other waves may have been at work. */
export function waitedForPeopleMs(view: Pick<ExecutionView, 'gates' | 'completedAt'>): number {
  const spans = view.gates
    .filter((gate) => gate.kind !== 'dependencies' && (gate.closedAt ?? view.completedAt) !== undefined)
    .map((gate) => [Date.parse(gate.openedAt), Date.parse((gate.closedAt ?? view.completedAt)!)] as const)
    .sort((a, b) => a[0] - b[0]);
  let [total, until] = [0, 0];
  for (const [from, to] of spans) {
    total += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return total;
}
