import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

/** What the schema wants at the place of the issue, as the object of "expected" or "write". */
export function expectationOf(issue: Issue): string {
  const choices = choicesOf(issue);
  if (choices.length > 0) return choices.length === 1 ? choices[0]! : `one of ${choices.join(', ')}`;
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case 'invalid_union':
      return 'a value that JSON can hold';
    case 'too_small':
      return boundsOf(issue.origin, 'at least', Number(issue.minimum));
    case 'too_big':
      return boundsOf(issue.origin, 'at most', Number(issue.maximum));
    case 'invalid_key':
      return `a name of ${expectationOf(issue.issues[0]!)}`;
    default:
      return issue.message.replace(/^expected /, '');
  }
}

/** The values that a closed choice allows; empty for every other issue. */
export function choicesOf(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)
    ? issue.options.filter((option) => option !== undefined).map(String)
    : [];
}

/** What was found, as the object of "found". */
export function describeValue(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'string') return `the text ${shorten(JSON.stringify(value))}`;
  if (typeof value === 'number') return `the number ${value}`;
  return typeof value === 'boolean' ? String(value) : 'a mapping';
}

function boundsOf(origin: string, bound: string, limit: number): string {
  const units: Readonly<Record<string, readonly [string, string]>> = {
    string: ['character', 'characters'],
    array: ['entry', 'entries'],
  };
  const unit = units[origin]?.[limit === 1 ? 0 : 1];
  return `${bound} ${limit}${unit === undefined ? '' : ` ${unit}`}`;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
