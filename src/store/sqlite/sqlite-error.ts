import { BreakwaterError } from '#core/errors.ts';
import type { ErrorCode } from '#core/error-codes.ts';

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html): what they mean to whoever runs Breakwater. */
const MEANINGS: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  3: ['DataDirectoryUnusable', 'may not be used by this user'],
  5: ['DataDirectoryInUse', 'is locked by another process'],
  6: ['DataDirectoryInUse', 'is locked by another process'],
  8: ['DataDirectoryUnusable', 'is read-only'],
  10: ['DataDirectoryUnusable', 'could not be read or written'],
  11: ['StoreCorrupt', 'is damaged'],
  13: ['DataDirectoryUnusable', 'could not grow: the disk is full'],
  14: ['DataDirectoryUnusable', 'could not be opened'],
  26: ['StoreCorrupt', 'is not a database of Breakwater'],
};

/** A `BreakwaterError` with the path for what SQLite reports; anything else comes back unchanged. */
export function explainSqliteError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error;
  const meaning = MEANINGS[Number(error.errcode) & 0xff];
  if (meaning === undefined) return error;
  const [code, what] = meaning;
  return new BreakwaterError(code, `${path} ${what}`, { cause: error, details: { path } });
}
