import type { DatabaseSync } from 'node:sqlite';
import { BreakwaterError } from '#core/errors.ts';
import { TABLES } from '../port.ts';

const VERSION = 1;
/** What is read in about 10 ms. */
const CHECKED_AT_ONCE_BYTES = 16 * 1024 * 1024;

/**
 * Creates the tables of a new file; refuses a file that a newer Breakwater has made, or that is damaged. A large file (`isLarge`) is
 * not read as a whole here: that it is shorter than it says is found all the same.
 */
export function prepareSchema(db: DatabaseSync, path: string): void {
  const version = Number(db.prepare('PRAGMA user_version').get()!.user_version);
  if (version > VERSION) {
    const message = `${path} was written by a newer Breakwater (format ${version}; this one knows ${VERSION})`;
    throw new BreakwaterError('DataDirectoryUnusable', message, { details: { path } });
  }
  if (version === 0) createTables(db);
  else if (!isLarge(db)) checkFile(db, path);
}

function createTables(db: DatabaseSync): void {
  // One transaction: a kill in the middle leaves an empty file, not half a schema.
  db.exec(`BEGIN IMMEDIATE; ${TABLES.map(tableSql).join('')} PRAGMA user_version = ${VERSION}; COMMIT`);
}

function tableSql(name: string): string {
  return `
    CREATE TABLE IF NOT EXISTS "${name}" (
      partition TEXT NOT NULL,
      sort TEXT NOT NULL,
      revision INTEGER NOT NULL,
      value TEXT NOT NULL,
      index_partition TEXT,
      index_sort TEXT,
      PRIMARY KEY (partition, sort)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS "${name}-index" ON "${name}" (index_partition, index_sort, partition, sort)
      WHERE index_partition IS NOT NULL;`;
}

/** True for a file that would take long to check. */
export function isLarge(db: DatabaseSync): boolean {
  const read = (name: string): number => Number(db.prepare(`PRAGMA ${name}`).get()![name]);
  return read('page_count') * read('page_size') > CHECKED_AT_ONCE_BYTES;
}

/** Reads the whole file. Throws `StoreCorrupt`, or what SQLite throws. */
export function checkFile(db: DatabaseSync, path: string): void {
  const answer = String(db.prepare('PRAGMA quick_check(1)').get()?.quick_check);
  if (answer === 'ok') return;
  throw new BreakwaterError('StoreCorrupt', `${path} is damaged: ${answer}`, { details: { path } });
}
