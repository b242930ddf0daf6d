import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';

/** What the operating system's error codes mean to whoever chose the path. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the quota of disk space is used up',
  EEXIST: 'it is not a directory',
  EFBIG: 'files may not grow that large',
  ENAMETOOLONG: 'the path is too long',
  ENOENT: 'it does not exist',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a directory',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
};

/** The content of a JSON file; `null` if there is none. Throws `DataDirectoryUnusable`, or `StoreCorrupt` for what is not JSON. */
export function readJsonFile(file: string): Json | null {
  const text = readText(file);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new BreakwaterError('StoreCorrupt', `${file} is not JSON`, { cause, details: { path: file } });
  }
}

/** Writes beside the file, flushes and renames: after a crash the file is the old one or the new one. One at a time for a file. */
export async function writeJsonFile(file: string, value: Json): Promise<void> {
  const draft = `${file}.new`;
  try {
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(value)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw explainFileError(error, file);
  }
}

/** `DataDirectoryUnusable` with the path and the reason, for an error of the file system. */
export function explainFileError(error: unknown, file: string): BreakwaterError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = MEANINGS[code] ?? 'the operating system refuses';
  const details = { path: file, systemError: code };
  return new BreakwaterError('DataDirectoryUnusable', `${file} cannot be used: ${reason}`, {
    cause: error,
    details,
  });
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw explainFileError(error, file);
  }
}
