import { Worker } from 'node:worker_threads';
import type { DatabaseSync } from 'node:sqlite';

/** Moves the write-ahead log into the database from time to time. */
export interface Checkpoints {
  /** A commit of about so many bytes has been made. */
  noteCommit(bytes: number): void;
  /** Resolves when the file is no longer in use here. */
  stop(): Promise<void>;
}

/** About 16 MB of log: seldom enough for a checkpoint's own syncs not to show, little to read after a crash. */
const PAGES = 4000;
const PAGE_BYTES = 4096;
/** A commit writes whole pages, so even the smallest takes about two. */
const PAGES_A_COMMIT = 2;

/**
 * SQLite would checkpoint inside a commit and hold it up for 3 to 19 ms. Here a worker thread copies the pages while commits go
 * on; what they added meanwhile is little, and is copied between two commits, so that the log can start over.
 */
export function startCheckpoints(path: string | null, db: DatabaseSync): Checkpoints {
  if (path === null) return { noteCommit: () => {}, stop: async () => {} };
  let pages = 0;
  let isOpen = true;
  let worker: Worker | null = null;
  let isBusy = false;
  const finish = (): void => {
    isBusy = false;
    if (!isOpen) return;
    try {
      db.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // What is committed is safe in the log; the next request tries again.
    }
  };
  const request = (): void => {
    pages = 0;
    isBusy = true;
    worker ??= startWorker(path, finish, () => {
      worker = null;
      finish();
    });
    worker.postMessage('checkpoint');
  };
  return {
    noteCommit: (bytes) => {
      pages += PAGES_A_COMMIT + bytes / PAGE_BYTES;
      if (pages >= PAGES && !isBusy) request();
    },
    stop: async () => {
      isOpen = false;
      const stopping = worker;
      if (stopping === null) return;
      worker = null;
      stopping.ref();
      stopping.postMessage('stop');
      await new Promise((resolve) => stopping.once('exit', resolve));
    },
  };
}

function startWorker(path: string, onDone: () => void, onError: () => void): Worker {
  const worker = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), { workerData: path });
  worker.on('message', onDone);
  worker.on('error', onError);
  worker.unref();
  return worker;
}
