import { expect, test } from 'vitest';
import type { Json } from '#core/json.ts';
import type { Store, TableName, Write } from '../port.ts';
import { TABLE, checkThat, get, numbered, put } from './helpers.ts';

/** What every store refuses. */
export function testRefusals(store: () => Store): void {
  const query = { table: TABLE, partition: 'e' } as const;

  test('no writes at all are no error', async () => {
    expect(await store().write([])).toEqual([]);
  });

  test('100 writes are done at once and 101 are refused', async () => {
    expect(await store().write(numbered(100).map((sort) => put('e', sort)))).toHaveLength(100);
    await expect(store().write(numbered(101).map((sort) => put('f', sort)))).rejects.toMatchObject({
      code: 'StoreRequestInvalid',
      message: '101 writes at once; at most 100 are possible',
    });
    expect((await store().query({ table: TABLE, partition: 'f' })).rows).toEqual([]);
  });

  test.each<{ name: string; writes: Write[] }>([
    { name: 'two puts of one key', writes: [put('e', 'a', 1), put('e', 'a', 2)] },
    { name: 'a put and a check of one key', writes: [put('e', 'a', 1), checkThat('e', 'a', 'absent')] },
    { name: 'an empty partition', writes: [put('', 'a')] },
    { name: 'half a surrogate pair in a key', writes: [put('e', '\ud800')] },
    { name: 'NUL in a key', writes: [put('e', 'a\0b')] },
    { name: 'a partition of 2,049 bytes', writes: [put('é'.repeat(1_024) + 'x', 'a')] },
    { name: 'a sort of 1,025 bytes', writes: [put('e', 'x'.repeat(1_025))] },
    {
      name: 'an index with an empty partition',
      writes: [{ ...put('e', 'a'), index: { partition: '', sort: 'a' } }],
    },
    {
      name: 'a sort in a table without a sort key',
      writes: [{ ...put('e', 'a'), table: 'recovery-plans' }],
    },
    {
      name: 'an index in a table without one',
      writes: [{ ...put('e', ''), table: 'recovery-plans', index: { partition: 'i', sort: '' } }],
    },
    { name: 'a table that does not exist', writes: [{ ...put('e', 'a'), table: 'secrets' as TableName }] },
    { name: 'a value that is not JSON', writes: [put('e', 'a', (() => {}) as unknown as Json)] },
    { name: 'revision 0', writes: [put('e', 'a', 1, 0)] },
    { name: 'half a revision', writes: [put('e', 'a', 1, 1.5)] },
  ])('$name is refused, with the writes beside it', async ({ writes }) => {
    await expect(store().write([put('e', 'beside'), ...writes])).rejects.toMatchObject({
      code: 'StoreRequestInvalid',
    });
    expect(await get(store(), 'e', 'beside')).toBeNull();
  });

  test('a value above 400,000 bytes is refused with its size and place', async () => {
    await expect(store().write([put('exec-1', 'state', 'é'.repeat(200_000))])).rejects.toMatchObject({
      code: 'RecordTooLarge',
      message: 'the value of execution-records "exec-1 state" has 400002 bytes; at most 400000 are possible',
    });
  });

  test('writes above 4,000,000 bytes together are refused', async () => {
    const writes = numbered(11).map((sort) => put('e', sort, 'x'.repeat(390_000)));
    await expect(store().write(writes)).rejects.toMatchObject({
      code: 'RecordTooLarge',
      details: { bytes: 4_290_022 },
    });
    expect((await store().query(query)).rows).toEqual([]);
  });

  test('a query by the index of a table that has none is refused', async () => {
    const byIndex = { table: 'recovery-plans', byIndex: true, partition: 'i' } as const;
    await expect(store().query(byIndex)).rejects.toMatchObject({
      code: 'StoreRequestInvalid',
      message: 'recovery-plans has no index',
    });
  });

  test.each([0, -1, 1.5, 1_001, Number.NaN])('a limit of %s is refused', async (limit) => {
    await expect(store().query({ ...query, limit })).rejects.toMatchObject({ code: 'StoreRequestInvalid' });
    await expect(store().scan({ table: TABLE, limit })).rejects.toMatchObject({
      code: 'StoreRequestInvalid',
    });
  });

  test('a cursor that no page has given is refused', async () => {
    await store().write([put('e', 'a'), put('e', 'b')]);
    const { cursor } = await store().query({ ...query, limit: 1 });
    const foreign = ['', 'nonsense', 'e30', 'WzEsMl0'];
    for (const other of foreign) {
      await expect(store().query({ ...query, cursor: other })).rejects.toMatchObject({
        code: 'CursorInvalid',
      });
      await expect(store().scan({ table: TABLE, cursor: other })).rejects.toMatchObject({
        code: 'CursorInvalid',
      });
    }
    const elsewhere = { ...query, partition: 'f', cursor: cursor! };
    await expect(store().query(elsewhere)).rejects.toMatchObject({ code: 'CursorInvalid' });
  });

  test('a closed store refuses everything, and may be closed again', async () => {
    await store().close();
    await store().close();
    await expect(get(store(), 'e', 'a')).rejects.toMatchObject({ code: 'StoreRequestInvalid' });
    await expect(store().query(query)).rejects.toMatchObject({ code: 'StoreRequestInvalid' });
    await expect(store().scan({ table: TABLE })).rejects.toMatchObject({ code: 'StoreRequestInvalid' });
    await expect(store().write([put('e', 'a')])).rejects.toMatchObject({ code: 'StoreRequestInvalid' });
  });

  test('a write that was under way when the store is closed is done', async () => {
    const writing = store().write([put('e', 'a')]);
    await store().close();
    expect(await writing).toEqual([1]);
  });
}
