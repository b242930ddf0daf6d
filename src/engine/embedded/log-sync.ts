import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';

/**
 * Brings the write-ahead log to the disk beside this thread, which `synchronous=FULL` would hold up in every commit: for some
 * milliseconds, and now and then for many. SQLite itself is left at `NORMAL`: it syncs the log before a checkpoint and the
 * database after it, so the file is never torn, and what `sync` has confirmed outlives a power cut as with `FULL`.
 * Source: https://www.sqlite.org/wal.html#performance_considerations
 */
export class LogSync {
  readonly #path: string;
  #file: number | null = null;
  #isSyncing = false;
  #isClosed = false;

  /** The path of the database. Its log exists after the first commit. */
  constructor(path: string) {
    this.#path = `${path}-wal`;
  }

  /** Tells when all commits until now are on the disk, or why they may not be; not after `close`. One at a time. */
  sync(done: (error: Error | null) => void): void {
    const file = this.#descriptor();
    this.#isSyncing = true;
    fdatasync(file, (error) => {
      this.#isSyncing = false;
      if (this.#isClosed) this.#closeFile();
      else done(error);
    });
  }

  /** Returns when all commits until now are on the disk. */
  syncNow(): void {
    fdatasyncSync(this.#descriptor());
  }

  close(): void {
    this.#isClosed = true;
    if (!this.#isSyncing) this.#closeFile();
  }

  /** One descriptor for the whole life: SQLite keeps the file, and has its locks elsewhere. */
  #descriptor(): number {
    return (this.#file ??= openSync(this.#path, 'r+'));
  }

  #closeFile(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}
