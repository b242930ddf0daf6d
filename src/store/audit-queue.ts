import { hasCode } from '#core/errors.ts';

const SOON_MS = 1_000;
/** Writes of a transaction. */
const MOST_A_WRITE = 100;

interface Waiting<E, T> {
  readonly entry: E;
  readonly done: (answer: T) => void;
  readonly failed: (error: unknown) => void;
  readonly written: Promise<T>;
}

export interface AuditQueueParams<E, T> {
  /** Writes entries in one transaction, and answers for each of them. One call at a time. */
  readonly write: (entries: readonly E[]) => Promise<readonly T[]>;
  /** How many of those that wait (at most 100 are asked about), from the first on, go into one transaction: at least one. */
  readonly fitting: (waiting: readonly E[]) => number;
}

/**
 * Writes entries in the order in which they come, many in one transaction: what comes while one is under way goes into the next, so
 * that many callers cost few.
 */
export class AuditQueue<E, T> {
  readonly #params: AuditQueueParams<E, T>;
  #waiting: Waiting<E, T>[] = [];
  #writing = false;
  /** The last of those that are being written, or were last. */
  #batch: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(params: AuditQueueParams<E, T>) {
    this.#params = params;
  }

  /** Resolves when the entry is written, with its answer. */
  add(entry: E): Promise<T> {
    const written = this.#wait(entry);
    this.#flush();
    return written;
  }

  /** As `add`, but waits for company: at most a second, or until something else is added. */
  addSoon(entry: E): Promise<T> {
    const written = this.#wait(entry);
    if (this.#fitting() < this.#waiting.length) this.#flush();
    else if (!this.#writing) this.#timer ??= setTimeout(() => this.#flush(), SOON_MS).unref();
    return written;
  }

  /** Resolves when everything added so far is written or has failed. */
  async settled(): Promise<void> {
    const last = this.#waiting.at(-1)?.written ?? this.#batch;
    if (this.#waiting.length > 0) this.#flush();
    await Promise.allSettled([last]);
  }

  #wait(entry: E): Promise<T> {
    const { promise: written, resolve: done, reject: failed } = Promise.withResolvers<T>();
    this.#waiting.push({ entry, done, failed, written });
    return written;
  }

  #fitting(): number {
    return this.#params.fitting(this.#waiting.slice(0, MOST_A_WRITE).map(({ entry }) => entry));
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
      const batch = this.#waiting.splice(0, this.#fitting());
      this.#batch = batch.at(-1)!.written;
      try {
        const answers = await this.#params.write(batch.map(({ entry }) => entry));
        batch.forEach(({ done }, index) => done(answers[index]!));
      } catch (error) {
        if (hasCode(error, 'RecordTooLarge') && batch.length > 1) await this.#writeEach(batch);
        else for (const { failed } of batch) failed(error);
      }
    }
    // In the same breath as the look at what waits: nobody who comes after it finds a write that has ended.
    this.#writing = false;
  }

  /** One by one, so that one that is too large does not keep the others out. */
  async #writeEach(batch: readonly Waiting<E, T>[]): Promise<void> {
    for (const { entry, done, failed } of batch) {
      try {
        const [answer] = await this.#params.write([entry]);
        done(answer!);
      } catch (error) {
        failed(error);
      }
    }
  }
}
