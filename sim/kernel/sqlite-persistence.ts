import { DatabaseSync } from 'node:sqlite';
import type { Persistence } from './persistence.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS world_rows (
    table_name TEXT NOT NULL,
    id TEXT NOT NULL,
    row TEXT NOT NULL,
    UNIQUE (table_name, id)
  );
  CREATE TABLE IF NOT EXISTS world_time (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), now INTEGER NOT NULL);
`;

/**
 * Keeps a world in a SQLite file. What was saved survives the death of the process at any instant; `synchronous=NORMAL`
 * means that a power cut may take the last moments, which a simulation can bear.
 */
export function sqlitePersistence(path: string): Persistence & { close(): void } {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  database.exec(SCHEMA);
  const put = database.prepare(
    'INSERT INTO world_rows VALUES (?, ?, ?) ON CONFLICT (table_name, id) DO UPDATE SET row = excluded.row',
  );
  const remove = database.prepare('DELETE FROM world_rows WHERE table_name = ? AND id = ?');
  const setTime = database.prepare(
    'INSERT INTO world_time VALUES (1, ?) ON CONFLICT (only_row) DO UPDATE SET now = excluded.now',
  );
  return {
    load: () => {
      const time = database.prepare('SELECT now FROM world_time').get();
      if (time === undefined) return null;
      const rows = database.prepare('SELECT table_name, id, row FROM world_rows ORDER BY rowid').all();
      const changes = rows.map(({ table_name, id, row }) => ({
        table: String(table_name),
        id: String(id),
        row: JSON.parse(String(row)) as object,
      }));
      return { changes, now: Number(time['now']) };
    },
    save: (changes, now) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const { table, id, row } of changes) {
          if (row === null) remove.run(table, id);
          else put.run(table, id, JSON.stringify(row));
        }
        setTime.run(now);
        database.exec('COMMIT');
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => database.close(),
  };
}
