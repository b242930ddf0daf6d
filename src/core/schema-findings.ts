import { z } from 'zod';
import type { Json } from './json.ts';
import { nearestName } from './nearest-name.ts';
import type { Finding } from './outcome.ts';
import { remedyFor } from './schema-remedies.ts';
import { describeValue, expectationOf } from './schema-words.ts';

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
  // Of a name that is wrong, its value is not.
  const value = issue.code === 'invalid_key' ? issue.path.at(-1) : valueAt(data, issue.path);
  const { rule, message, remedy } = describe(issue, value, schemaAt(schema, issue.path, data));
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

function describe(
  issue: Issue,
  value: unknown,
  schema: z.ZodType | undefined,
): { rule: string; message: string; remedy: string } {
  if (value === undefined) {
    return { rule: 'FieldMissing', message: `missing; expected ${expectationOf(issue)}`, remedy: 'Add it.' };
  }
  const rule = issue.code === 'invalid_type' ? 'TypeWrong' : 'ValueInvalid';
  const message =
    issue.code === 'custom'
      ? issue.message
      : `expected ${expectationOf(issue)}, found ${describeValue(value)}`;
  return { rule, message, remedy: remedyFor(issue, value, schema) };
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
  const inner = schemaAt(schema, path, data);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** The schema of the value at a path; `undefined` where it cannot be looked into. */
function schemaAt(schema: z.ZodType, path: readonly PropertyKey[], data: unknown): z.ZodType | undefined {
  const inner = unwrap(schema, data);
  if (path.length === 0) return inner;
  const [key, ...rest] = path as [PropertyKey, ...PropertyKey[]];
  const next =
    inner instanceof z.ZodObject
      ? inner.shape[String(key)]
      : inner instanceof z.ZodArray
        ? inner.element
        : inner instanceof z.ZodRecord
          ? inner.valueType
          : undefined;
  return next === undefined ? undefined : schemaAt(next as z.ZodType, rest, valueAt(data, [key]));
}

/** Takes off `optional`, `default` and `prefault`, and chooses the option of a union by its discriminator, if one fits. */
function unwrap(schema: z.ZodType, data: unknown): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap() as z.ZodType, data);
  }
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const key = schema.def.discriminator;
  const fits = (option: unknown): boolean =>
    option instanceof z.ZodObject && option.shape[key]?.safeParse(valueAt(data, [key])).success === true;
  return schema.options.find(fits) as z.ZodType | undefined;
}
