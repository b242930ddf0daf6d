import { DatabaseSync } from 'node:sqlite';
import { BreakwaterError } from '#core/errors.ts';

/**
 * Takes the lock that makes this process the only writer (invariant 5). It is a transaction held open on a file beside the
 * journal: the operating system releases it with the process, however it ends. Throws `DataDirectoryInUse` or
 * `DataDirectoryUnusable`. Answers the way to release it.
 */
export function lockJournal(path: string): () => void {
  let lock: DatabaseSync | null = null;
  try {
    lock = new DatabaseSync(`${path}.lock`);
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
    const held = lock;
    return () => held.close();
  } catch (error) {
    lock?.close();
    const isBusy = (error as { errcode?: number }).errcode === SQLITE_BUSY;
    const code = isBusy ? 'DataDirectoryInUse' : 'DataDirectoryUnusable';
    const message = isBusy ? `${path} is open in another process` : `cannot open ${path}`;
    throw new BreakwaterError(code, message, { cause: error });
  }
}

const SQLITE_BUSY = 5;
