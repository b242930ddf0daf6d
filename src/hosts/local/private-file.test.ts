import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localHost } from './local-host.ts';
import { makePrivate } from './private-file.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'bw-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const modeOf = (name: string): string => (statSync(path.join(root, name)).mode & 0o777).toString(8);

test('every database of a data directory, and what SQLite puts beside it, is its owner’s alone, also in a directory that is open to others', async () => {
  chmodSync(root, 0o755);
  const session = await localHost({}).open({
    dataDir: root,
    scenario: 'examples/core-banking/estate.yaml',
    time: { kind: 'virtual' },
  });
  const modes = readdirSync(root)
    .filter((name) => name.includes('.db'))
    .map((name) => `${name} ${modeOf(name)}`);
  await session.close();
  expect(modes.filter((mode) => !mode.endsWith(' 600'))).toEqual([]);
  expect(modes).toEqual(
    expect.arrayContaining(['engine.db-wal 600', 'lock.db 600', 'records.db 600', 'simulation.db 600']),
  );
});

test('a file that an earlier version has made for all to read is closed to them, and keeps its content', () => {
  const file = path.join(root, 'records.db');
  writeFileSync(file, 'kept', { mode: 0o644 });
  makePrivate(file);
  expect([modeOf('records.db'), statSync(file).size]).toEqual(['600', 4]);
});

test('a place that cannot be is left for SQLite to complain of', () => {
  expect(() => makePrivate(path.join(root, 'nothing', 'records.db'))).not.toThrow();
});
