/** Polls of all technologies meet on multiples of this, so that they share calls. */
const GRID_MS = 5_000;
const SHORTEST_MS = 2_000;
const LONGEST_MS = 300_000;
const FIRST_LOOK_AT_MOST_MS = 120_000;

/** A job, as far as it tells when it will end. `decided`: how many of its servers have been launched or have failed. */
export interface JobProgress {
  readonly elapsedMs: number;
  readonly expectedMs: number;
  readonly decided: 'none' | 'some' | 'all';
}

/**
 * How long to wait before looking at a job again: so that its end is seen within 1 % of its duration when it takes
 * about as long as expected or its servers are coming up, and within 7 % in any case.
 */
export function nextLookMs({ elapsedMs, expectedMs, decided }: JobProgress): number {
  // DRS closes a job 2 to 3 s after its last server has been decided (recorded: 2.1 s and 2.8 s).
  if (decided === 'all') return SHORTEST_MS;
  const firstLookMs = Math.min(0.35 * expectedMs, FIRST_LOOK_AT_MOST_MS);
  if (elapsedMs < firstLookMs) return firstLookMs - elapsedMs;
  const waitMs = Math.round(shareOf(elapsedMs / expectedMs, decided) * elapsedMs);
  return Math.min(Math.max(SHORTEST_MS, waitMs), LONGEST_MS);
}

function shareOf(progress: number, decided: JobProgress['decided']): number {
  if (decided === 'some' || (progress >= 0.85 && progress <= 1.3)) return 0.01;
  return progress < 0.85 ? 0.07 : 0.02;
}

/** Moves a wait of a few seconds or more back to the grid, never to less than half of it. */
export function alignWait(now: number, waitMs: number): number {
  const aligned = Math.floor((now + waitMs) / GRID_MS) * GRID_MS - now;
  return Math.ceil(aligned >= waitMs / 2 ? aligned : waitMs);
}
