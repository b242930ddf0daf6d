import { z } from 'zod';
import type { Json } from './json.ts';
import { nearestName } from './nearest-name.ts';
import type { Finding } from './outcome.ts';

type Issue = z.core.$ZodIssue;

/**
 * Everything that is wrong with data by a schema, in words for people: path, value, what was expected, what to do. Empty
 * when the data fits.
 */
export function schemaFindings(schema: z.ZodType, data: unknown): Finding[] {
  const issues = schema.safeParse(data).error?.issues ?? [];
  return issues.flatMap((issue) => findingsOf(issue, schema, data));
}

/** One segment of a path as it is written in findings: `.name`, `[0]`, or `["a name with dots"]`. */
function appendToPath(path: string, segment: PropertyKey): string {
  if (typeof segment === 'number') return `${path}[${segment}]`;
  const key = String(segment);
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

function findingsOf(issue: Issue, schema: z.ZodType, data: unknown): Finding[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownField(issue.path, key, schema, data));
  }
  const value = valueAt(data, issue.path);
  const { rule, message, remedy } = describe(issue, value);
  return [
    {
      level: 'error',
      rule,
      path: pathOf(issue.path),
      ...(value === undefined ? {} : { value: value as Json }),
      message,
      remedy,
    },
  ];
}

function unknownField(
  parent: readonly PropertyKey[],
  key: string,
  schema: z.ZodType,
  data: unknown,
): Finding {
  const known = fieldsAt(schema, parent, data);
  const nearest = nearestName(key, known);
  return {
    level: 'error',
    rule: 'FieldUnknown',
    path: pathOf([...parent, key]),
    value: valueAt(data, [...parent, key]) as Json,
    message: `unknown field ${JSON.stringify(key)}`,
    remedy:
      nearest === null
        ? `Remove it${known.length === 0 ? '' : `, or use one of ${known.join(', ')}`}.`
        : `Did you mean ${JSON.stringify(nearest)}?`,
  };
}

function describe(issue: Issue, value: unknown): { rule: string; message: string; remedy: string } {
  if (value === undefined) {
    const expected = expectationOf(issue);
    return { rule: 'FieldMissing', message: `missing; expected ${expected}`, remedy: 'Add it.' };
  }
  switch (issue.code) {
    case 'invalid_type':
      return {
        rule: 'TypeWrong',
        message: `expected ${expectationOf(issue)}, found ${describeValue(value)}`,
        remedy: remedyForType(issue.expected, value),
      };
    case 'custom':
      return { rule: 'ValueInvalid', message: issue.message, remedy: 'Change the value.' };
    default:
      return {
        rule: 'ValueInvalid',
        message: `expected ${expectationOf(issue)}, found ${describeValue(value)}`,
        remedy: suggestion(issue, value) ?? 'Change the value.',
      };
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

/** What the schema wants at the place of the issue, as the object of "expected". */
function expectationOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return `one of ${issue.values.join(', ')}`;
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? `one of ${issue.options.join(', ')}`
        : 'a value that JSON can hold';
    case 'too_small':
      return boundsOf(issue.origin, 'at least', Number(issue.minimum));
    case 'too_big':
      return boundsOf(issue.origin, 'at most', Number(issue.maximum));
    case 'invalid_key':
      return 'a name of 1 to 128 characters';
    default:
      return issue.message.replace(/^expected /, '');
  }
}

function boundsOf(origin: string, bound: string, limit: number): string {
  const units: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };
  return `${bound} ${limit}${(units[origin] ?? '').replace(/(ies|s)$/, (end) => (limit !== 1 ? end : end === 'ies' ? 'y' : ''))}`;
}

function describeValue(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'string') return `the text ${shorten(JSON.stringify(value))}`;
  if (typeof value === 'number') return `the number ${value}`;
  return typeof value === 'boolean' ? String(value) : 'a mapping';
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function remedyForType(expected: string, value: unknown): string {
  const isPlain = typeof value === 'number' || typeof value === 'boolean';
  if (expected === 'string' && isPlain) return `Put it in quotes: "${value}".`;
  if (expected === 'array') return 'Write a list: one entry a line, each after a dash.';
  if (['number', 'int', 'boolean'].includes(expected) && typeof value === 'string') {
    return 'Write it without quotes.';
  }
  return 'Change the value.';
}

function suggestion(issue: Issue, value: unknown): string | null {
  const allowed =
    issue.code === 'invalid_value'
      ? issue.values
      : issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)
        ? (issue.options as unknown[])
        : [];
  const nearest = nearestName(String(value), allowed.map(String));
  return nearest === null ? null : `Did you mean ${JSON.stringify(nearest)}?`;
}

function pathOf(segments: readonly PropertyKey[]): string {
  return segments.reduce<string>(appendToPath, '');
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    data,
  );
}

/** The names of the fields that the schema knows at a path; empty where it allows any. */
function fieldsAt(schema: z.ZodType, path: readonly PropertyKey[], data: unknown): string[] {
  const inner = unwrap(schema, data);
  if (path.length === 0) return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
  const [key, ...rest] = path as [PropertyKey, ...PropertyKey[]];
  const next =
    inner instanceof z.ZodObject
      ? inner.shape[String(key)]
      : inner instanceof z.ZodArray
        ? inner.element
        : inner instanceof z.ZodRecord
          ? inner.valueType
          : undefined;
  return next === undefined ? [] : fieldsAt(next as z.ZodType, rest, valueAt(data, [key]));
}

/** Takes off `optional`, `default` and `prefault`, and chooses the option of a union by its discriminator. */
function unwrap(schema: z.ZodType, data: unknown): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap() as z.ZodType, data);
  }
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const key = schema.def.discriminator;
  const fits = (option: unknown): boolean =>
    option instanceof z.ZodObject && option.shape[key]?.safeParse(valueAt(data, [key])).success === true;
  // An unknown field is found only in an option that was chosen.
  return schema.options.find(fits) as z.ZodType;
}
