import type { BreakwaterError } from '#core/errors.ts';
import type { Store } from '../port.ts';
import { checkBeside } from './check-beside.ts';
import { openDatabase, type Durability } from './open-database.ts';
import { isLarge } from './schema.ts';
import { SqliteStore } from './sqlite-store.ts';
import { writerInThread } from './writer.ts';

/**
 * Opens, or creates, the records in the file at `path`. Throws `DataDirectoryUnusable`, `DataDirectoryInUse` or
 * `StoreCorrupt`, with the path; so do the store's functions later. `durability` is what a write outlives once it has
 * resolved: a power cut (`power`, the default), or only the death of this process (`process`), which spares a disk flush a
 * commit. The choice is this opening's, not the file's. A file of more than some MB is searched for damage beside its use, if
 * there is somebody to tell: `onDamage`.
 */
export function openSqliteStore({
  path,
  durability = 'power',
  onDamage,
}: {
  readonly path: string;
  readonly durability?: Durability;
  readonly onDamage?: (error: BreakwaterError) => void;
}): Store {
  const db = openDatabase(path, durability);
  const isFile = path !== ':memory:';
  return new SqliteStore(db, path, {
    ...(isFile && durability === 'power' && { writer: writerInThread(path) }),
    ...(onDamage !== undefined && isLarge(db) && { onClose: checkBeside(path, onDamage) }),
  });
}
