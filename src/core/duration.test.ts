import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationRemedy, formatDuration, parseDuration } from './duration.ts';

test.each([
  { text: 'PT0S', ms: 0 },
  { text: 'PT0.5S', ms: 500 },
  { text: 'PT1.234S', ms: 1_234 },
  { text: 'PT5M', ms: 300_000 },
  { text: 'PT15M30S', ms: 930_000 },
  { text: 'PT90M', ms: 5_400_000 },
  { text: 'PT1H', ms: 3_600_000 },
  { text: 'P1D', ms: 86_400_000 },
  { text: 'P1DT1H', ms: 90_000_000 },
  { text: 'P2W', ms: 1_209_600_000 },
  { text: 'P1W1DT1H1M1.001S', ms: 694_861_001 },
  { text: 'PT007S', ms: 7_000 },
])('$text is $ms ms', ({ text, ms }) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  '',
  'P',
  'PT',
  'P1DT',
  '5M',
  'T5M',
  'PT1S1M',
  'PT-5M',
  '-PT5M',
  'PT5m',
  'pt5m',
  'PT5',
  'PT1.2345S',
  'PT1.5M',
  'PT1,5S',
  'PT.5S',
  ' PT5M',
  'PT5M ',
  'PT5M\n',
  'PT٥M',
  '300',
  `P${'9'.repeat(16)}W`,
])('%j is refused', (text) => {
  expect(() => parseDuration(text)).toThrow(
    expect.objectContaining({
      code: 'DurationInvalid',
      message: `${JSON.stringify(text)} is not an ISO 8601 duration such as PT5M`,
    }),
  );
});

test.each(['P1Y', 'P1M', 'P1Y2M3DT4H'])('%j is refused, because its length varies', (text) => {
  expect(() => parseDuration(text)).toThrow(
    `${JSON.stringify(text)} has years or months, whose length varies`,
  );
});

test.each([
  { given: 'P1M', remedy: 'Write days, such as P30D.' },
  { given: 'P1Y', remedy: 'Write days, such as P30D.' },
  { given: '10 minutes', remedy: 'Write PT10M.' },
  { given: '90s', remedy: 'Write PT90S.' },
  { given: '4h', remedy: 'Write PT4H.' },
  { given: '2 days', remedy: 'Write P2D.' },
  { given: '2 months', remedy: 'Write an ISO 8601 duration such as PT10M.' },
  { given: 10, remedy: 'Write an ISO 8601 duration such as PT10M.' },
])('the remedy for $given says what to write', ({ given, remedy }) => {
  expect(durationRemedy(given)).toBe(remedy);
});

test.each([
  { ms: 0, text: 'PT0S' },
  { ms: 1, text: 'PT0.001S' },
  { ms: 999, text: 'PT0.999S' },
  { ms: 60_000, text: 'PT1M' },
  { ms: 930_000, text: 'PT15M30S' },
  { ms: 3_600_000, text: 'PT1H' },
  { ms: 3_600_001, text: 'PT1H0.001S' },
  { ms: 90_061_000, text: 'PT25H1M1S' },
  { ms: 0.4, text: 'PT0S' },
  { ms: 59_999.6, text: 'PT1M' },
  { ms: 3_599_999.5, text: 'PT1H' },
])('$ms ms are written $text', ({ ms, text }) => {
  expect(formatDuration(ms)).toBe(text);
});

test('every whole number of milliseconds is read back as it was written', () => {
  fc.assert(
    fc.property(fc.nat({ max: 10 ** 13 }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }),
  );
});

test('no text makes it throw anything but DurationInvalid', () => {
  const piece = fc.constantFrom('P', 'T', '1', '9', '.', 'W', 'D', 'H', 'M', 'S', '-', ' ');
  fc.assert(
    fc.property(fc.string({ unit: piece, maxLength: 12 }), (text) => {
      try {
        expect(parseDuration(text)).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toMatchObject({ code: 'DurationInvalid' });
      }
    }),
  );
});
