import { expect, test } from 'vitest';
import { column, humanDuration, plain, plural, spread } from './format.ts';

test.each([
  { ms: -5, text: '0s' },
  { ms: 12_400, text: '12s' },
  { ms: 59_600, text: '1m 00s' },
  { ms: 250_000, text: '4m 10s' },
  { ms: 3_720_000, text: '1h 02m' },
  { ms: 90_000_000, text: '1d 01h' },
])('$ms ms are written as $text', ({ ms, text }) => {
  expect(humanDuration(ms)).toBe(text);
});

test('columns count what a terminal shows, not characters', () => {
  expect(column('東京', 6)).toBe('東京  ');
  expect(column('Zürich and more', 8)).toBe('Zürich …');
  expect(spread('left', 'right', 14)).toBe('left     right');
  expect(spread('a long text on the left', 'right', 20)).toBe('a long text o… right');
  expect(spread('left', 'too wide to fit', 10)).toBe('left');
});

test('one is one, the rest are many', () => {
  expect([plural(1, 'wave'), plural(0, 'wave'), plural(2, 'entry', 'entries')]).toEqual([
    '1 wave',
    '0 waves',
    '2 entries',
  ]);
});

test('terminal codes in names are shown, not obeyed', () => {
  expect(plain('a\u001B[2Jb\nc\u202Ed')).toBe('a [2Jb c d');
});
