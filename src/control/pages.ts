import { BreakwaterError } from '#core/errors.ts';

export interface PageParams {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * A page of what was read in whole. Keys are unique, and give the order; the cursor is the key of the last item, so that it stays
 * right when items come and go. Throws `RequestInvalid` for a cursor that is none.
 */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { limit, cursor, newestFirst = false }: PageParams & { readonly newestFirst?: boolean },
): { items: T[]; nextCursor?: string } {
  const after = cursor === undefined ? null : decode(cursor);
  const isBefore = (a: string, b: string): boolean => (newestFirst ? a > b : a < b);
  const rest = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => after === null || isBefore(after, key))
    .sort((a, b) => (isBefore(a.key, b.key) ? -1 : 1));
  const page = rest.slice(0, limit);
  return {
    items: page.map(({ item }) => item),
    ...(rest.length > limit ? { nextCursor: Buffer.from(page.at(-1)!.key).toString('base64url') } : {}),
  };
}

function decode(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (Buffer.from(key).toString('base64url') === cursor) return key;
  throw new BreakwaterError('RequestInvalid', `${JSON.stringify(cursor)} is no cursor of this list`);
}
