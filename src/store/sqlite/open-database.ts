import { DatabaseSync } from 'node:sqlite';
import { prepareSchema } from './schema.ts';
import { explainSqliteError } from './sqlite-error.ts';

/** How long a statement waits for another process's lock before it gives up. */
const BUSY_TIMEOUT_MS = 5_000;

/** Opens, or creates, the file with its tables; a commit is on the disk when it returns. Errors as `openSqliteStore`. */
export function openDatabase(path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    prepareSchema(db, path);
    return db;
  } catch (error) {
    db?.close();
    throw explainSqliteError(error, path);
  }
}
