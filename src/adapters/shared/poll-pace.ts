const LEAST_MS = 3_000;
const MOST_MS = 30_000;

/**
 * How long to wait before the next look at something that has been going on for `ageMs`: a tenth of it, so that the wait never adds more
 * than a tenth to what it waits for, and what takes long is not asked often.
 */
export function paceMs(ageMs: number): number {
  return Math.min(MOST_MS, Math.max(LEAST_MS, Math.round(ageMs / 10)));
}
