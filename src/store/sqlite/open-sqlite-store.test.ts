import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { testStore } from '../conformance.ts';
import type { Write } from '../port.ts';
import { openDatabase, type Durability } from './open-database.ts';
import { openSqliteStore } from './open-sqlite-store.ts';
import { SqliteStore } from './sqlite-store.ts';
import { writerInThread } from './writer.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'breakwater-store-'));
afterAll(() => rmSync(directory, { recursive: true }));
let files = 0;
const newPath = (): string => path.join(directory, `${files++}.db`);

const put = (sort: string, value = ''): Write => ({
  kind: 'put',
  table: 'execution-records',
  key: { partition: 'e', sort },
  value,
  expect: 'absent',
});
const get = (sort: string) => ({ table: 'execution-records', key: { partition: 'e', sort } }) as const;

describe.each<Durability>(['process', 'power'])('conformance of durability "%s"', (durability) =>
  testStore({
    open: async () => openSqliteStore({ path: newPath(), durability }),
    close: (store) => store.close(),
  }),
);

describe('a file', () => {
  test('keeps its rows when it is opened again', async () => {
    const file = newPath();
    const first = openSqliteStore({ path: file });
    await first.write([put('a', 'kept')]);
    await first.close();
    const second = openSqliteStore({ path: file });
    expect(await second.get(get('a'))).toMatchObject({ revision: 1, value: 'kept' });
    await second.close();
  });

  test('holds what a resolved write wrote, though the store was never closed', async () => {
    const file = newPath();
    const store = openSqliteStore({ path: file });
    await store.write([put('a', 'kept')]);
    const other = new DatabaseSync(file, { readOnly: true });
    expect(other.prepare('SELECT sort, value FROM "execution-records"').all()).toEqual([
      { sort: 'a', value: '"kept"' },
    ]);
    other.close();
    await store.close();
  });

  test('is flushed to the disk with every commit if it is to outlive a power cut', () => {
    const db = openDatabase(newPath(), 'power');
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    db.close();
  });

  test('is flushed to the disk only at checkpoints if it is to outlive no more than the process', () => {
    const db = openDatabase(newPath(), 'process');
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 1 });
    db.close();
  });
});

describe('writes made in one turn', () => {
  test('share one transaction, and a conflict of one does not touch the others', async () => {
    const file = newPath();
    const db = openDatabase(file, 'power');
    const statements: string[] = [];
    const exec = db.exec.bind(db);
    db.exec = (sql) => {
      statements.push(sql);
      exec(sql);
    };
    const store = new SqliteStore(db, file);
    const results = await Promise.allSettled([
      store.write([put('a')]),
      store.write([put('b'), put('a')]),
      Promise.resolve().then(() => store.write([put('c')])),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(statements).toEqual(['BEGIN IMMEDIATE', 'COMMIT']);
    const { rows } = await store.query({ table: 'execution-records', partition: 'e' });
    expect(rows.map((row) => row.key.sort)).toEqual(['a', 'c']);
    await store.close();
  });

  test('are all refused, and nothing of them is kept, when the disk is full', async () => {
    const file = newPath();
    const db = openDatabase(file, 'power');
    db.exec('PRAGMA max_page_count = 60');
    const store = new SqliteStore(db, file);
    await store.write([put('before')]);
    const results = await Promise.allSettled([
      store.write([put('small')]),
      store.write([put('large', 'x'.repeat(300_000))]),
    ]);
    for (const result of results) {
      expect(result).toMatchObject({
        reason: { code: 'DataDirectoryUnusable', message: `${file} could not grow: the disk is full` },
      });
    }
    expect(await store.get(get('small'))).toBeNull();
    expect(await store.write([put('after')])).toEqual([1]);
    await store.close();
  });
});

describe('commits that are to outlive a power cut', () => {
  test('hold up no read, and what is not committed is not read', async () => {
    const file = newPath();
    const store = openSqliteStore({ path: file, durability: 'power' });
    await store.write([put('before')]);
    const holder = new DatabaseSync(file);
    holder.exec('BEGIN IMMEDIATE');
    const written = Promise.all([store.write([put('after')]), store.write([put('before')])]);
    written.catch(() => {});
    expect(await store.get(get('before'))).toMatchObject({ revision: 1 });
    expect(await store.get(get('after'))).toBeNull();
    holder.exec('ROLLBACK');
    await expect(written).rejects.toMatchObject({ code: 'RevisionConflict', details: { actual: 1 } });
    expect(await store.get(get('after'))).toMatchObject({ revision: 1 });
    await store.close();
    holder.close();
  });

  test('are all refused, now and later, when their thread has ended', async () => {
    const file = path.join(newPath(), 'no-such-directory', 'records.db');
    const store = new SqliteStore(openDatabase(newPath(), 'power'), file, {
      writer: writerInThread(file),
    });
    const refusal = {
      code: 'DataDirectoryUnusable',
      message: `${file} can no longer be written: the thread that writes it has ended`,
    };
    const results = await Promise.allSettled([store.write([put('a')]), store.write([put('b')])]);
    for (const result of results) expect(result).toMatchObject({ reason: refusal });
    await expect(store.write([put('c')])).rejects.toMatchObject(refusal);
    await store.close();
  });
});

describe('opening refuses', () => {
  test.each<{ name: string; code: string; message: string; make: (file: string) => string }>([
    {
      name: 'a directory that does not exist',
      code: 'DataDirectoryUnusable',
      message: 'could not be opened',
      make: (file) => path.join(file, 'records.db'),
    },
    {
      name: 'a directory in place of the file',
      code: 'DataDirectoryUnusable',
      message: 'could not be opened',
      make: (file) => (mkdirSync(file), file),
    },
    {
      name: 'a file of another kind',
      code: 'StoreCorrupt',
      message: 'is not a database of Breakwater',
      make: (file) => (writeFileSync(file, 'waves:\n'.repeat(1_000)), file),
    },
    {
      name: 'a file of a newer format',
      code: 'DataDirectoryUnusable',
      message: 'was written by a newer Breakwater (format 99; this one knows 1)',
      make: (file) => {
        const db = new DatabaseSync(file);
        db.exec('PRAGMA user_version = 99');
        db.close();
        return file;
      },
    },
  ])('$name, naming it', ({ code, message, make }) => {
    const file = make(newPath());
    expect(() => openSqliteStore({ path: file })).toThrow(
      expect.objectContaining({ code, message: `${file} ${message}` }),
    );
  });

  test.each([
    { name: 'was cut short', damage: (file: string) => truncateSync(file, 8_192 * 3) },
    {
      name: 'was overwritten in the middle',
      damage: (file: string) => {
        const bytes = readFileSync(file);
        writeFileSync(file, bytes.fill(0xff, 8_192, 8_192 * 6));
      },
    },
  ])('a file that $name', async ({ damage }) => {
    const file = newPath();
    const store = openSqliteStore({ path: file });
    await store.write(Array.from({ length: 100 }, (_, i) => put(`row-${i}`, 'x'.repeat(2_000))));
    await store.close();
    damage(file);
    expect(() => openSqliteStore({ path: file })).toThrow(expect.objectContaining({ code: 'StoreCorrupt' }));
  });
});

describe('a large file', () => {
  async function largeFile(): Promise<string> {
    const file = newPath();
    const store = openSqliteStore({ path: file, durability: 'process' });
    for (let i = 0; i < 45; i++) await store.write([put(`row-${i}`, 'x'.repeat(390_000))]);
    await store.close();
    return file;
  }

  test('is in use at once, and whoever wants to know is told that it is damaged', async () => {
    const file = await largeFile();
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0xff, 8_192, 8_192 * 1_000));
    const told = Promise.withResolvers<unknown>();
    const store = openSqliteStore({ path: file, onDamage: told.resolve });
    expect(await told.promise).toMatchObject({ code: 'StoreCorrupt', details: { path: file } });
    await store.close();
  });

  test('that is sound is not spoken of, and can be closed while it is searched', async () => {
    const file = await largeFile();
    const told: unknown[] = [];
    const store = openSqliteStore({ path: file, onDamage: (error) => told.push(error) });
    expect(await store.get(get('row-7'))).toMatchObject({ revision: 1 });
    await store.close();
    expect(told).toEqual([]);
  });

  test('that was cut short is refused when it is opened', async () => {
    const file = await largeFile();
    truncateSync(file, 8_192 * 100);
    expect(() => openSqliteStore({ path: file })).toThrow(expect.objectContaining({ code: 'StoreCorrupt' }));
  });
});

test('a record that is not JSON is reported as damage', async () => {
  const file = newPath();
  const store = openSqliteStore({ path: file });
  await store.write([put('a')]);
  const db = new DatabaseSync(file);
  db.exec(`UPDATE "execution-records" SET value = '{'`);
  db.close();
  await expect(store.get(get('a'))).rejects.toMatchObject({
    code: 'StoreCorrupt',
    message: `${file} has a record that is not JSON`,
  });
  await store.close();
});

test('a file that another process keeps locked is reported as in use', async () => {
  const file = newPath();
  await openSqliteStore({ path: file }).close();
  const holder = new DatabaseSync(file);
  holder.exec('BEGIN IMMEDIATE');
  const store = new SqliteStore(new DatabaseSync(file, { timeout: 10 }), file);
  await expect(store.write([put('a')])).rejects.toMatchObject({ code: 'DataDirectoryInUse' });
  holder.exec('ROLLBACK');
  expect(await store.write([put('a')])).toEqual([1]);
  await store.close();
  holder.close();
});
