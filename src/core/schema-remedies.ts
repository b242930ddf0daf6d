import { z } from 'zod';
import { nearestName } from './nearest-name.ts';
import { choicesOf, expectationOf } from './schema-words.ts';

type Issue = z.core.$ZodIssue;

/** What to do about a wrong value, for schemas that know better than their type says: `schema.register(REMEDIES, …)`. */
export const REMEDIES = z.registry<{ readonly remedy: (value: unknown) => string }>();

/**
 * What to change about a value that a schema refuses. First a remedy of the rule itself (`params.remedy` of `refine`), then
 * that of the schema at the place of the issue (`REMEDIES`), else one for the kind of issue.
 */
export function remedyFor(issue: Issue, value: unknown, schema: z.ZodType | undefined): string {
  if (issue.code === 'custom' && typeof issue.params?.['remedy'] === 'string') return issue.params['remedy'];
  const registered = schema === undefined ? undefined : REMEDIES.get(schema);
  if (registered !== undefined) return registered.remedy(value);
  switch (issue.code) {
    case 'invalid_type':
      return remedyForType(issue.expected, value) ?? `Write ${expectationOf(issue)}.`;
    case 'invalid_value':
    case 'invalid_union': {
      // What is near to a number is another number, and as likely not meant.
      const nearest = typeof value === 'string' ? nearestName(value, choicesOf(issue)) : null;
      return nearest === null ? `Write ${expectationOf(issue)}.` : `Did you mean ${JSON.stringify(nearest)}?`;
    }
    case 'custom':
      return issue.message.startsWith('expected ')
        ? `Write ${expectationOf(issue)}.`
        : 'Change it as it says.';
    default:
      return `Write ${expectationOf(issue)}.`;
  }
}

function remedyForType(expected: string, value: unknown): string | null {
  const isPlain = typeof value === 'number' || typeof value === 'boolean';
  switch (expected) {
    case 'string':
      return isPlain ? `Put it in quotes: "${value}".` : null;
    case 'array':
      return 'Write a list: one entry a line, each after a dash; in JSON between [ and ].';
    case 'object':
    case 'record':
      return 'Write a mapping: one field a line, indented, each with its name and a colon; in JSON between { and }.';
    case 'number':
    case 'int':
      return isNumeric(value) ? `Write it without quotes: ${value.trim()}.` : null;
    default:
      return null;
  }
}

function isNumeric(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
}
