import { hasCode } from '#core/errors.ts';
import type { NewAuditRecord } from './audit-rows.ts';
import type { Write } from './port.ts';

/** A transaction has at most 100 writes; one is the head of the chain. */
const MOST_A_WRITE = 99;
const SOON_MS = 1_000;

/** A record on its way, and the announcement that goes when it is chained. */
export interface Entry {
  readonly record: NewAuditRecord;
  readonly announced: Write | null;
}

interface Waiting extends Entry {
  readonly done: (sequence: number) => void;
  readonly failed: (error: unknown) => void;
  readonly written: Promise<number>;
}

/**
 * Writes entries in the order in which they come, many in one transaction: what comes while one is under way goes into the next, so
 * that many callers cost few.
 */
export class AuditQueue {
  /** Chains entries in one transaction, and answers the first one's sequence number. One at a time. */
  readonly #write: (entries: readonly Entry[]) => Promise<number>;
  #waiting: Waiting[] = [];
  #writing = false;
  /** The last of those that are being written, or were last. */
  #batch: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (entries: readonly Entry[]) => Promise<number>) {
    this.#write = write;
  }

  /** Resolves when the entry is written, with its sequence number. */
  add(entry: Entry): Promise<number> {
    const written = this.#wait(entry);
    this.#flush();
    return written;
  }

  /** As `add`, but waits for company: at most a second, or until something else is added. */
  addSoon(entry: Entry): Promise<number> {
    const written = this.#wait(entry);
    if (this.#waiting.length >= MOST_A_WRITE) this.#flush();
    else if (!this.#writing) this.#timer ??= setTimeout(() => this.#flush(), SOON_MS).unref();
    return written;
  }

  /** Resolves when everything added so far is written or has failed. */
  async settled(): Promise<void> {
    const last = this.#waiting.at(-1)?.written ?? this.#batch;
    if (this.#waiting.length > 0) this.#flush();
    await Promise.allSettled([last]);
  }

  #wait(entry: Entry): Promise<number> {
    const { promise: written, resolve: done, reject: failed } = Promise.withResolvers<number>();
    this.#waiting.push({ ...entry, done, failed, written });
    return written;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing) return;
    this.#writing = true;
    // What is added in the same breath goes into the same write.
    queueMicrotask(() => void this.#writeAll());
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, fitting(this.#waiting));
      this.#batch = batch.at(-1)!.written;
      try {
        const first = await this.#write(batch);
        batch.forEach(({ done }, index) => done(first + index));
      } catch (error) {
        if (hasCode(error, 'RecordTooLarge') && batch.length > 1) await this.#writeEach(batch);
        else for (const { failed } of batch) failed(error);
      }
    }
    // In the same breath as the look at what waits: nobody who comes after it finds a write that has ended.
    this.#writing = false;
  }

  /** One by one, so that one that is too large does not keep the others out. */
  async #writeEach(batch: readonly Waiting[]): Promise<void> {
    for (const one of batch) {
      const { done, failed } = one;
      try {
        done(await this.#write([one]));
      } catch (error) {
        failed(error);
      }
    }
  }
}

/** How many of those that wait go into one transaction. */
function fitting(waiting: readonly Entry[]): number {
  let writes = 0;
  const first = waiting.findIndex(({ announced }) => {
    writes += announced === null ? 1 : 2;
    return writes > MOST_A_WRITE;
  });
  return first < 0 ? waiting.length : first;
}
