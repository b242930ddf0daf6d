import { expect, test } from 'vitest';
import { memoryStore } from '#store/memory-store.ts';
import { keptServerId } from './server-id.ts';

test('processes that begin at once on the same records agree on one id, and later ones find it', async () => {
  const store = memoryStore();
  const ids = await Promise.all(Array.from({ length: 5 }, () => keptServerId(store)));
  expect(ids[0]).toMatch(/^bw-[0-9a-f]{17}$/);
  expect(new Set([...ids, await keptServerId(store)]).size).toBe(1);
});

test('an id that cannot be kept is none', async () => {
  const store = memoryStore();
  await store.close();
  await expect(keptServerId(store)).rejects.toMatchObject({ code: 'StoreRequestInvalid' });
});
