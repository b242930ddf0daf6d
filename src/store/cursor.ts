import { BreakwaterError } from '#core/errors.ts';

/**
 * Where a row stands: `[partition, sort]` by key, `[indexPartition, indexSort, partition, sort]` by index. A cursor is
 * the place of the last row that was answered, not a count of rows: it stays right when rows come and go.
 */
export type Place = readonly string[];

/** A cursor that says: go on behind this place. */
export function encodeCursor(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** The place, or `null` without a cursor. Throws `CursorInvalid` for the cursor of another query, or no cursor at all. */
export function decodeCursor(cursor: string | undefined, parts: 2 | 4, partition?: string): Place | null {
  if (cursor === undefined) return null;
  const place = parse(cursor);
  const isPlace =
    Array.isArray(place) && place.length === parts && place.every((part) => typeof part === 'string');
  if (!isPlace || (partition !== undefined && place[0] !== partition)) {
    throw new BreakwaterError('CursorInvalid', `${JSON.stringify(cursor)} is not a cursor of this query`);
  }
  return place;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
}
