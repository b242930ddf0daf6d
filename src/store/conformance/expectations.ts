import { expect, test } from 'vitest';
import type { Expectation, Store } from '../port.ts';
import { TABLE, checkThat, get, put, remove } from './helpers.ts';

/** What must be true for a write to happen. */
export function testExpectations(store: () => Store): void {
  test.each<{ name: string; present: boolean; expect: Expectation; met: boolean }>([
    { name: 'anything of a missing row', present: false, expect: 'any', met: true },
    { name: 'anything of a row', present: true, expect: 'any', met: true },
    { name: 'absence of a missing row', present: false, expect: 'absent', met: true },
    { name: 'absence of a row', present: true, expect: 'absent', met: false },
    { name: 'a revision of a missing row', present: false, expect: 1, met: false },
    { name: 'the revision of a row', present: true, expect: 1, met: true },
    { name: 'another revision of a row', present: true, expect: 2, met: false },
  ])('a put and a removal that expect $name: met is $met', async ({ present, expect: expectation, met }) => {
    for (const partition of ['p', 'r', 'c']) {
      if (present) await store().write([put(partition, 'a', 'before')]);
    }
    const check = expectation === 'any' ? [] : [checkThat('c', 'a', expectation)];
    const writes = [put('p', 'a', 'after', expectation), remove('r', 'a', expectation), ...check];
    for (const write of writes) {
      const done = store().write([write]);
      await (met ? done : expect(done).rejects.toMatchObject({ code: 'RevisionConflict' }));
    }
    const unchanged = present ? 'before' : undefined;
    expect((await get(store(), 'p', 'a'))?.value).toBe(met ? 'after' : unchanged);
    expect((await get(store(), 'r', 'a'))?.value).toBe(met ? undefined : unchanged);
    expect((await get(store(), 'c', 'a'))?.value).toBe(unchanged);
  });

  test('a conflict names table, key, expected and actual revision', async () => {
    await store().write([put('e', 'a')]);
    await expect(store().write([put('e', 'a', 1, 7)])).rejects.toMatchObject({
      code: 'RevisionConflict',
      details: { table: TABLE, partition: 'e', sort: 'a', expected: 7, actual: 1 },
    });
    await expect(store().write([put('e', 'b', 1, 7)])).rejects.toMatchObject({
      details: { table: TABLE, partition: 'e', sort: 'b', expected: 7, actual: 'absent' },
    });
    await expect(store().write([put('e', 'a', 1, 'absent')])).rejects.toMatchObject({
      details: { table: TABLE, partition: 'e', sort: 'a', expected: 'absent', actual: 1 },
    });
  });

  test('one unmet expectation, even the last, leaves every row as it was', async () => {
    await store().write([put('e', 'a', 'before'), put('e', 'b', 'before')]);
    const writes = [put('e', 'a', 'after'), remove('e', 'b'), put('e', 'c'), checkThat('e', 'd', 1)];
    await expect(store().write(writes)).rejects.toMatchObject({ details: { sort: 'd' } });
    expect((await get(store(), 'e', 'a'))?.value).toBe('before');
    expect((await get(store(), 'e', 'b'))?.value).toBe('before');
    expect(await get(store(), 'e', 'c')).toBeNull();
  });

  test('of several unmet expectations the first is reported', async () => {
    const writes = [put('e', 'a'), put('e', 'b', 1, 3), put('e', 'c', 1, 4)];
    await expect(store().write(writes)).rejects.toMatchObject({ details: { sort: 'b' } });
  });

  test('of many that write the same row at once, each expecting the same revision, one succeeds', async () => {
    const tries = Array.from({ length: 20 }, (_, i) =>
      store().write([put('e', 'lock', i, 'absent'), put('e', `won-${i}`)]),
    );
    const results = await Promise.allSettled(tries);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await store().query({ table: TABLE, partition: 'e', sortPrefix: 'won-' })).rows).toHaveLength(1);
  });

  test('writes made at once are seen by each other in the order of the calls', async () => {
    const [first, second] = await Promise.all([
      store().write([put('e', 'a', 1, 'absent')]),
      store().write([put('e', 'a', 2, 1)]),
    ]);
    expect([first, second]).toEqual([[1], [2]]);
  });
}
