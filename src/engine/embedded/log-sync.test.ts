import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogSync } from './log-sync.ts';

let directory: string;
let db: DatabaseSync;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'log-sync-'));
  db = new DatabaseSync(join(directory, 'a.db'));
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a)');
});
afterEach(() => {
  db.close();
  rmSync(directory, { recursive: true });
});

const done = (log: LogSync): Promise<Error | null> => new Promise((resolve) => log.sync(resolve));

test('A sync tells when it is done, and so do those after it.', async () => {
  const log = new LogSync(join(directory, 'a.db'));
  expect(await done(log)).toBeNull();
  db.exec('INSERT INTO t VALUES (1)');
  expect(await done(log)).toBeNull();
  log.syncNow();
  log.close();
});

test('Without a log there is nothing that could be confirmed.', () => {
  const log = new LogSync(join(directory, 'other.db'));
  expect(() => log.sync(() => {})).toThrow('ENOENT');
  expect(() => log.syncNow()).toThrow('ENOENT');
  log.close();
});

test('Nobody is told of a sync that was under way at the close.', async () => {
  const log = new LogSync(join(directory, 'a.db'));
  let told = 0;
  log.sync(() => told++);
  log.close();
  await sleep(20);
  expect(told).toBe(0);
});
