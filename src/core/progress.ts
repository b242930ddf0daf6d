import { dependenciesOf } from './wave-graph.ts';
import type { GateResolution, HeadRecord, TechnologyRecord, WaveRecord } from './records.ts';
import {
  nextExecutionStatus,
  nextTechnologyStatus,
  nextWaveStatus,
  type ExecutionEvent,
  type TechnologyEvent,
  type WaveEvent,
} from './states.ts';
import type { GateKind } from './view.ts';

/**
 * How an execution goes forward: pure decisions over its records. Callers store what these functions return.
 */

/** A wave and its execution after something happened to the wave. The execution's status follows from its waves. */
export function applyWaveEvent(
  head: HeadRecord,
  wave: WaveRecord,
  event: WaveEvent,
  at: string,
): { head: HeadRecord; wave: WaveRecord } {
  const status = nextWaveStatus(wave.status, event);
  const ended = status === 'completed' || status === 'failed' || status === 'cancelled';
  const counted: HeadRecord = {
    ...head,
    workingWaves: head.workingWaves + count(status, 'in_progress') - count(wave.status, 'in_progress'),
    pausedWaves: head.pausedWaves + count(status, 'paused') - count(wave.status, 'paused'),
    currentWave: status === 'in_progress' ? Math.max(head.currentWave, wave.waveNumber) : head.currentWave,
  };
  return {
    head: settle(counted, { waveCompleted: status === 'completed', at }),
    wave: {
      ...wave,
      status,
      ...(status === 'in_progress' && wave.startedAt === undefined ? { startedAt: at } : {}),
      ...(ended ? { completedAt: at } : {}),
    },
  };
}

/** An execution after a pause was asked for, or taken back. */
export function requestPause(head: HeadRecord, pauseRequested: boolean, at: string): HeadRecord {
  return settle({ ...head, pauseRequested }, { waveCompleted: false, at });
}

/** An execution after an approval gate was opened or closed: while one is open, a person is awaited. */
export function countApprovalGate(head: HeadRecord, by: 1 | -1, at: string): HeadRecord {
  return settle({ ...head, pausedWaves: head.pausedWaves + by }, { waveCompleted: false, at });
}

/** The execution's status by the state of its waves. */
function settle(head: HeadRecord, { waveCompleted, at }: { waveCompleted: boolean; at: string }): HeadRecord {
  const status = settlingEvents(head, waveCompleted).reduce(nextExecutionStatus, head.status);
  const [wasPaused, isPaused] = [head.status === 'paused', status === 'paused'];
  if (wasPaused === isPaused) return { ...head, status };
  const pauses = isPaused
    ? [...head.pauses, { from: at }]
    : head.pauses.map((span) => (span.to === undefined ? { ...span, to: at } : span));
  return { ...head, status, pauses };
}

function settlingEvents(head: HeadRecord, waveCompleted: boolean): ExecutionEvent[] {
  if (head.workingWaves > 0) return head.status === 'in_progress' ? [] : ['work_began'];
  if (head.pausedWaves > 0 || head.pauseRequested) return ['paused'];
  const resumed: ExecutionEvent[] = head.status === 'paused' ? ['resumed'] : [];
  return waveCompleted ? [...resumed, 'wave_completed'] : resumed;
}

function count(status: string, wanted: string): number {
  return status === wanted ? 1 : 0;
}

/** A technology after something happened to it. */
export function applyTechnologyEvent(
  technology: TechnologyRecord,
  event: TechnologyEvent,
  at: string,
): TechnologyRecord {
  const status = nextTechnologyStatus(technology.status, event);
  const { completedAt: _, ...open } = technology;
  return status === 'in_progress'
    ? { ...open, status, due: false, startedAt: technology.startedAt ?? at }
    : { ...technology, status, due: false, completedAt: at };
}

/** What a finished wave means. */
export type WaveVerdict =
  | { readonly kind: 'complete' }
  /** A critical failure that a person must decide about. */
  | { readonly kind: 'ask'; readonly reason: string }
  /** A critical failure that ends the execution. */
  | { readonly kind: 'stop'; readonly reason: string }
  | { readonly kind: 'cancelled' };

/** Judges a wave whose technologies have all been tried. One that is neither done nor tried counts as failed. */
export function judgeWave(
  head: Pick<HeadRecord, 'cancelRequested' | 'stopRequested'>,
  technologies: readonly TechnologyRecord[],
): WaveVerdict {
  const failed = technologies.filter((technology) => technology.status === 'failed');
  const critical = failed.filter(
    ({ definition }) => definition.criticality === 'critical' && definition.onFailure !== 'continue',
  );
  const open = technologies.filter(({ status }) => status === 'pending' || status === 'in_progress');
  if (
    head.cancelRequested &&
    technologies.some(({ status }) => status !== 'completed' && status !== 'skipped')
  )
    return { kind: 'cancelled' };
  const reason = [...critical, ...(critical.length > 0 ? [] : open)].map(describeFailure).join('; ');
  if (critical.some(({ definition }) => definition.onFailure === 'stop')) return { kind: 'stop', reason };
  // Of an execution that is ending nobody is asked any more.
  if (critical.length > 0 || open.length > 0)
    return { kind: head.stopRequested === undefined ? 'ask' : 'stop', reason };
  return { kind: 'complete' };
}

/** How many technologies of a wave that may go on were not done, except those that the plan itself leaves out of drills. */
export function countExceptions(
  technologies: readonly Pick<TechnologyRecord, 'status' | 'results'>[],
): number {
  return technologies.filter(({ status, results }) => status !== 'completed' && results?.['drill'] !== 'skip')
    .length;
}

function describeFailure(technology: TechnologyRecord): string {
  return `${labelOf(technology)} ${technology.status === 'failed' ? 'failed' : 'was not done'}${
    technology.error === undefined ? '' : `: ${technology.error.message}`
  }`;
}

/** How a technology is called towards people: its name, else `type/operation`. */
export function labelOf({ definition }: Pick<TechnologyRecord, 'definition'>): string {
  return definition.name ?? `${definition.type}/${definition.operation}`;
}

/** How the data of an event names a technology: for people, and by its type, of which there are few. */
export function eventNamesOf(technology: Pick<TechnologyRecord, 'definition'>): {
  technology: string;
  technologyType: string;
} {
  return { technology: labelOf(technology), technologyType: technology.definition.type };
}

/**
 * Whether a gate has lost its reason to hold: how it is left then, or `null` when it holds. People act through
 * `control`, which closes a gate itself.
 */
export function gateVerdict(
  kind: GateKind,
  head: Pick<HeadRecord, 'pauseRequested' | 'cancelRequested' | 'stopRequested' | 'autoResume'>,
  dependencies: readonly Pick<WaveRecord, 'status' | 'waveNumber'>[],
): GateResolution | null {
  if (head.cancelRequested)
    return { proceed: false, action: 'cancel', by: 'breakwater', reason: 'the execution was cancelled' };
  switch (kind) {
    case 'dependencies':
      return dependenciesVerdict(head, dependencies);
    case 'pause':
      return head.autoResume || head.stopRequested !== undefined
        ? {
            proceed: true,
            action: 'opened',
            by: 'breakwater',
            reason: head.autoResume ? 'auto-resume' : 'the execution is ending',
          }
        : null;
    case 'decision':
    case 'approval':
      return head.stopRequested === undefined
        ? null
        : { proceed: false, action: 'opened', by: 'breakwater', reason: 'the execution is ending' };
  }
}

function dependenciesVerdict(
  head: Pick<HeadRecord, 'pauseRequested' | 'stopRequested'>,
  dependencies: readonly Pick<WaveRecord, 'status' | 'waveNumber'>[],
): GateResolution | null {
  const broken = dependencies.find(({ status }) => status === 'failed' || status === 'cancelled');
  if (head.stopRequested !== undefined || broken !== undefined) {
    const reason =
      broken === undefined ? 'the execution is ending' : `wave ${broken.waveNumber} ${broken.status}`;
    return { proceed: false, action: 'opened', by: 'breakwater', reason };
  }
  const met = dependencies.every(({ status }) => status === 'completed');
  return met && !head.pauseRequested ? { proceed: true, action: 'opened', by: 'breakwater' } : null;
}

/** How an execution ends, once all its waves have. */
export function judgeExecution(
  head: Pick<HeadRecord, 'cancelRequested' | 'stopRequested' | 'exceptions' | 'error'>,
  waves: readonly Pick<WaveRecord, 'status' | 'waveNumber' | 'name'>[],
): { event: 'finished' | 'failed' | 'cancelled'; outcome?: 'clean' | 'with_exceptions'; reason?: string } {
  const unfinished = waves.filter(({ status }) => status !== 'completed');
  if (head.error !== undefined) return { event: 'failed', reason: head.error.message };
  if (unfinished.length === 0)
    return { event: 'finished', outcome: head.exceptions > 0 ? 'with_exceptions' : 'clean' };
  if (head.cancelRequested) return { event: 'cancelled' };
  const names = unfinished
    .map(({ waveNumber, name, status }) => `wave ${waveNumber} (${name}) ${status}`)
    .join(', ');
  return { event: 'failed', reason: head.stopRequested?.message ?? names };
}

/** The waves that wait for each wave, by wave number. */
export function dependentsOf(
  waves: Parameters<typeof dependenciesOf>[0],
): ReadonlyMap<number, readonly number[]> {
  const dependents = new Map<number, number[]>(waves.map(({ waveNumber }) => [waveNumber, []]));
  for (const [number, list] of dependenciesOf(waves))
    for (const dependency of list) dependents.get(dependency)!.push(number);
  return dependents;
}
