import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Counts the layouts of the file. */
export const SCHEMA_VERSION = 1;

/** Tables of the journal. */
export const SCHEMA = `
  PRAGMA busy_timeout = 5000;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 0;
  PRAGMA user_version = ${SCHEMA_VERSION};
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS machines (
    key INTEGER PRIMARY KEY, name TEXT NOT NULL, definition TEXT NOT NULL, UNIQUE (name, definition)
  );
  CREATE TABLE IF NOT EXISTS executions (
    key INTEGER PRIMARY KEY, machine INTEGER NOT NULL, machine_name TEXT NOT NULL, name TEXT NOT NULL,
    input TEXT NOT NULL, status TEXT NOT NULL, started_at INTEGER NOT NULL, stopped_at INTEGER,
    output TEXT, error TEXT, cause TEXT, parent_execution INTEGER, parent_thread INTEGER, parent_task INTEGER,
    UNIQUE (machine_name, name)
  );
  CREATE INDEX IF NOT EXISTS running ON executions (key) WHERE status = 'RUNNING';
  CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY, execution INTEGER NOT NULL, thread INTEGER NOT NULL, at INTEGER NOT NULL,
    first INTEGER NOT NULL, place TEXT NOT NULL, records TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS chunk_index (execution INTEGER, chunk INTEGER, PRIMARY KEY (execution, chunk)) WITHOUT ROWID;
`;

/**
 * What an acknowledged commit outlives. `power`: a power cut, for the log is brought to the disk first (`log-sync.ts`).
 * `process`: the death of this process, however it dies, but not of the machine: a power cut may lose the newest commits,
 * though never tear one. Source: https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export type Durability = 'power' | 'process';

const EXECUTION = `SELECT key, machine, machine_name AS machineName, name, input, status, started_at AS startedAt,
  stopped_at AS stoppedAt, output, error, cause, parent_execution AS parentExecution, parent_thread AS parentThread,
  parent_task AS parentTask FROM executions`;
const CHUNK = 'SELECT id, thread, at, first, place, records FROM chunks';

const SQL = {
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  insertExecution: `INSERT INTO executions (key, machine, machine_name, name, input, status, started_at,
    parent_execution, parent_thread, parent_task) VALUES (?, ?, ?, ?, ?, 'RUNNING', ?, ?, ?, ?)`,
  endExecution:
    'UPDATE executions SET status = ?, stopped_at = ?, output = ?, error = ?, cause = ? WHERE key = ?',
  insertChunk:
    'INSERT INTO chunks (id, execution, thread, at, first, place, records) VALUES (?, ?, ?, ?, ?, ?, ?)',
  indexChunks: `INSERT INTO chunk_index (execution, chunk)
    SELECT execution, id FROM chunks WHERE id > ? ORDER BY execution, id`,
  indexedChunks: `${CHUNK} WHERE id IN (SELECT chunk FROM chunk_index WHERE execution = ? AND chunk >= ? ORDER BY chunk
    LIMIT ?) ORDER BY id`,
  tailChunks: `${CHUNK} WHERE id >= ? AND execution = ? ORDER BY id LIMIT ?`,
  executionByKey: `${EXECUTION} WHERE key = ?`,
  executionByName: `${EXECUTION} WHERE machine_name = ? AND name = ?`,
  runningExecutions: `${EXECUTION} WHERE status = 'RUNNING' ORDER BY key`,
  setting: 'SELECT value FROM settings WHERE name = ?',
  saveSetting: 'INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)',
  machineByDefinition: 'SELECT key FROM machines WHERE name = ? AND definition = ?',
  machineByKey: 'SELECT name, definition FROM machines WHERE key = ?',
  insertMachine: 'INSERT INTO machines (name, definition) VALUES (?, ?) RETURNING key',
} as const;

export type Statements = Readonly<Record<keyof typeof SQL, StatementSync>>;

export function prepareStatements(db: DatabaseSync): Statements {
  const prepared = Object.entries(SQL).map(([name, sql]): [string, StatementSync] => [name, db.prepare(sql)]);
  return Object.fromEntries(prepared) as Statements;
}
