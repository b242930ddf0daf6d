import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BreakwaterError, hasCode } from '#core/errors.ts';
import { explainSqliteError } from '#store/sqlite/sqlite-error.ts';
import { explainFileError, readJsonFile, writeJsonFile } from './json-file.ts';
import { makePrivate } from './private-file.ts';
import type { Json } from '#core/json.ts';

/**
 * A directory that one process at a time works on. The lock is a lock of the operating system on `lock.db`, which
 * ends with the process however it ends; `owner.json` only tells others whom to talk to.
 */
export interface DataDirectory {
  readonly files: DataFiles;
  /** Unix socket to listen on. Short enough for the operating system, and free. */
  readonly socket: string;
  /** Gives the directory free. */
  close(): void;
}

export interface DataFiles {
  readonly records: string;
  readonly engine: string;
  readonly simulation: string;
}

/** The process that holds a data directory. */
export interface Owner {
  readonly pid: number;
  /** ISO 8601, real time. */
  readonly startedAt: string;
  readonly socket: string;
  /** It is a server, which stays: others may start executions in it. */
  readonly serves: boolean;
}

/** Long enough for another process to finish looking whether the directory is held. */
const LOCK_TIMEOUT_MS = 250;

/** Operating systems allow 104 (macOS) to 108 bytes (Linux) with the closing NUL. */
const MOST_SOCKET_BYTES = 100;

/**
 * Creates the directory if need be and takes it for this process. Throws `DataDirectoryInUse`, with the owner in
 * `details`, or `DataDirectoryUnusable`, with path and cause.
 */
export async function openDataDirectory(
  directory: string,
  { serves = false }: { serves?: boolean } = {},
): Promise<DataDirectory> {
  const root = path.resolve(directory);
  createDirectory(root);
  const lock = takeLock(root);
  try {
    const left = readOwnerFile(root);
    if (left !== null) removeSocket(root, left.socket);
    const socket = placeSocket(root);
    const owner: Owner = { pid: process.pid, startedAt: new Date().toISOString(), socket, serves };
    await writeJsonFile(ownerPath(root), { ...owner });
    return { files: dataFiles(root), socket, close: () => release(root, socket, lock) };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** Where the records of a data directory are: for looking without taking it. */
export function dataFiles(directory: string): DataFiles {
  const at = (name: string): string => path.resolve(directory, name);
  return { records: at('records.db'), engine: at('engine.db'), simulation: at('simulation.db') };
}

/** The process that works on the directory now; `null` if none does. Throws `DataDirectoryUnusable`. */
export async function readOwner(directory: string): Promise<Owner | null> {
  return isHeld(path.resolve(directory)) ? readOwnerFile(path.resolve(directory)) : null;
}

/** A small fact kept beside the records, such as how far the clock had come. `null` if it was never written. */
export function readMeta(directory: string, key: string): Json | null {
  return readJsonFile(metaPath(directory, key));
}

/** Replaces the fact as a whole: after a crash it is the old one or the new one. Throws `DataDirectoryUnusable`. */
export function writeMeta(directory: string, key: string, value: Json): Promise<void> {
  return writeJsonFile(metaPath(directory, key), value);
}

function createDirectory(root: string): void {
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw explainFileError(error, root);
  }
}

function takeLock(root: string): DatabaseSync {
  makePrivate(lockPath(root));
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(lockPath(root), { timeout: LOCK_TIMEOUT_MS });
    // Nothing is ever written: no journal file that a killed process could leave behind.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return db;
  } catch (cause) {
    db?.close();
    const error = explainSqliteError(cause, lockPath(root));
    throw hasCode(error, 'DataDirectoryInUse') ? inUse(root, cause) : error;
  }
}

function inUse(root: string, cause: unknown): BreakwaterError {
  const owner = readOwnerFile(root);
  const who = owner === null ? 'another process' : `process ${owner.pid}, started ${owner.startedAt}`;
  const details = { path: root, ...(owner && { owner: { ...owner } }) };
  return new BreakwaterError('DataDirectoryInUse', `${root} is in use by ${who}`, { cause, details });
}

/** Looks with a shared lock, which does not get in the way of another process that looks. */
function isHeld(root: string): boolean {
  if (!existsSync(lockPath(root))) return false;
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(lockPath(root), { readOnly: true });
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (cause) {
    const error = explainSqliteError(cause, lockPath(root));
    if (hasCode(error, 'DataDirectoryInUse')) return true;
    throw error;
  } finally {
    db?.close();
  }
}

function release(root: string, socket: string, lock: DatabaseSync): void {
  if (!lock.isOpen) return;
  removeSocket(root, socket);
  rmSync(ownerPath(root), { force: true });
  lock.close();
}

/** In the directory if the path is short enough, else in a private directory for temporary files. */
function placeSocket(root: string): string {
  const socket = path.join(root, 'control.sock');
  rmSync(socket, { force: true });
  if (Buffer.byteLength(socket) <= MOST_SOCKET_BYTES) return socket;
  return path.join(mkdtempSync(path.join(tmpdir(), 'breakwater-')), 'control.sock');
}

function removeSocket(root: string, socket: string): void {
  rmSync(socket, { force: true });
  const parent = path.dirname(socket);
  if (parent !== root && path.basename(parent).startsWith('breakwater-')) {
    rmSync(parent, { recursive: true, force: true });
  }
}

function readOwnerFile(root: string): Owner | null {
  return readJsonFile(ownerPath(root)) as Owner | null;
}

function lockPath(root: string): string {
  return path.join(root, 'lock.db');
}

function ownerPath(root: string): string {
  return path.join(root, 'owner.json');
}

function metaPath(directory: string, key: string): string {
  return path.resolve(directory, `${key}.meta.json`);
}
