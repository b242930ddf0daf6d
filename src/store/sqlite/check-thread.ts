import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { reportOf } from '#core/errors.ts';
import { checkFile } from './schema.ts';
import { explainSqliteError } from './sqlite-error.ts';

/** The thread behind `check-beside.ts`: it reads the whole file once, and tells what is wrong with it. */
const path = workerData as string;
const db = new DatabaseSync(path, { readOnly: true });
try {
  checkFile(db, path);
} catch (error) {
  const explained = explainSqliteError(error, path);
  parentPort!.postMessage(reportOf(explained).message);
} finally {
  db.close();
}
