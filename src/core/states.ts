import { BreakwaterError } from './errors.ts';
import type { TechnologyStatus } from './outcome.ts';

/**
 * The states of an execution and of its waves, as the specification draws them, and the only functions that change
 * one. They are total: an event that a state does not allow is an error, never ignored.
 */

export const UNFINISHED_STATUSES = ['planning', 'in_progress', 'paused', 'wave_complete'] as const;
export const EXECUTION_STATUSES = [...UNFINISHED_STATUSES, 'completed', 'failed', 'cancelled'] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

export type ExecutionEvent =
  /** Validation and approval are done, or the next wave begins. */
  | 'work_began'
  /** A person asked for a pause, or every wave that could go on waits for a person. */
  | 'paused'
  | 'resumed'
  /** A wave is complete and no other is at work. */
  | 'wave_completed'
  | 'finished'
  | 'failed'
  | 'cancelled';

export type WaveStatus = 'pending' | 'in_progress' | 'paused' | 'completed' | 'failed' | 'cancelled';

export type WaveEvent =
  | 'work_began'
  /** The wave waits for a person: a pause after the wave, or a decision about a failure. */
  | 'paused'
  | 'resumed'
  | 'completed'
  | 'failed'
  | 'cancelled';

export type TechnologyEvent = 'work_began' | 'completed' | 'failed' | 'skipped' | 'cancelled';

type Table<S extends string, E extends string> = Readonly<Record<S, Readonly<Partial<Record<E, S>>>>>;

const EXECUTION: Table<ExecutionStatus, ExecutionEvent> = {
  planning: { work_began: 'in_progress', paused: 'paused', failed: 'failed', cancelled: 'cancelled' },
  in_progress: {
    work_began: 'in_progress',
    paused: 'paused',
    wave_completed: 'wave_complete',
    finished: 'completed',
    failed: 'failed',
    cancelled: 'cancelled',
  },
  paused: {
    paused: 'paused',
    resumed: 'in_progress',
    work_began: 'in_progress',
    failed: 'failed',
    cancelled: 'cancelled',
  },
  wave_complete: {
    work_began: 'in_progress',
    paused: 'paused',
    wave_completed: 'wave_complete',
    finished: 'completed',
    failed: 'failed',
    cancelled: 'cancelled',
  },
  completed: {},
  failed: {},
  cancelled: {},
};

const WAVE: Table<WaveStatus, WaveEvent> = {
  pending: { work_began: 'in_progress', failed: 'failed', cancelled: 'cancelled' },
  in_progress: { paused: 'paused', completed: 'completed', failed: 'failed', cancelled: 'cancelled' },
  paused: { resumed: 'in_progress', completed: 'completed', failed: 'failed', cancelled: 'cancelled' },
  completed: {},
  failed: {},
  cancelled: {},
};

const TECHNOLOGY: Table<TechnologyStatus, TechnologyEvent> = {
  pending: { work_began: 'in_progress', failed: 'failed', skipped: 'skipped', cancelled: 'cancelled' },
  in_progress: { completed: 'completed', failed: 'failed', cancelled: 'cancelled' },
  failed: { work_began: 'in_progress', skipped: 'skipped', cancelled: 'cancelled' },
  completed: {},
  skipped: {},
  cancelled: {},
};

/** The status of an execution after an event. Throws `TransitionNotAllowed`. */
export function nextExecutionStatus(status: ExecutionStatus, event: ExecutionEvent): ExecutionStatus {
  return next('execution', EXECUTION, status, event);
}

/** The status of a wave after an event. Throws `TransitionNotAllowed`. */
export function nextWaveStatus(status: WaveStatus, event: WaveEvent): WaveStatus {
  return next('wave', WAVE, status, event);
}

/** The status of a technology after an event. Throws `TransitionNotAllowed`. */
export function nextTechnologyStatus(status: TechnologyStatus, event: TechnologyEvent): TechnologyStatus {
  return next('technology', TECHNOLOGY, status, event);
}

/** True when nothing can happen to the execution any more. */
export function hasEnded(status: ExecutionStatus): boolean {
  return Object.keys(EXECUTION[status]).length === 0;
}

function next<S extends string, E extends string>(what: string, table: Table<S, E>, status: S, event: E): S {
  const target = table[status][event];
  if (target === undefined) {
    throw new BreakwaterError('TransitionNotAllowed', `${what} is ${status}: ${event} is not possible`, {
      details: { what, status, event },
    });
  }
  return target;
}
