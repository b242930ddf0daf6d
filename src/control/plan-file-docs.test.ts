import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { OPERATIONS } from '#adapters/registry.ts';
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
  const fields = fieldsOf(Plan);
  expect(fields.length).toBeGreaterThan(30);
  expect(fields.filter(isMissing)).toEqual([]);
});

test.each(
  OPERATIONS.map((operation) => ({ name: `${operation.technology}/${operation.operation}`, operation })),
)('docs/plan-file.md names $name and the fields of its resources and parameters', ({ name, operation }) => {
  expect(page).toContain(`\`${name}\``);
  const fields = [...fieldsOf(operation.resources), ...fieldsOf(operation.parameters)];
  // The launch configuration has the names that DRS itself has.
  expect(fields.filter((field) => !field.startsWith('launchConfiguration.') && isMissing(field))).toEqual([]);
});

function isMissing(field: string): boolean {
  return !new RegExp(`\\b${field.split('.').at(-1)}\\b`).test(page);
}

function fieldsOf(schema: z.ZodType): string[] {
  const fields = new Set<string>();
  collectFields(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), '', fields);
  return [...fields];
}

/** Names with the field that they stand in. */
function collectFields(schema: unknown, parent: string, fields: Set<string>): void {
  if (typeof schema !== 'object' || schema === null) return;
  const properties = 'properties' in schema ? (schema.properties as Record<string, unknown>) : {};
  for (const [name, part] of Object.entries(properties)) {
    fields.add(parent === '' ? name : `${parent}.${name}`);
    collectFields(part, name, fields);
  }
  for (const [key, part] of Object.entries(schema))
    if (key !== 'properties') collectFields(part, parent, fields);
}
