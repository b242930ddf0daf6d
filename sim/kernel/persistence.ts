import type { Change } from './world.ts';

/** Keeps a world on disk, one row of its tables at a time. */
export interface Persistence {
  /** What was saved, rows in the order of their creation; `null` if nothing ever was. */
  load(): { readonly changes: readonly Change[]; readonly now: number } | null;
  /** Saves the changes of one request, before its answer goes out. All or nothing. */
  save(changes: readonly Change[], now: number): void;
}
