import { expect, test } from 'vitest';
import type { Store, Write } from '../port.ts';
import { TABLE, numbered, partitions, put, readPages, remove, sorts } from './helpers.ts';

/** Queries by key: order, prefix, pages. */
export function testQueries(store: () => Store): void {
  test('a partition without rows is an empty page without a cursor', async () => {
    expect(await store().query({ table: TABLE, partition: 'e' })).toEqual({ rows: [] });
  });

  test('only rows of the partition come, whatever the others are called', async () => {
    await store().write([put('e', 'a'), put('e1', 'b'), put('E', 'c'), put('e ', 'd')]);
    expect(sorts(await store().query({ table: TABLE, partition: 'e' }))).toEqual(['a']);
  });

  test('rows come in the order of the UTF-8 bytes of their sort keys, and backwards on request', async () => {
    const order = [
      '',
      ' ',
      '!',
      '10',
      '9',
      'A',
      'a',
      'a#',
      'aa',
      'é',
      '\u{d7ff}',
      '\u{e000}',
      '\u{ffff}',
      '😀',
      '\u{10ffff}',
    ];
    await store().write(order.toReversed().map((sort) => put('e', sort)));
    expect(sorts(await store().query({ table: TABLE, partition: 'e' }))).toEqual(order);
    const backwards = await store().query({ table: TABLE, partition: 'e', order: 'descending' });
    expect(sorts(backwards)).toEqual(order.toReversed());
  });

  test.each([
    {
      prefix: '',
      expected: [
        '%',
        '*',
        '_',
        '_a',
        'a%',
        'a%b',
        'ab',
        '\u{d7ff}x',
        '\u{e000}',
        '😀',
        '\u{10ffff}',
        '\u{10ffff}z',
      ],
    },
    { prefix: 'a', expected: ['a%', 'a%b', 'ab'] },
    { prefix: 'a%', expected: ['a%', 'a%b'] },
    { prefix: '_', expected: ['_', '_a'] },
    { prefix: '*', expected: ['*'] },
    { prefix: '\u{d7ff}', expected: ['\u{d7ff}x'] },
    { prefix: '😀', expected: ['😀'] },
    { prefix: '\u{10ffff}', expected: ['\u{10ffff}', '\u{10ffff}z'] },
    { prefix: 'abc', expected: [] },
  ])('the prefix $prefix is taken literally', async ({ prefix, expected }) => {
    const all = [
      '%',
      '*',
      '_',
      '_a',
      'a%',
      'a%b',
      'ab',
      '\u{d7ff}x',
      '\u{e000}',
      '😀',
      '\u{10ffff}',
      '\u{10ffff}z',
    ];
    await store().write(all.map((sort) => put('e', sort)));
    const query = { table: TABLE, partition: 'e', sortPrefix: prefix } as const;
    expect(sorts(await store().query(query))).toEqual(expected);
    expect(sorts(await store().query({ ...query, order: 'descending' }))).toEqual(expected.toReversed());
  });

  test.each(['ascending', 'descending'] as const)('pages in %s order cover every row once', async (order) => {
    const all = numbered(25);
    await store().write(all.map((sort) => put('e', sort)));
    const query = { table: TABLE, partition: 'e', order, limit: 10 } as const;
    const pages = await readPages((cursor) => store().query({ ...query, ...cursor }));
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
    expect(pages.flat().map((row) => row.key.sort)).toEqual(order === 'ascending' ? all : all.toReversed());
  });

  test('a cursor keeps its place while rows before it come and go', async () => {
    await store().write(['b', 'c', 'd', 'e'].map((sort) => put('e', sort)));
    const first = await store().query({ table: TABLE, partition: 'e', limit: 2 });
    await store().write([put('e', 'a'), put('e', 'd1'), remove('e', 'c'), remove('e', 'b')]);
    const second = await store().query({ table: TABLE, partition: 'e', limit: 2, cursor: first.cursor! });
    expect([sorts(first), sorts(second)]).toEqual([
      ['b', 'c'],
      ['d', 'd1'],
    ]);
  });

  test('a page has 100 rows unless a limit says otherwise, and at most 1,000', async () => {
    await store().write(numbered(100).map((sort) => put('e', sort)));
    await store().write([put('e', 'last')]);
    expect((await store().query({ table: TABLE, partition: 'e' })).rows).toHaveLength(100);
    expect((await store().query({ table: TABLE, partition: 'e', limit: 1_000 })).rows).toHaveLength(101);
  });
}

/** Queries by index. */
export function testIndex(store: () => Store): void {
  const byIndex = { table: 'execution-history', byIndex: true } as const;
  const indexed = (partition: string, status: string, startedAt: string): Write => ({
    kind: 'put',
    table: 'execution-history',
    key: { partition, sort: '' },
    value: null,
    index: { partition: status, sort: startedAt },
    expect: 'any',
  });

  test('rows come by the index, in the order of its sort, and by prefix', async () => {
    await store().write([
      indexed('x', 'failed', '2026-02'),
      indexed('y', 'failed', '2026-01'),
      indexed('z', 'completed', '2026-03'),
    ]);
    expect(partitions(await store().query({ ...byIndex, partition: 'failed' }))).toEqual(['y', 'x']);
    expect(partitions(await store().query({ ...byIndex, partition: 'failed', order: 'descending' }))).toEqual(
      ['x', 'y'],
    );
    expect(
      partitions(await store().query({ ...byIndex, partition: 'failed', sortPrefix: '2026-02' })),
    ).toEqual(['x']);
  });

  test('a row moves in the index when it is put elsewhere, and leaves it when it is removed', async () => {
    await store().write([indexed('x', 'in_progress', '1'), indexed('y', 'in_progress', '2')]);
    await store().write([indexed('x', 'completed', '1')]);
    await store().write([
      { kind: 'remove', table: 'execution-history', key: { partition: 'y', sort: '' }, expect: 'any' },
    ]);
    expect(partitions(await store().query({ ...byIndex, partition: 'in_progress' }))).toEqual([]);
    expect(partitions(await store().query({ ...byIndex, partition: 'completed' }))).toEqual(['x']);
  });

  test.each(['ascending', 'descending'] as const)(
    'pages in %s order cover rows of equal index once',
    async (order) => {
      await store().write(
        numbered(23).map((name, i) => indexed(name, 'completed', `day-${Math.floor(i / 10)}`)),
      );
      const query = { ...byIndex, partition: 'completed', order, limit: 5 };
      const pages = await readPages((cursor) => store().query({ ...query, ...cursor }));
      const names = pages.flat().map((row) => row.key.partition);
      expect(names.toSorted()).toEqual(numbered(23));
      const days = pages.flat().map((row) => row.index!.sort);
      const inOrder = [...times(10, 'day-0'), ...times(10, 'day-1'), ...times(3, 'day-2')];
      expect(days).toEqual(order === 'ascending' ? inOrder : inOrder.toReversed());
    },
  );
}

/** Scans. */
export function testScans(store: () => Store): void {
  test('pages of a scan cover every partition of the table once', async () => {
    await store().write(numbered(12).map((name) => put(name, 'a')));
    await store().write([{ ...put('elsewhere', 'a'), table: 'platform-records' }, put('n-003', 'b')]);
    const pages = await readPages((cursor) => store().scan({ table: TABLE, limit: 5, ...cursor }));
    const keys = pages.flat().map(({ key }) => `${key.partition}/${key.sort}`);
    expect(keys.toSorted()).toEqual([...numbered(12).map((name) => `${name}/a`), 'n-003/b'].toSorted());
  });

  test('an empty table is an empty page without a cursor', async () => {
    expect(await store().scan({ table: TABLE })).toEqual({ rows: [] });
  });
}

function times(count: number, text: string): string[] {
  return Array.from({ length: count }, () => text);
}
