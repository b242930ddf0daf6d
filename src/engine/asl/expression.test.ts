import fc from 'fast-check';
import jsonata from 'jsonata';
import { expect, test } from 'vitest';
import type { Json } from '#core/json.ts';
import { compileExpression, type Scope } from './expression.ts';

function scope(input: Json, variables: Record<string, Json> = {}): Scope {
  return { states: { input, context: {} }, variables, now: Date.parse('2026-01-07T10:00:00Z') };
}

const evaluate = async (
  text: string,
  input: Json = {},
  variables: Record<string, Json> = {},
): Promise<Json> => compileExpression(text)(scope(input, variables));

test('A plain path answers what JSONata answers, whatever it leads through.', async () => {
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, 1, 'x'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.record({ a: tie('value'), b: tie('value') }, { requiredKeys: [] }),
    ),
  })).value as fc.Arbitrary<Json>;
  const path = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(value, path, async (input, names) => {
      const text = ['$states', 'input', ...names].join('.');
      const expected = (await jsonata(text).evaluate(undefined, { states: { input } })) as unknown;
      const actual = await evaluate(text, input).catch(() => undefined);
      expect(actual).toEqual(expected === undefined ? undefined : JSON.parse(JSON.stringify(expected)));
    }),
    { numRuns: 500 },
  );
});

test.each([
  { text: '$now()', value: '2026-01-07T10:00:00.000Z' },
  { text: '$millis()', value: 1767780000000 },
  { text: '$partition([1..5], 2)', value: [[1, 2], [3, 4], [5]] },
  { text: '$range(1, 9, 3)', value: [1, 4, 7] },
  { text: '$parse("{\\"a\\": [1]}")', value: { a: [1] } },
  {
    text: '$hash("x", "SHA-256")',
    value: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
  },
  { text: '$outer.deep', value: 7 },
  { text: '$states.input.toString', value: undefined },
])('$text is $value.', async ({ text, value }) => {
  const answer = evaluate(text, {}, { outer: { deep: 7 } });
  if (value === undefined)
    await expect(answer).rejects.toMatchObject({ error: 'States.QueryEvaluationError' });
  else expect(await answer).toEqual(value);
});

test.each([
  { text: '$string' },
  { text: 'function($x) { $x }' },
  { text: '$missing' },
  { text: '$error("stop")' },
])('$text is no JSON and fails.', async ({ text }) => {
  await expect(evaluate(text)).rejects.toMatchObject({ error: 'States.QueryEvaluationError' });
});

test('A recursion without end fails instead of hanging.', async () => {
  await expect(evaluate('($f := function($n) { 1 + $f($n + 1) }; $f(0))')).rejects.toMatchObject({
    error: 'States.QueryEvaluationError',
  });
});
