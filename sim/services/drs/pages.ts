import { invalid } from './errors.ts';
import { cutPage } from '#sim/services/paging.ts';

/** A page of at most `maxResults` (1 to 1000, default 100). AWS does not publish its default. */
export function pageOf<T>(
  rows: readonly T[],
  input: { readonly maxResults?: number | undefined; readonly nextToken?: string | undefined },
): { items: T[]; nextToken?: string } {
  const size = input.maxResults ?? 100;
  if (!Number.isInteger(size) || size < 1 || size > 1000) {
    throw invalid(
      `Value '${size}' at 'maxResults' failed to satisfy constraint: Member must be between 1 and 1000`,
    );
  }
  const cut = cutPage(rows, { token: input.nextToken, size });
  if (cut === null) throw invalid('Invalid nextToken');
  return { items: cut.items, ...(cut.next === undefined ? {} : { nextToken: cut.next }) };
}
