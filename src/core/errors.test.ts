import { describe, expect, test } from 'vitest';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import { BreakwaterError, hasCode, isBreakwaterError, messageOf, reportOf } from './errors.ts';

const codes = Object.keys(ERROR_CODES) as ErrorCode[];

describe('the table of codes', () => {
  test.each(codes)('%s has a name in PascalCase and a remedy of one or two sentences', (code) => {
    expect(code).toMatch(/^[A-Z][A-Za-z]+$/);
    expect(ERROR_CODES[code].remedy).toMatch(/^[A-Z`].{5,160}\.$/);
  });

  test.each(codes)('%s makes an error that carries its own code, class and remedy', (code) => {
    const error = new BreakwaterError(code, 'it went wrong');
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: code,
      code,
      message: 'it went wrong',
      retry: ERROR_CODES[code].retry,
      source: ERROR_CODES[code].source,
      remedy: ERROR_CODES[code].remedy,
      details: {},
    });
  });
});

describe('an error', () => {
  test('keeps its cause and details, and may have another class than its code', () => {
    const cause = new TypeError('below');
    const error = new BreakwaterError('AwsFailed', 'above', { cause, retry: 'terminal', details: { n: 1 } });
    expect(error).toMatchObject({ cause, retry: 'terminal', details: { n: 1 } });
  });

  test('without a cause has no such property', () => {
    expect('cause' in new BreakwaterError('Bug', 'x')).toBe(false);
  });

  test('made by another copy of the module is known by its brand', () => {
    const foreign = { [Symbol.for('breakwater.error')]: true, code: 'GateNotOpen' };
    expect(isBreakwaterError(foreign)).toBe(true);
    expect(hasCode(foreign, 'GateNotOpen')).toBe(true);
    expect(hasCode(foreign, 'Bug')).toBe(false);
  });

  test.each([
    { name: 'an Error', value: new Error('x') },
    { name: 'an object with a code', value: { code: 'Bug' } },
    { name: 'a string', value: 'Bug' },
    { name: 'null', value: null },
    { name: 'undefined', value: undefined },
  ])('$name is not one of ours', ({ value }) => {
    expect(isBreakwaterError(value)).toBe(false);
    expect(hasCode(value, 'Bug')).toBe(false);
  });
});

describe('a report', () => {
  test('shows code, message, remedy, details and the chain of causes, outermost first', () => {
    const root = new Error('disk full');
    const middle = new Error('commit failed', { cause: root });
    const error = new BreakwaterError('DataDirectoryUnusable', '/data cannot be used', {
      cause: middle,
      details: { path: '/data' },
    });
    expect(reportOf(error)).toEqual({
      code: 'DataDirectoryUnusable',
      message: '/data cannot be used',
      remedy: 'Check the path, its permissions and the free space.',
      causes: ['commit failed', 'disk full'],
      details: { path: '/data' },
    });
  });

  test('of an unknown error is a bug of ours, with its message', () => {
    expect(reportOf(new TypeError('x is not a function'))).toEqual({
      code: 'Bug',
      message: 'x is not a function',
      remedy: 'Report this with the message and its causes.',
      causes: [],
      details: {},
    });
  });

  test.each([
    { value: 'text', message: 'text' },
    { value: 7, message: '7' },
    { value: null, message: 'null' },
    { value: undefined, message: 'undefined' },
  ])('of a thrown $value shows it as text', ({ value, message }) => {
    expect(messageOf(value)).toBe(message);
    expect(reportOf(value)).toMatchObject({ code: 'Bug', message, causes: [] });
  });

  test('shows a cause that is not an Error as text, and goes no deeper', () => {
    expect(reportOf(new Error('a', { cause: 'b' })).causes).toEqual(['b']);
  });

  test('of causes that go in a circle comes to an end', () => {
    const error = new Error('round');
    error.cause = error;
    expect(reportOf(error).causes).toHaveLength(10);
  });
});
