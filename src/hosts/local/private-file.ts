import { chmodSync, closeSync, openSync } from 'node:fs';

/**
 * Makes a database file readable by its owner alone, before SQLite opens it, which would let everybody read it; what SQLite puts beside
 * it has the same mode. What is wrong with the path is for SQLite to say. A file that exists is not opened: to close it would drop
 * the locks that this process has on it.
 */
export function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, 'ax', 0o600));
  } catch {
    tighten(file);
  }
}

/** Of a directory that an earlier version made. A file of another owner stays as they want it. */
function tighten(file: string): void {
  try {
    chmodSync(file, 0o600);
  } catch {
    // Not ours, or not there.
  }
}
