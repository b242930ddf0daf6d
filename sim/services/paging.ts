/**
 * One page of a list. The token is the place where the next page starts, so that it survives a restart; AWS's own
 * tokens are opaque, and so should callers treat these. `null`: the token was never given out.
 */
export function cutPage<T>(
  all: readonly T[],
  { token, size }: { token: string | undefined; size: number },
): { items: T[]; next: string | undefined } | null {
  const text = token === undefined || token === '' ? '0' : Buffer.from(token, 'base64url').toString();
  const start = /^\d{1,9}$/.test(text) ? Number(text) : Infinity;
  if (start > all.length) return null;
  const end = start + size;
  const next = end < all.length ? Buffer.from(String(end)).toString('base64url') : undefined;
  return { items: all.slice(start, end), next };
}
