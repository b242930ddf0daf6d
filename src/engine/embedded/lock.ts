import { DatabaseSync } from 'node:sqlite';
import { BreakwaterError } from '#core/errors.ts';

/**
 * Takes the lock that makes this process the only writer (invariant 5). It is a transaction held open on a file beside the
 * journal: the operating system releases it with the process, however it ends. Throws `DataDirectoryInUse`. Answers the
 * way to release it.
 */
export function lockJournal(path: string): () => void {
  const lock = new DatabaseSync(`${path}.lock`);
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) {
      throw new BreakwaterError('DataDirectoryInUse', `${path} is open in another process`, { cause: error });
    }
    throw error;
  }
  return () => lock.close();
}

const SQLITE_BUSY = 5;
