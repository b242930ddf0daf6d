import type { z } from 'zod';

/** One thing that is wrong with a scenario. */
export interface ScenarioProblem {
  /** `accounts[0].regions.us-west-2.rds.clusters[1].engine`; empty for the whole. */
  readonly path: string;
  readonly keys: readonly PropertyKey[];
  /** The value found, as JSON, shortened; `undefined` if there is none. */
  readonly value: string | undefined;
  readonly expected: string;
  /** From 1, in the file. */
  readonly line?: number;
  readonly column?: number;
}

type Issue = z.core.$ZodIssue;

export function describeIssues(
  issues: readonly Issue[],
  prefix: readonly PropertyKey[] = [],
): ScenarioProblem[] {
  return issues.flatMap((issue) => describeIssue(issue, [...prefix, ...issue.path]));
}

function describeIssue(issue: Issue, keys: readonly PropertyKey[]): ScenarioProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const given: Record<string, unknown> = issue.input ?? {};
    return issue.keys.map((key) => problem([...keys, key], given[key], `${key} is not known here`));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return describeIssues(nearest(issue.errors), keys);
  }
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)) {
    const given = (issue.input ?? {}) as Record<string, unknown>;
    const found = given[String(issue.discriminator)];
    return [problem(keys, found, `expected one of ${issue.options.join(', ')}`)];
  }
  if (issue.code === 'invalid_key')
    return [problem(keys, undefined, issue.issues[0]?.message ?? issue.message)];
  return [problem(keys, issue.input, expectation(issue))];
}

/** Of the alternatives, the one that went furthest into the value before it failed. */
function nearest(alternatives: readonly (readonly Issue[])[]): readonly Issue[] {
  const depth = (issues: readonly Issue[]): number => Math.max(0, ...issues.map(({ path }) => path.length));
  return alternatives.toSorted((a, b) => depth(b) - depth(a))[0]!;
}

/** zod's own messages, in the words of this project and without the value. */
function expectation(issue: Issue): string {
  if (issue.code === 'invalid_union') return 'expected one of the known kinds';
  if (issue.code === 'invalid_value')
    return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`;
  return issue.message.replace(/^Invalid [a-z]+: /, '').replace(/, received .*$/, '');
}

function problem(keys: readonly PropertyKey[], value: unknown, expected: string): ScenarioProblem {
  return { path: writePath(keys), keys, value: shorten(value), expected };
}

function writePath(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === 'number') return `${path}[${key}]`;
    return path === '' ? String(key) : `${path}.${String(key)}`;
  }, '');
}

function shorten(value: unknown): string | undefined {
  const text = JSON.stringify(value) as string | undefined;
  return text !== undefined && text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
