import { expect, test } from 'vitest';
import { pageOf } from './pages.ts';

const keyOf = (item: string): string => item;

test('pages follow each other without gaps although items come and go between them', () => {
  const first = pageOf(['d', 'b', 'a', 'c'], keyOf, { limit: 2 });
  expect(first.items).toEqual(['a', 'b']);
  expect(pageOf(['a', 'aa', 'c', 'd'], keyOf, { limit: 2, cursor: first.nextCursor })).toEqual({
    items: ['c', 'd'],
  });
});

test('the newest come first when asked so', () => {
  const first = pageOf(['1', '3', '2'], keyOf, { limit: 1, newestFirst: true });
  expect(first.items).toEqual(['3']);
  expect(pageOf(['1', '3', '2'], keyOf, { limit: 5, cursor: first.nextCursor, newestFirst: true })).toEqual({
    items: ['2', '1'],
  });
});

test('a cursor that is none is refused', () => {
  expect(() => pageOf([], keyOf, { limit: 1, cursor: '%' })).toThrow('"%" is no cursor of this list');
});
