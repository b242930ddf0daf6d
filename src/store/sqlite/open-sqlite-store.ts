import type { Store } from '../port.ts';
import { openDatabase } from './open-database.ts';
import { SqliteStore } from './sqlite-store.ts';

/**
 * Opens, or creates, the records in the file at `path`. Throws `DataDirectoryUnusable`, `DataDirectoryInUse` or
 * `StoreCorrupt`, with the path; so do the store's functions later.
 */
export function openSqliteStore({ path }: { readonly path: string }): Store {
  return new SqliteStore(openDatabase(path), path);
}
