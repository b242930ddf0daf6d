import { describe, expect, test } from 'vitest';
import { hasEnded, nextExecutionStatus, nextTechnologyStatus, nextWaveStatus } from './states.ts';

const EXECUTION_STATUSES = [
  'planning',
  'in_progress',
  'paused',
  'wave_complete',
  'completed',
  'failed',
  'cancelled',
] as const;
const EXECUTION_EVENTS = [
  'work_began',
  'paused',
  'resumed',
  'wave_completed',
  'finished',
  'failed',
  'cancelled',
] as const;
const WAVE_STATUSES = ['pending', 'in_progress', 'paused', 'completed', 'failed', 'cancelled'] as const;
const WAVE_EVENTS = ['work_began', 'paused', 'resumed', 'completed', 'failed', 'cancelled'] as const;
const TECHNOLOGY_STATUSES = [
  'pending',
  'in_progress',
  'completed',
  'failed',
  'skipped',
  'cancelled',
] as const;
const TECHNOLOGY_EVENTS = ['work_began', 'completed', 'failed', 'skipped', 'cancelled'] as const;

/** The whole table as text: one line a status, `event>status` for what is allowed. */
function drawn<S extends string, E extends string>(
  statuses: readonly S[],
  events: readonly E[],
  next: (s: S, e: E) => S,
): string[] {
  return statuses.map((status) => {
    const arrows = events.flatMap((event) => {
      try {
        return [`${event}>${next(status, event)}`];
      } catch (error) {
        expect(error).toMatchObject({ code: 'TransitionNotAllowed' });
        return [];
      }
    });
    return `${status}: ${arrows.join(' ')}`;
  });
}

describe('transitions', () => {
  test('an execution moves as the specification draws it, and can also fail or be cancelled before it ends', () => {
    expect(drawn(EXECUTION_STATUSES, EXECUTION_EVENTS, nextExecutionStatus)).toEqual([
      'planning: work_began>in_progress paused>paused failed>failed cancelled>cancelled',
      'in_progress: work_began>in_progress paused>paused wave_completed>wave_complete finished>completed failed>failed cancelled>cancelled',
      'paused: work_began>in_progress paused>paused resumed>in_progress failed>failed cancelled>cancelled',
      'wave_complete: work_began>in_progress paused>paused wave_completed>wave_complete finished>completed failed>failed cancelled>cancelled',
      'completed: ',
      'failed: ',
      'cancelled: ',
    ]);
  });

  test('a wave works, may wait for a person, and ends once', () => {
    expect(drawn(WAVE_STATUSES, WAVE_EVENTS, nextWaveStatus)).toEqual([
      'pending: work_began>in_progress failed>failed cancelled>cancelled',
      'in_progress: paused>paused completed>completed failed>failed cancelled>cancelled',
      'paused: resumed>in_progress completed>completed failed>failed cancelled>cancelled',
      'completed: ',
      'failed: ',
      'cancelled: ',
    ]);
  });

  test('a failed technology can be retried, skipped or cancelled, and a completed one is left alone', () => {
    expect(drawn(TECHNOLOGY_STATUSES, TECHNOLOGY_EVENTS, nextTechnologyStatus)).toEqual([
      'pending: work_began>in_progress failed>failed skipped>skipped cancelled>cancelled',
      'in_progress: completed>completed failed>failed cancelled>cancelled',
      'completed: ',
      'failed: work_began>in_progress skipped>skipped cancelled>cancelled',
      'skipped: ',
      'cancelled: ',
    ]);
  });

  test('an event that is not allowed names the thing, its status and the event', () => {
    expect(() => nextWaveStatus('completed', 'failed')).toThrow('wave is completed: failed is not possible');
  });

  test('an execution has ended when it is completed, failed or cancelled', () => {
    expect(EXECUTION_STATUSES.filter(hasEnded)).toEqual(['completed', 'failed', 'cancelled']);
  });
});
