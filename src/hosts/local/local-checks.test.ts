import { chmodSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { diskFound, localChecks, nodeFound } from './local-checks.ts';

const NOON = Date.parse('2026-11-24T12:00:00Z');
const signal = new AbortController().signal;
let folder = '';
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'breakwater-doctor-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const look = async (name: string, dataDir = folder) => {
  const { status, found } = await localChecks(dataDir, () => NOON)
    .find((check) => check.name === name)!
    .look(signal);
  return [status, found];
};

test.each([
  { version: '24.21.0', status: 'ok' },
  { version: '24.22.0', status: 'warning' },
  { version: '22.1.0', status: 'failed' },
])('Node $version is $status: the project brings the one that it is tested with', ({ version, status }) => {
  expect(nodeFound(version).status).toBe(status);
});

test.each([
  { bytes: 50 * 1024 ** 3, status: 'ok', found: '50.0 GiB free' },
  { bytes: 1024 ** 3 - 1, status: 'warning', found: '1.0 GiB free' },
  { bytes: 50 * 1024 ** 2, status: 'failed', found: '0.0 GiB free' },
])('a disk with $bytes bytes left is $status', ({ bytes, status, found }) => {
  expect(diskFound(bytes)).toMatchObject({ status, found });
});

test('the disk of a directory that is not there yet is that of the nearest folder above', async () => {
  expect(await look('disk space', path.join(folder, 'a/b'))).toEqual([
    expect.stringMatching(/ok|warning|failed/),
    expect.stringMatching(/^\d+\.\d GiB free$/),
  ]);
});

test('a data directory that is not there yet is well; one that others can read is a warning', async () => {
  expect(await look('data directory', path.join(folder, 'a'))).toEqual([
    'ok',
    expect.stringContaining('not there yet'),
  ]);
  expect(await look('data directory')).toEqual(['ok', `${folder}, nobody works on it`]);
  chmodSync(folder, 0o755);
  expect(await look('data directory')).toEqual([
    'warning',
    `${folder}, nobody works on it; others can read it (mode 755)`,
  ]);
});

test('a clock that is behind what the records have seen has failed', async () => {
  const records = path.join(folder, 'records.db');
  writeFileSync(records, '');
  utimesSync(records, NOON / 1_000, NOON / 1_000 + 30);
  expect(await look('clock')).toEqual(['ok', '2026-11-24T12:00:00.000Z']);
  utimesSync(records, NOON / 1_000, NOON / 1_000 + 61);
  expect(await look('clock')).toEqual([
    'failed',
    expect.stringContaining('written at 2026-11-24T12:01:01.000Z'),
  ]);
});
