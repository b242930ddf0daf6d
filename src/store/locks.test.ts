import { expect, test } from 'vitest';
import { LockRepository } from './locks.ts';
import { memoryStore } from './memory-store.ts';
import type { Store } from './port.ts';

const LOCK = { table: 'platform-records', partition: 'lock' } as const;

/** A store whose indexes never catch up with what was written. */
function withoutIndexes(): Store {
  const store = memoryStore();
  return { ...store, query: async (params) => (params.byIndex ? { rows: [] } : store.query(params)) };
}

test('a lock is refused while another holds it, and none of the rest is taken', async () => {
  const locks = new LockRepository(memoryStore());
  expect(await locks.take('exec-1', ['drs:a', 'drs:b'])).toEqual([]);
  expect(await locks.take('exec-2', ['drs:b', 'drs:c'])).toEqual([{ name: 'drs:b', heldBy: 'exec-1' }]);
  expect(await locks.take('exec-3', ['drs:c'])).toEqual([]);
});

test('all locks of an owner are given back, also those that no index shows yet, and no others', async () => {
  const store = withoutIndexes();
  const locks = new LockRepository(store);
  const names = Array.from({ length: 120 }, (_, i) => `drs:s-${i}`);
  await locks.take('exec-1', names);
  await locks.take('exec-1', ['drs:s-0', 'rds:c']);
  await locks.take('exec-2', ['drs:other']);
  await locks.release('exec-1');
  await locks.release('exec-1');
  expect((await store.query(LOCK)).rows.map(({ key }) => key.sort)).toEqual(['drs:other']);
  expect((await store.query({ ...LOCK, partition: 'locks-of/exec-1' })).rows).toEqual([]);
  expect(await locks.take('exec-2', names)).toEqual([]);
});

test('a release that comes late takes nothing away that another has taken meanwhile', async () => {
  const store = memoryStore();
  const locks = new LockRepository(store);
  await locks.take('exec-1', ['drs:a']);
  let meanwhile = async (): Promise<void> => {
    meanwhile = async () => {};
    await locks.release('exec-1');
    await locks.take('exec-2', ['drs:a']);
  };
  const late = new LockRepository({
    ...store,
    write: async (writes) => {
      await meanwhile();
      return store.write(writes);
    },
  });
  await late.release('exec-1');
  expect(await locks.take('exec-3', ['drs:a'])).toEqual([{ name: 'drs:a', heldBy: 'exec-2' }]);
});
