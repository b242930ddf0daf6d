import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { schemaFindings } from './schema-findings.ts';

const Resources = z.strictObject({
  clusters: z.array(z.string()).min(1).optional(),
  mode: z.enum(['failover', 'switchover']).optional(),
});

const said = (data: unknown, schema: z.ZodType = Resources): string[] =>
  schemaFindings(schema, data).map(({ path, message, remedy }) => `${path}: ${message}. ${remedy}`);

describe('schemaFindings', () => {
  test('data that fits has none', () => {
    expect(said({ clusters: ['a'] })).toEqual([]);
  });

  test('a wrong type names what was expected and what was found', () => {
    expect(said({ clusters: 'aurora' })).toEqual([
      'clusters: expected a list, found the text "aurora". Write a list: one entry a line, each after a dash.',
    ]);
  });

  test('an unknown field is found at its own place, with the field that may be meant', () => {
    expect(said({ clusterz: [] })).toEqual(['clusterz: unknown field "clusterz". Did you mean "clusters"?']);
    expect(said({ vmware: [] })).toEqual([
      'vmware: unknown field "vmware". Remove it, or use one of clusters, mode.',
    ]);
  });

  test('a value that is not one of the allowed names them, and the one that may be meant', () => {
    expect(said({ mode: 'fail-over' })).toEqual([
      'mode: expected one of failover, switchover, found the text "fail-over". Did you mean "failover"?',
    ]);
  });

  test('what is missing is told as missing', () => {
    expect(said({}, z.object({ name: z.string() }))).toEqual(['name: missing; expected text. Add it.']);
  });

  test('a rule of the schema itself speaks for itself, at the top when it is about the whole', () => {
    const schema = z.object({}).refine(() => false, 'name a cluster or an instance');
    expect(said({}, schema)).toEqual([': name a cluster or an instance. Change the value.']);
  });

  test('a key that is no name comes in quotes', () => {
    expect(said({ 'start.sh': 1 }, z.record(z.string(), z.string()))).toEqual([
      '["start.sh"]: expected text, found the number 1. Put it in quotes: "1".',
    ]);
  });

  test('bounds and other types come in words', () => {
    const schema = z.object({
      list: z.array(z.int()).max(1),
      count: z.int(),
      flag: z.boolean(),
      map: z.record(z.string(), z.int()),
      text: z.string().min(3),
    });
    expect(said({ list: [1, 2], count: '3', flag: null, map: [], text: 'ab' }, schema)).toEqual([
      'list: expected at most 1 entry, found a list of 2. Change the value.',
      'count: expected a number, found the text "3". Write it without quotes.',
      'flag: expected true or false, found nothing. Change the value.',
      'map: expected a mapping, found a list of 0. Change the value.',
      'text: expected at least 3 characters, found the text "ab". Change the value.',
    ]);
  });

  test('what is rare has words, too', () => {
    const schema = z.object({
      when: z.date(),
      count: z.int().min(5),
      names: z.record(z.string().min(2), z.int()),
      text: z.string().max(3),
      flag: z.enum(['on']),
    });
    expect(said({ when: 1, count: 1, names: { a: 1 }, text: 'x'.repeat(80), flag: true }, schema)).toEqual([
      'when: expected date, found the number 1. Change the value.',
      'count: expected at least 5, found the number 1. Change the value.',
      'names.a: expected a name of 1 to 128 characters, found the number 1. Change the value.',
      `text: expected at most 3 characters, found the text "${'x'.repeat(58)}…. Change the value.`,
      'flag: expected one of on, found true. Change the value.',
    ]);
  });

  test('an unknown field inside lists, records and choices is found with the fields that its place knows', () => {
    const Choice = z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('a'), alpha: z.int().optional() }),
      z.strictObject({ type: z.literal('b'), beta: z.int().optional() }),
    ]);
    const schema = z.object({
      list: z.array(Choice).default([]),
      map: z.record(z.string(), Choice).optional(),
    });
    expect(said({ list: [{ type: 'b', bets: 1 }], map: { x: { type: 'a', z: 1 } } }, schema)).toEqual([
      'list[0].bets: unknown field "bets". Did you mean "beta"?',
      'map.x.z: unknown field "z". Remove it, or use one of type, alpha.',
    ]);
    expect(said({ list: [{ type: 'c' }] }, schema)[0]).toMatch(/^list\[0\]/);
  });

  test('where the schema takes a choice that it cannot look into, no field is proposed', () => {
    expect(said([{ c: 1 }], z.tuple([z.strictObject({ a: z.int().optional() })]))).toEqual([
      '[0].c: unknown field "c". Remove it.',
    ]);
    const nested = z.strictObject({ a: z.int().optional() }).transform((given) => given);
    expect(said({ c: 1 }, nested)).toEqual(['c: unknown field "c". Remove it.']);
  });

  test('what a rule finds below something that is no mapping counts as missing', () => {
    const schema = z.string().superRefine((_, context) => {
      context.addIssue({ code: 'custom', path: ['deep', 'down'], message: 'expected more' });
    });
    expect(said('flat', schema)).toEqual(['deep.down: missing; expected more. Add it.']);
  });

  test('a format speaks for itself', () => {
    expect(said({ id: '12' }, z.object({ id: z.string().regex(/^\d{3}$/, 'expected 3 digits') }))).toEqual([
      'id: expected 3 digits, found the text "12". Change the value.',
    ]);
  });
});
