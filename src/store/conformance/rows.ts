import { expect, test } from 'vitest';
import type { Json } from '#core/json.ts';
import type { Store } from '../port.ts';
import { TABLE, get, put, remove } from './helpers.ts';

/** Rows and their values. */
export function testRows(store: () => Store): void {
  test('a row that was never written is null', async () => {
    expect(await get(store(), 'e', 'a')).toBeNull();
  });

  test('a row is read back with its key, revision, value and index', async () => {
    await store().write([{ ...put('e', 'a', { n: 1 }), index: { partition: 'paused', sort: '2026' } }]);
    expect(await get(store(), 'e', 'a')).toEqual({
      key: { partition: 'e', sort: 'a' },
      revision: 1,
      value: { n: 1 },
      index: { partition: 'paused', sort: '2026' },
    });
  });

  test('the revision rises by one with each put, and starts again after a removal', async () => {
    expect(await store().write([put('e', 'a', 1)])).toEqual([1]);
    expect(await store().write([put('e', 'a', 2)])).toEqual([2]);
    expect(await store().write([remove('e', 'a')])).toEqual([0]);
    expect(await store().write([put('e', 'a', 3)])).toEqual([1]);
  });

  test('a put without an index takes the row out of the index', async () => {
    await store().write([{ ...put('e', 'a'), index: { partition: 'i', sort: '' } }]);
    await store().write([put('e', 'a')]);
    expect(await get(store(), 'e', 'a')).toEqual({
      key: { partition: 'e', sort: 'a' },
      revision: 2,
      value: null,
    });
    expect((await store().query({ table: TABLE, partition: 'i', byIndex: true })).rows).toEqual([]);
  });

  test('the same key in another table is another row', async () => {
    await store().write([put('e', 'a', 1), { ...put('e', 'a', 2), table: 'platform-records' }]);
    expect((await get(store(), 'e', 'a'))?.value).toBe(1);
    expect((await get(store(), 'e', 'a', 'platform-records'))?.value).toBe(2);
  });

  test('partition and sort do not run together', async () => {
    await store().write([put('ab', 'c', 1), put('a', 'bc', 2)]);
    expect((await get(store(), 'ab', 'c'))?.value).toBe(1);
    expect((await get(store(), 'a', 'bc'))?.value).toBe(2);
  });

  test.each<{ name: string; value: Json }>([
    { name: 'null', value: null },
    { name: 'false', value: false },
    { name: 'zero', value: 0 },
    { name: 'a large number', value: 9_007_199_254_740_991 },
    { name: 'a fraction', value: 0.1 },
    { name: 'the empty string', value: '' },
    { name: 'text beyond the basic plane, with quotes and NUL', value: '𝔘 "\'\\ \u0000 \u2028 é e\u0301' },
    { name: 'half a surrogate pair', value: '\ud800' },
    { name: 'nested lists and objects', value: { a: [{ b: [] }, {}, [null]], '': { 'a.b': 1 } } },
    { name: 'a member named __proto__', value: JSON.parse('{"__proto__":{"x":1}}') as Json },
  ])('$name is read back as it was written', async ({ value }) => {
    await store().write([put('e', 'a', value)]);
    expect((await get(store(), 'e', 'a'))?.value).toEqual(value);
  });

  test('a value of 400,000 bytes is kept', async () => {
    const value = 'x'.repeat(399_998);
    await store().write([put('e', 'a', value)]);
    expect((await get(store(), 'e', 'a'))?.value).toBe(value);
  });

  test('what was written or read can be changed without changing the store', async () => {
    const written = { list: [1] };
    await store().write([put('e', 'a', written)]);
    written.list.push(2);
    const read = await get(store(), 'e', 'a');
    (read!.value as { list: number[] }).list.push(3);
    expect((await get(store(), 'e', 'a'))?.value).toEqual({ list: [1] });
  });
}
