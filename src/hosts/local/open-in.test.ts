import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { BreakwaterError } from '#core/errors.ts';
import { memoryStore } from '#store/memory-store.ts';
import type { Store } from '#store/port.ts';
import { openDataDirectory } from './data-directory.ts';
import { realEstate } from './estate.ts';
import { keepRun } from './keep-run.ts';
import { openIn } from './open-in.ts';
import { openPlatform } from './platform.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'breakwater-open-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test('a platform that cannot be reached by others is closed: nothing works on in a directory that is given free', async () => {
  const directory = await openDataDirectory(dataDir);
  const scenario = 'examples/core-banking/estate.yaml';
  await keepRun(directory, { dataDir, scenario, time: { kind: 'virtual' } });
  const unreachable = { ...directory, socket: path.join(dataDir, 'missing', 'control.sock') };
  await expect(openIn(unreachable, dataDir, {})).rejects.toThrow('listen');
  const session = await openIn(directory, dataDir, {});
  expect(session.failure()).toBeNull();
  await session.close();
});

test('nor does one whose executions cannot be looked through', async () => {
  const open = (store: Store) =>
    openPlatform({
      recordsPath: ':memory:',
      store,
      enginePath: path.join(dataDir, 'engine.db'),
      clock: virtualClock({ startsAt: 0 }),
      estate: realEstate({}),
    });
  const store = memoryStore();
  const damaged: Store = {
    ...store,
    query: async (params) => {
      if (params.table !== 'execution-history') return store.query(params);
      throw new BreakwaterError('StoreCorrupt', 'the index is damaged');
    },
  };
  await expect(open(damaged)).rejects.toMatchObject({ code: 'StoreCorrupt' });
  await (await open(memoryStore())).close();
});
