import { DatabaseSync } from 'node:sqlite';
import { prepareSchema } from './schema.ts';
import { explainSqliteError } from './sqlite-error.ts';

/** How long a statement waits for another process's lock before it gives up. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * What a commit outlives. `power`: a power cut, for it is on the disk when the commit returns (`synchronous=FULL`).
 * `process`: the death of this process, however it dies, but not of the machine (`synchronous=NORMAL`): the log has been
 * handed to the operating system, and a power cut may lose the newest commits, though never tear one. Source:
 * https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export type Durability = 'power' | 'process';

const SYNCHRONOUS = { power: 'FULL', process: 'NORMAL' } as const satisfies Record<Durability, string>;

/** Opens, or creates, the file with its tables. Errors as `openSqliteStore`. */
export function openDatabase(path: string, durability: Durability): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = connect(path, durability);
    prepareSchema(db, path);
    return db;
  } catch (error) {
    db?.close();
    throw explainSqliteError(error, path);
  }
}

/** Another connection to a file that `openDatabase` has opened. Throws SQLite's errors. */
export function connect(path: string, durability: Durability): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${SYNCHRONOUS[durability]}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
