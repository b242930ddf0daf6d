import type { Filter } from '@aws-sdk/client-ec2';
import { ec2Error } from './errors.ts';

/** What a row has under a filter's name. */
type Read<R> = (row: R) => readonly (string | null)[];

/**
 * A test for rows: every filter must match, in a filter any value may, `*` and `?` are wildcards. `tag:<key>` is known
 * to all resources with tags; `known` are the rest. Throws `InvalidParameterValue` for other names.
 */
export function compileFilters<R extends { readonly tags: Readonly<Record<string, string>> }>(
  filters: readonly Filter[] | undefined,
  known: Readonly<Record<string, Read<R>>>,
): (row: R) => boolean {
  const tests = (filters ?? []).map(({ Name = '', Values = [] }) => {
    const read = Name.startsWith('tag:')
      ? tagReader<R>(Name.slice(4))
      : (known[Name] ?? tagFilters<R>()[Name]);
    if (read === undefined) throw ec2Error('InvalidParameterValue', `The filter '${Name}' is invalid`);
    const patterns = Values.map(matcher);
    return (row: R): boolean =>
      read(row).some((value) => value !== null && patterns.some((matches) => matches(value)));
  });
  return (row) => tests.every((test) => test(row));
}

function tagReader<R extends { readonly tags: Readonly<Record<string, string>> }>(key: string): Read<R> {
  return ({ tags }) => [tags[key] ?? null];
}

function tagFilters<R extends { readonly tags: Readonly<Record<string, string>> }>(): Record<
  string,
  Read<R>
> {
  return {
    'tag-key': ({ tags }) => Object.keys(tags),
    'tag-value': ({ tags }) => Object.values(tags),
  };
}

function matcher(pattern: string): (value: string) => boolean {
  if (!/[*?\\]/.test(pattern)) return (value) => value === pattern;
  const source = pattern.replace(/\\([*?\\])|[*?]|[.+^${}()|[\]\\]/g, (found, escaped?: string) => {
    if (escaped !== undefined) return `\\${escaped}`;
    return found === '*' ? '.*' : found === '?' ? '.' : `\\${found}`;
  });
  const expression = new RegExp(`^${source}$`, 's');
  return (value) => expression.test(value);
}
