import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareKeys, prefixEnd } from './sort-order.ts';

const text = fc.string({ unit: 'binary', maxLength: 4 });

test('keys compare as their UTF-8 bytes do', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test('exactly the strings from a prefix up to its end start with it', () => {
  fc.assert(
    fc.property(text, text, (prefix, other) => {
      const end = prefixEnd(prefix);
      for (const key of [other, prefix + other]) {
        const inside = compareKeys(key, prefix) >= 0 && (end === null || compareKeys(key, end) < 0);
        expect(inside).toBe(key.startsWith(prefix));
      }
    }),
  );
});

test.each([
  { prefix: '', end: null },
  { prefix: 'a', end: 'b' },
  { prefix: 'event#', end: 'event$' },
  { prefix: '\u{d7ff}', end: '\u{e000}' },
  { prefix: '\u{ffff}', end: '\u{10000}' },
  { prefix: 'a\u{10ffff}', end: 'b' },
  { prefix: '\u{10ffff}\u{10ffff}', end: null },
])('the end of the prefix $prefix is $end', ({ prefix, end }) => {
  expect(prefixEnd(prefix)).toBe(end);
});
