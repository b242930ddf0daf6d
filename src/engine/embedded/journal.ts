import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '#core/clock.ts';
import { BreakwaterError, isBreakwaterError } from '#core/errors.ts';
import type { EngineStatus } from '../port.ts';
import { startCheckpoints, type Checkpoints } from './checkpoints.ts';
import { lockJournal } from './lock.ts';
import { LogSync } from './log-sync.ts';
import { SCHEMA, SCHEMA_VERSION, prepareStatements, type Durability, type Statements } from './statements.ts';

/** A row of `executions`, as it is on disk. */
export interface ExecutionRow {
  readonly key: number;
  readonly machine: number;
  readonly machineName: string;
  readonly name: string;
  readonly input: string;
  readonly status: EngineStatus;
  readonly startedAt: number;
  readonly stoppedAt: number | null;
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
  readonly parentExecution: number | null;
  readonly parentThread: number | null;
  readonly parentTask: number | null;
}

/** A row of `chunks`: what one thread did in one turn. */
export interface ChunkRow {
  readonly id: number;
  readonly thread: number;
  readonly at: number;
  /** The id of its first history event. */
  readonly first: number;
  /** Type and name of the state in which it began. */
  readonly place: string;
  readonly records: string;
}

interface Write {
  readonly write: (statements: Statements) => unknown;
  readonly committed: (() => void) | undefined;
}

/** Writes that are committed together. */
interface Batch {
  readonly writes: readonly Write[];
  readonly bytes: number;
  readonly flushed: PromiseWithResolvers<boolean>;
  /** Lets virtual time go on. */
  readonly release: () => void;
}

/** The index of chunks by execution is brought up to date so many chunks at a time. */
const CHUNKS_A_BATCH = 1000;

/** What a row takes beside its texts. */
const ROW_BYTES = 100;

/**
 * The file. Writes are queued and committed together, once per turn of the event loop: one sync for all executions. A sync that a
 * power cut asks for goes on beside this thread; what is queued meanwhile goes into the next commit.
 *
 * - An index on chunks would be touched in one place per execution by every commit, which makes writing three times slower.
 *   Instead `chunk_index` is filled in sorted runs of a thousand; what is newer is found by scanning the tail.
 * - Virtual time stands still from the first queued write until its commit has taken effect.
 */
export class Journal {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #faults: (point: string) => void;
  readonly #onFailure: (error: BreakwaterError) => void;
  readonly #statements: Statements;
  readonly #unlock: () => void;
  readonly #checkpoints: Checkpoints;
  /** `null`: a commit is done when it has been made. */
  readonly #logSync: LogSync | null;
  #queue: Write[] = [];
  #queuedBytes = 0;
  #release: () => void = () => {};
  #flushed: PromiseWithResolvers<boolean> = Promise.withResolvers();
  /** Those that are committed, and on their way to the disk. */
  #syncing: Batch | null = null;
  #open = true;
  #isClosing = false;
  #stopped: Promise<void> = Promise.resolve();
  #lastChunk: number;
  #indexed: number;
  #lastExecution: number;

  constructor(options: {
    readonly path: string;
    readonly durability: Durability;
    readonly clock: Clock;
    readonly faults: (point: string) => void;
    /** Nothing can be written any more. */
    readonly onFailure: (error: BreakwaterError) => void;
  }) {
    this.#clock = options.clock;
    this.#faults = options.faults;
    this.#onFailure = options.onFailure;
    const inMemory = options.path === ':memory:';
    this.#unlock = inMemory ? () => {} : lockJournal(options.path);
    this.#db = openDatabase(options.path, this.#unlock);
    this.#logSync = inMemory || options.durability === 'process' ? null : new LogSync(options.path);
    this.#statements = prepareStatements(this.#db);
    this.#checkpoints = startCheckpoints(inMemory ? null : options.path, this.#db);
    this.#lastChunk = this.#number('SELECT max(id) AS value FROM chunks');
    this.#indexed = Number(this.setting('indexed') ?? 0);
    this.#lastExecution = this.#number('SELECT max(key) AS value FROM executions');
  }

  get statements(): Statements {
    return this.#statements;
  }

  setting(name: string): string | null {
    const row = this.#statements.setting.get(name) as { value: string } | undefined;
    return row?.value ?? null;
  }

  /** Key for a new execution. */
  nextExecution(): number {
    return ++this.#lastExecution;
  }

  /** Queues a write of about so many characters. `committed` runs after the commit, in the order of the queue. */
  enqueue(size: number, write: (statements: Statements) => unknown, committed?: () => void): void {
    if (!this.#open) return;
    this.#queuedBytes += size + ROW_BYTES;
    if (this.#queue.push({ write, committed }) > 1) return;
    this.#release = this.#clock.hold();
    setImmediate(() => this.#flush());
  }

  appendChunk(execution: number, chunk: Omit<ChunkRow, 'id'>, committed?: () => void): void {
    const { thread, at, first, place, records } = chunk;
    const write = ({ insertChunk }: Statements): void => {
      insertChunk.run(++this.#lastChunk, execution, thread, at, first, place, records);
    };
    this.enqueue(records.length, write, committed);
  }

  /** Resolves when what is queued now is on disk (true), or lost (false). */
  flushed(): Promise<boolean> {
    if (this.#queue.length > 0) return this.#flushed.promise;
    return this.#syncing?.flushed.promise ?? Promise.resolve(this.#open);
  }

  executionByKey(key: number): ExecutionRow | null {
    return (this.#statements.executionByKey.get(key) as ExecutionRow | undefined) ?? null;
  }

  /** The chunks of an execution from chunk `from` on, oldest first. */
  chunksOf(execution: number, from: number, limit: number): ChunkRow[] {
    const indexed = this.#statements.indexedChunks.all(execution, from, limit) as unknown as ChunkRow[];
    if (indexed.length === limit) return indexed;
    const tail = Math.max(from, this.#indexed + 1);
    const newer = this.#statements.tailChunks.all(
      tail,
      execution,
      limit - indexed.length,
    ) as unknown as ChunkRow[];
    return [...indexed, ...newer];
  }

  /** Commits what is queued and closes. What would go on after that commit goes on after the next opening. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#endSync();
    this.#flush();
    this.abandon();
    await this.#stopped;
  }

  /** Closes at once, as if the process had died: what is not committed is lost. */
  abandon(): void {
    if (!this.#open) return;
    this.#open = false;
    const lost = [this.#syncing, this.#takeBatch()];
    this.#stopped = this.#checkpoints.stop();
    this.#logSync?.close();
    this.#db.close();
    this.#unlock();
    for (const batch of lost) {
      batch?.flushed.resolve(false);
      batch?.release();
    }
  }

  #takeBatch(): Batch {
    const batch = {
      writes: this.#queue,
      bytes: this.#queuedBytes,
      flushed: this.#flushed,
      release: this.#release,
    };
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#flushed = Promise.withResolvers();
    this.#release = () => {};
    return batch;
  }

  #flush(): void {
    // What is queued during a sync waits for its end.
    if (!this.#open || this.#queue.length === 0 || this.#syncing !== null) return;
    const batch = this.#takeBatch();
    try {
      this.#commit(batch.writes);
      if (this.#isClosing) this.#logSync?.syncNow();
      else if (this.#open && this.#logSync !== null) {
        this.#startSync(this.#logSync, batch);
        return;
      }
    } catch (error) {
      this.#fail(batch, error);
      return;
    }
    this.#settle(batch);
  }

  #startSync(logSync: LogSync, batch: Batch): void {
    logSync.sync((error) => {
      this.#syncing = null;
      if (error === null) this.#settle(batch);
      else this.#fail(batch, error);
      this.#flush();
    });
    this.#syncing = batch;
  }

  /** Waits here for the sync that goes on beside this thread. */
  #endSync(): void {
    const batch = this.#syncing;
    if (batch === null) return;
    this.#syncing = null;
    try {
      this.#logSync?.syncNow();
      this.#settle(batch);
    } catch (error) {
      this.#fail(batch, error);
    }
  }

  #settle({ writes, bytes, flushed, release }: Batch): void {
    for (const { committed } of writes) if (this.#open && !this.#isClosing) committed?.();
    flushed.resolve(true);
    release();
    this.#checkpoints.noteCommit(bytes);
  }

  #fail({ flushed, release }: Batch, error: unknown): void {
    flushed.resolve(false);
    const reason = isBreakwaterError(error)
      ? error
      : new BreakwaterError('DataDirectoryUnusable', 'cannot write the journal', { cause: error });
    this.#onFailure(reason);
    release();
  }

  #commit(batch: readonly Write[]): void {
    const statements = this.#statements;
    this.#faults('commit.begin');
    statements.begin.run();
    for (const { write } of batch) write(statements);
    if (this.#lastChunk - this.#indexed >= CHUNKS_A_BATCH) {
      statements.indexChunks.run(this.#indexed);
      this.#indexed = this.#lastChunk;
      statements.saveSetting.run('indexed', String(this.#indexed));
    }
    this.#faults('commit.written');
    statements.commit.run();
    this.#faults('commit.done');
  }

  #number(sql: string): number {
    const row = this.#db.prepare(sql).get() as { value: number | null };
    return row.value ?? 0;
  }
}

/** Opens the file and makes its tables. Throws `StoreCorrupt` or `DataDirectoryUnusable`, and then calls `unlock`. */
function openDatabase(path: string, unlock: () => void): DatabaseSync {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(path);
    const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
    if (version > SCHEMA_VERSION) {
      throw new BreakwaterError(
        'DataDirectoryUnusable',
        `${path} was written by a newer version of Breakwater`,
      );
    }
    db.exec(SCHEMA);
    return db;
  } catch (error) {
    db?.close();
    unlock();
    if (isBreakwaterError(error)) throw error;
    const isCorrupt = CORRUPT.has((error as { errcode?: number }).errcode ?? 0);
    const code = isCorrupt ? 'StoreCorrupt' : 'DataDirectoryUnusable';
    throw new BreakwaterError(code, `cannot open ${path}`, { cause: error });
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const CORRUPT = new Set([11, 26]);
