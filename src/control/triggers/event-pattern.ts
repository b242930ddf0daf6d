/**
 * Patterns as EventBridge has them: an object of fields, each with a list of what is allowed or with an object of fields in turn.
 * Of the ways to match there are exact values, `prefix`, `anything-but`, `exists` and `numeric`.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export type EventPattern = Readonly<Record<string, unknown>>;

type Fields = Readonly<Record<string, unknown>>;

const DEEPEST = 20;
const MOST_MATCHERS = 500;
const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

/** True if every field of the pattern allows what the event has there. For a pattern without a problem. */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    const value = isFields(event) && Object.hasOwn(event, name) ? event[name] : undefined;
    // Of a list it is enough that one of them is allowed.
    const values = Array.isArray(value) ? (value as unknown[]) : [value];
    if (isFields(wanted)) return values.some((each) => matchesPattern(wanted, each));
    return (wanted as unknown[]).some((matcher) => values.some((each) => allows(matcher, each)));
  });
}

function allows(matcher: unknown, value: unknown): boolean {
  if (!isFields(matcher)) return value === matcher;
  const [kind, wanted] = Object.entries(matcher)[0]!;
  // Only what is a value itself exists: EventBridge looks at leaves.
  const isThere = value !== undefined && !isFields(value);
  switch (kind) {
    case 'exists':
      return isThere === wanted;
    case 'prefix':
      return typeof value === 'string' && value.startsWith(wanted as string);
    case 'anything-but':
      return isThere && ![wanted].flat().some((each) => allows(each, value));
    default:
      return typeof value === 'number' && inRange(wanted as unknown[], value);
  }
}

function inRange(comparisons: readonly unknown[], value: number): boolean {
  for (let i = 0; i < comparisons.length; i += 2)
    if (!COMPARISONS[comparisons[i] as string]!(value, comparisons[i + 1] as number)) return false;
  return true;
}

/** What is wrong with a pattern, by the path in it; `null`: nothing. */
export function patternProblem(pattern: unknown): { path: string[]; message: string } | null {
  const count = { matchers: 0 };
  return fieldsProblem(pattern, [], count);
}

interface Problem {
  path: string[];
  message: string;
}

function fieldsProblem(pattern: unknown, path: string[], count: { matchers: number }): Problem | null {
  if (!isFields(pattern) || Object.keys(pattern).length === 0)
    return { path, message: 'expected fields, each with a list of what is allowed' };
  if (path.length >= DEEPEST) return { path, message: `deeper than ${DEEPEST} fields` };
  for (const [name, wanted] of Object.entries(pattern)) {
    const at = [...path, name];
    const problem = Array.isArray(wanted)
      ? listProblem(wanted, at, count)
      : isFields(wanted)
        ? fieldsProblem(wanted, at, count)
        : { path: at, message: 'expected a list of what is allowed, or fields' };
    if (problem !== null) return problem;
  }
  return null;
}

function listProblem(
  wanted: readonly unknown[],
  path: string[],
  count: { matchers: number },
): Problem | null {
  if (wanted.length === 0) return { path, message: 'an empty list allows nothing' };
  count.matchers += wanted.length;
  if (count.matchers > MOST_MATCHERS) return { path, message: `more than ${MOST_MATCHERS} values` };
  for (const matcher of wanted) {
    const message = matcherProblem(matcher);
    if (message !== null) return { path, message };
  }
  return null;
}

function matcherProblem(matcher: unknown): string | null {
  if (isPlain(matcher) || typeof matcher === 'boolean' || matcher === null) return null;
  const entries = isFields(matcher) ? Object.entries(matcher) : [];
  if (entries.length !== 1) return 'expected a value, or one of prefix, anything-but, exists, numeric';
  const [kind, wanted] = entries[0]!;
  switch (kind) {
    case 'exists':
      return typeof wanted === 'boolean' ? null : 'exists takes true or false';
    case 'prefix':
      return isText(wanted) ? null : 'prefix takes a text that is not empty';
    case 'anything-but':
      return anythingButProblem(wanted);
    case 'numeric':
      return numericProblem(wanted);
    default:
      return `${JSON.stringify(kind.slice(0, 40))} is not one of prefix, anything-but, exists, numeric`;
  }
}

function anythingButProblem(wanted: unknown): string | null {
  if (isFields(wanted))
    return Object.keys(wanted).join() === 'prefix' && isText(wanted['prefix'])
      ? null
      : 'anything-but takes texts, numbers or a prefix';
  const all = [wanted].flat();
  const isFine = all.length > 0 && all.length <= MOST_MATCHERS && all.every(isPlain);
  return isFine ? null : 'anything-but takes texts, numbers or a prefix';
}

function numericProblem(wanted: unknown): string | null {
  const isFine =
    Array.isArray(wanted) &&
    (wanted.length === 2 || wanted.length === 4) &&
    wanted.every((each, i) =>
      i % 2 === 0 ? typeof each === 'string' && Object.hasOwn(COMPARISONS, each) : Number.isFinite(each),
    );
  return isFine ? null : 'numeric takes one or two comparisons, such as [">", 0, "<=", 5]';
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown): value is string | number {
  return typeof value === 'string' || Number.isFinite(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
