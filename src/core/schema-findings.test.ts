import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AccountId, Duration } from './plan.ts';
import { schemaFindings } from './schema-findings.ts';
import { REMEDIES } from './schema-remedies.ts';

const Resources = z.strictObject({
  clusters: z.array(z.string()).min(1).optional(),
  mode: z.enum(['failover', 'switchover']).optional(),
});

const DURATION = 'Write an ISO 8601 duration such as PT10M.';

const said = (data: unknown, schema: z.ZodType = Resources): string[] =>
  schemaFindings(schema, data).map(({ path, message, remedy }) => `${path}: ${message}. ${remedy}`);

describe('schemaFindings', () => {
  test('data that fits has none', () => {
    expect(said({ clusters: ['a'] })).toEqual([]);
  });

  test('a wrong type names what was expected and what was found', () => {
    expect(said({ clusters: 'aurora' })).toEqual([
      'clusters: expected a list, found the text "aurora". Write a list: one entry a line, each after a dash; in JSON between [ and ].',
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
    expect(said({}, schema)).toEqual([': name a cluster or an instance. Change it as it says.']);
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
      'list: expected at most 1 entry, found a list of 2. Write at most 1 entry.',
      'count: expected a number, found the text "3". Write it without quotes: 3.',
      'flag: expected true or false, found nothing. Write true or false.',
      'map: expected a mapping, found a list of 0. Write a mapping: one field a line, indented, each with its name and a colon; in JSON between { and }.',
      'text: expected at least 3 characters, found the text "ab". Write at least 3 characters.',
    ]);
  });

  test('what is rare has words, too', () => {
    const schema = z.object({
      when: z.date(),
      count: z.int().min(5),
      names: z.record(z.string().min(2), z.int()),
      text: z.string().max(3),
      flag: z.enum(['on']),
      days: z.literal([30, 60, 180]),
    });
    const wrong = { when: 1, count: 1, names: { a: 1 }, text: 'x'.repeat(80), flag: true, days: 100 };
    expect(said(wrong, schema)).toEqual([
      'when: expected date, found the number 1. Write date.',
      'count: expected at least 5, found the number 1. Write at least 5.',
      'names.a: expected a name of at least 2 characters, found the text "a". Write a name of at least 2 characters.',
      `text: expected at most 3 characters, found the text "${'x'.repeat(58)}…. Write at most 3 characters.`,
      'flag: expected on, found true. Write on.',
      'days: expected one of 30, 60, 180, found the number 100. Write one of 30, 60, 180.',
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

  test('a choice that may be left out does not name that as a choice', () => {
    const Parameters = z.discriminatedUnion('integration', [
      z.strictObject({ integration: z.literal('native').default('native') }),
      z.strictObject({ integration: z.literal('api') }),
    ]);
    expect(said({}, Parameters)).toEqual([]);
    expect(said({ integration: 'soap' }, Parameters)).toEqual([
      'integration: expected one of native, api, found the text "soap". Write one of native, api.',
    ]);
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
      'id: expected 3 digits, found the text "12". Write 3 digits.',
    ]);
  });

  test('a rule may bring its own remedy; one that says what it expects needs none', () => {
    const schema = z.object({
      a: z.string().refine(() => false, { message: 'no good', params: { remedy: 'Add b.' } }),
      b: z.array(z.string()).refine(() => false, { message: 'expected each id once' }),
    });
    expect(said({ a: 'x', b: [] }, schema)).toEqual([
      'a: no good. Add b.',
      'b: expected each id once. Write each id once.',
    ]);
  });

  test('a schema may know better than its type what to write, behind defaults as well', () => {
    const Even = z.string().register(REMEDIES, { remedy: (value) => `Write twice ${String(value)}.` });
    expect(said({ even: 7 }, z.object({ even: Even.default('2') }))).toEqual([
      'even: expected text, found the number 7. Write twice 7.',
    ]);
  });
});

describe('what a plan says wrongly is answered with what to write', () => {
  test.each<{ given: string; field: object; schema: z.ZodType; says: string }>([
    { given: 'yes for true', field: { x: 'yes' }, schema: z.boolean(), says: 'Write true or false.' },
    { given: 'a number for a duration', field: { x: 10 }, schema: Duration, says: DURATION },
    { given: 'a list for a duration', field: { x: [] }, schema: Duration, says: DURATION },
    { given: 'words for a duration', field: { x: '10 minutes' }, schema: Duration, says: 'Write PT10M.' },
    { given: 'months', field: { x: 'P1M' }, schema: Duration, says: 'Write days, such as P30D.' },
    {
      given: 'an account id without quotes',
      field: { x: 123456789012 },
      schema: AccountId,
      says: 'Put it in quotes: "123456789012".',
    },
    {
      given: 'an account id that lost its zeros',
      field: { x: 1234567890 },
      schema: AccountId,
      says: 'Write the 12 digits of the account id in quotes.',
    },
    { given: 'half a wave', field: { x: 1.5 }, schema: z.int(), says: 'Write a whole number.' },
    { given: 'a word for a number', field: { x: 'one' }, schema: z.int(), says: 'Write a number.' },
    { given: 'a number in quotes', field: { x: '5' }, schema: z.int(), says: 'Write it without quotes: 5.' },
    { given: 'true for text', field: { x: true }, schema: z.string(), says: 'Put it in quotes: "true".' },
    { given: 'a list for text', field: { x: [1] }, schema: z.string(), says: 'Write text.' },
    {
      given: 'a value far from every choice',
      field: { x: 'zzz' },
      schema: z.enum(['pause', 'stop']),
      says: 'Write one of pause, stop.',
    },
    {
      given: 'not a number',
      field: { x: Number.NaN },
      schema: z.json(),
      says: 'Write a value that JSON can hold.',
    },
  ])('$given', ({ field, schema, says }) => {
    expect(schemaFindings(z.object({ x: schema }), field).map(({ remedy }) => remedy)).toEqual([says]);
  });
});
