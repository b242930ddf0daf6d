import { expect, test } from 'vitest';
import { matchesPattern, patternProblem, type EventPattern } from './event-pattern.ts';

const event = {
  id: 'e-1',
  source: 'aws.health',
  resources: ['arn:a', 'arn:b'],
  detail: {
    service: 'EC2',
    count: 7,
    ok: false,
    nothing: null,
    affectedEntities: [{ status: 'IMPAIRED' }, { status: 'OK' }],
  },
};

test.each<{ what: string; pattern: EventPattern; yes: boolean }>([
  { what: 'an exact text', pattern: { source: ['aws.rds', 'aws.health'] }, yes: true },
  { what: 'another text', pattern: { source: ['aws.rds'] }, yes: false },
  { what: 'every field, not only one', pattern: { source: ['aws.health'], id: ['e-2'] }, yes: false },
  { what: 'a nested field', pattern: { detail: { service: ['EC2'] } }, yes: true },
  { what: 'a number', pattern: { detail: { count: [7] } }, yes: true },
  { what: 'a number that is a text', pattern: { detail: { count: ['7'] } }, yes: false },
  { what: 'false', pattern: { detail: { ok: [false] } }, yes: true },
  { what: 'null', pattern: { detail: { nothing: [null] } }, yes: true },
  { what: 'null of what is missing', pattern: { detail: { missing: [null] } }, yes: false },
  { what: 'one of a list', pattern: { resources: ['arn:b'] }, yes: true },
  { what: 'a field in a list', pattern: { detail: { affectedEntities: { status: ['OK'] } } }, yes: true },
  { what: 'a prefix', pattern: { source: [{ prefix: 'aws.' }] }, yes: true },
  { what: 'another prefix', pattern: { source: [{ prefix: 'com.' }] }, yes: false },
  { what: 'a prefix of a number', pattern: { detail: { count: [{ prefix: '7' }] } }, yes: false },
  { what: 'anything but another', pattern: { source: [{ 'anything-but': 'aws.rds' }] }, yes: true },
  { what: 'anything but this', pattern: { source: [{ 'anything-but': ['aws.health', 'x'] }] }, yes: false },
  { what: 'anything but a prefix', pattern: { source: [{ 'anything-but': { prefix: 'aws' } }] }, yes: false },
  { what: 'anything but, of nothing', pattern: { missing: [{ 'anything-but': 'x' }] }, yes: false },
  { what: 'what exists', pattern: { detail: { count: [{ exists: true }] } }, yes: true },
  { what: 'fields, which are no value', pattern: { detail: [{ exists: true }] }, yes: false },
  { what: 'what does not exist', pattern: { a: { b: [{ exists: false }] } }, yes: true },
  { what: 'what exists and should not', pattern: { id: [{ exists: false }] }, yes: false },
  { what: 'a range', pattern: { detail: { count: [{ numeric: ['>', 5, '<=', 7] }] } }, yes: true },
  { what: 'outside a range', pattern: { detail: { count: [{ numeric: ['>=', 0, '<', 7] }] } }, yes: false },
  { what: 'equal', pattern: { detail: { count: [{ numeric: ['=', 7] }] } }, yes: true },
  { what: 'what every object has', pattern: { toString: [{ exists: true }] }, yes: false },
])('$what: $yes', ({ pattern, yes }) => {
  expect(patternProblem(pattern)).toBeNull();
  expect(matchesPattern(pattern, event)).toBe(yes);
});

const deep = Array.from({ length: 50_000 }).reduce<object>((inner) => ({ a: inner }), { a: [1] });

test.each([
  { what: 'nothing', pattern: {}, message: 'expected fields' },
  { what: 'a bare value', pattern: { source: 'x' }, message: 'expected a list' },
  { what: 'an empty list', pattern: { source: [] }, message: 'allows nothing' },
  { what: 'fields without any', pattern: { detail: {} }, message: 'expected fields' },
  { what: 'another way to match', pattern: { a: [{ wildcard: '*' }] }, message: '"wildcard" is not one of' },
  { what: 'two ways at once', pattern: { a: [{ prefix: 'a', exists: true }] }, message: 'expected a value' },
  { what: 'a list in a list', pattern: { a: [['b']] }, message: 'expected a value' },
  { what: 'an empty prefix', pattern: { a: [{ prefix: '' }] }, message: 'prefix takes' },
  { what: 'exists with a text', pattern: { a: [{ exists: 'yes' }] }, message: 'exists takes' },
  { what: 'numeric without a number', pattern: { a: [{ numeric: ['>', '5'] }] }, message: 'numeric takes' },
  { what: 'numeric with toString', pattern: { a: [{ numeric: ['toString', 5] }] }, message: 'numeric takes' },
  { what: 'anything-but nothing', pattern: { a: [{ 'anything-but': [] }] }, message: 'anything-but takes' },
  { what: 'anything-but a suffix', pattern: { a: [{ 'anything-but': { suffix: 'x' } }] }, message: 'takes' },
  { what: 'too many values', pattern: { a: Array(501).fill(1) as number[] }, message: 'more than 500' },
  { what: 'too deep', pattern: deep, message: 'deeper than 20' },
])('a pattern of $what is refused', ({ pattern, message }) => {
  expect(patternProblem(pattern)?.message).toContain(message);
});

test('a problem says where it is', () => {
  expect(patternProblem({ detail: { state: ['a', { prefix: 1 }] } })?.path).toEqual(['detail', 'state']);
});
