import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Plan } from '#core/plan.ts';
import { parsePlanText } from './plan-file.ts';

const page = await readFile(new URL('../../docs/plan-file.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```yaml\n([^]*?)```/g)].map((match, index) => ({
  index,
  text: match[1]!,
}));

test.each(examples)('example $index of docs/plan-file.md is a sound plan', ({ text }) => {
  expect(parsePlanText(text, 'example.yaml').plan.waves.length).toBeGreaterThan(0);
});

test('docs/plan-file.md names every field of the plan schema', () => {
  const fields = new Set<string>();
  collectFields(z.toJSONSchema(Plan, { io: 'input', unrepresentable: 'any' }), fields);
  expect(fields.size).toBeGreaterThan(30);
  expect([...fields].filter((field) => !new RegExp(`\\b${field}\\b`).test(page))).toEqual([]);
});

function collectFields(schema: unknown, fields: Set<string>): void {
  if (typeof schema !== 'object' || schema === null) return;
  if ('properties' in schema) Object.keys(schema.properties as object).forEach((name) => fields.add(name));
  Object.values(schema).forEach((part) => collectFields(part, fields));
}
