import {
  chain,
  checkLink,
  genesisHash,
  type AuditRecord,
  type BrokenLink,
  type ChainedRecord,
  type Hash,
} from '#core/audit-chain.ts';
import { canonicalJson } from '#core/canonical-json.ts';
import { BreakwaterError, hasCode } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import { allRows } from './all-rows.ts';
import { breathe } from './breathe.ts';
import type { Row, Store, Write } from './port.ts';

const TABLE = 'platform-records';
/** A partition holds so many records, so that none grows without end. */
const BLOCK = 10_000;
/** A transaction has at most 100 writes; one is the head. */
const MOST_A_WRITE = 99;
/** Of a long read, before others have their turn: some ms. */
const READ_AT_ONCE = 100;
const SOON_MS = 1_000;
/** An index may be behind by as many records. */
const MOST_BEHIND = 500;
/** Records that were written with what they are about, and are to be chained yet. */
const ANNOUNCED = 'audit-announced';
/** Executions whose events may not all be in the chain. */
const UNCHAINED = 'audit-unchained';
const HEAD = { table: TABLE, key: { partition: 'audit-head', sort: '' } } as const;

export type NewAuditRecord = Omit<AuditRecord, 'sequence' | 'at'>;

interface Head {
  readonly sequence: number;
  readonly hash: string;
}

interface Waiting {
  readonly record: NewAuditRecord;
  readonly announced: Write | null;
  readonly done: (sequence: number) => void;
  readonly failed: (error: unknown) => void;
  readonly written: Promise<number>;
}

export interface AuditRepositoryParams {
  readonly store: Store;
  readonly hash: Hash;
  readonly serverId: string;
  /** Milliseconds since 1970, real time. */
  readonly now: () => number;
}

export interface AuditPage {
  readonly records: readonly ChainedRecord[];
  readonly cursor?: string;
}

/**
 * The audit trail. Records are chained in the order of `append`; records and the head of the chain are written together, and
 * what comes while a write is under way goes into the next, so that many callers cost few transactions.
 */
export class AuditRepository {
  readonly #params: AuditRepositoryParams;
  readonly #genesis: string;
  #waiting: Waiting[] = [];
  #writing = false;
  /** The last record of those that are being written, or were last. */
  #batch: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(params: AuditRepositoryParams) {
    this.#params = params;
    this.#genesis = genesisHash(params.serverId, params.hash);
  }

  /**
   * Resolves when the record is durable, with its sequence number. Together with it goes its announcement, if it had one.
   */
  append(record: NewAuditRecord, announced: Write | null = null): Promise<number> {
    const written = this.#wait(record, announced);
    this.#flush();
    return written;
  }

  /** As `append`, but waits for company: at most a second, or until something else is appended. For what may be lost by a kill. */
  appendSoon(record: NewAuditRecord): Promise<number> {
    const written = this.#wait(record, null);
    if (this.#waiting.length >= MOST_A_WRITE) this.#flush();
    else if (!this.#writing) this.#timer ??= setTimeout(() => this.#flush(), SOON_MS).unref();
    return written;
  }

  /** Resolves when everything appended so far is durable or has failed. */
  async settled(): Promise<void> {
    const last = this.#waiting.at(-1)?.written ?? this.#batch;
    if (this.#waiting.length > 0) this.#flush();
    await Promise.allSettled([last]);
  }

  /** The hash of this chain. */
  hash(text: string): string {
    return this.#params.hash(text);
  }

  /** Throws `AuditBroken` for a head that is none. */
  async head(): Promise<Head> {
    return this.#headOf(await this.#params.store.get(HEAD));
  }

  /** The records behind a sequence number, oldest first. */
  list({ after = 0, limit = 100 }: { after?: number; limit?: number } = {}): Promise<
    readonly ChainedRecord[]
  > {
    return this.#from(after, limit);
  }

  /** Of one execution, or of all; oldest first. */
  async page({
    executionId,
    limit,
    cursor,
  }: {
    executionId?: string;
    limit: number;
    cursor?: string;
  }): Promise<AuditPage> {
    if (executionId !== undefined) return this.#pageOf(executionId, { limit, ...(cursor && { cursor }) });
    const after = readCursor(cursor);
    const { sequence } = await this.head();
    const records = await this.#from(after, Math.max(0, Math.min(limit, sequence - after)));
    const last = records.at(-1)?.sequence ?? sequence;
    return { records, ...(last < sequence ? { cursor: String(last) } : {}) };
  }

  async #pageOf(executionId: string, page: { limit: number; cursor?: string }): Promise<AuditPage> {
    const query = { table: TABLE, byIndex: true, partition: indexOf(executionId), ...page } as const;
    try {
      const { rows, ...rest } = await this.#params.store.query(query);
      return { ...rest, records: rows.map(valueOf) };
    } catch (error) {
      if (!hasCode(error, 'CursorInvalid') || page.cursor === undefined) throw error;
      throw notOurCursor(error);
    }
  }

  /** Notes that events of an execution may have to be chained yet. */
  async noteUnchained(executionId: string): Promise<void> {
    const key = { partition: UNCHAINED, sort: executionId };
    await this.#params.store.write([{ kind: 'put', table: TABLE, key, value: {}, expect: 'any' }]);
  }

  async noteChained(executionId: string): Promise<void> {
    const key = { partition: UNCHAINED, sort: executionId };
    await this.#params.store.write([{ kind: 'remove', table: TABLE, key, expect: 'any' }]);
  }

  async unchained(): Promise<readonly string[]> {
    const rows = await allRows(this.#params.store, { table: TABLE, partition: UNCHAINED });
    return rows.map(({ key }) => key.sort);
  }

  /** Chains what was announced, and never chained because the process was killed. Before anything else is announced. */
  async chainAnnounced(): Promise<void> {
    const rows = await allRows(this.#params.store, { table: TABLE, partition: ANNOUNCED });
    for (const { value } of rows) {
      const { record, id } = value as unknown as Announced;
      await this.append(record, announcementOf(record, id));
    }
  }

  /** The records of an execution, the newest first. */
  newestFirst(executionId: string): AsyncIterable<ChainedRecord> {
    return this.#ofExecution(executionId);
  }

  /** The link at a sequence number; at 0 the hash before the first. `null` if it is missing. */
  async hashAt(sequence: number): Promise<string | null> {
    if (sequence === 0) return this.#genesis;
    const row = await this.#params.store.get({ table: TABLE, key: keyOf(sequence) });
    return row === null ? null : valueOf(row).hash;
  }

  /**
   * Reads the whole chain, a page at a time, and answers the first broken link. Each row must be exactly what its record gives behind
   * the row before, in the list of its execution, and nothing may stand behind the head. A tail that was cut off together with its
   * head shows only against a head that was kept elsewhere.
   */
  async verify(): Promise<{
    readonly records: number;
    readonly head: string;
    readonly broken: BrokenLink | null;
  }> {
    // Read first: what is appended meanwhile comes behind it.
    const head = await this.head().catch((error: unknown) => {
      if (hasCode(error, 'AuditBroken')) return null;
      throw error;
    });
    if (head === null) return { records: 0, head: '', broken: { sequence: 0, why: 'head does not match' } };
    let last: Head = { sequence: 0, hash: this.#genesis };
    const answer = (broken: BrokenLink | null) => ({ records: last.sequence, head: head.hash, broken });
    for await (const row of this.#rows(head.sequence)) {
      const broken = this.#checkRow(row, last);
      if (broken !== null) return answer(broken);
      last = { sequence: last.sequence + 1, hash: valueOf(row).hash };
    }
    if (last.sequence < head.sequence) return answer({ sequence: last.sequence + 1, why: 'record missing' });
    const isWhole =
      head.hash === last.hash &&
      head.sequence === last.sequence &&
      ((await this.#lastFrom(last.sequence + 1)) ?? 0) <= (await this.head()).sequence;
    return answer(isWhole ? null : { sequence: last.sequence, why: 'head does not match' });
  }

  #wait(record: NewAuditRecord, announced: Write | null): Promise<number> {
    const { promise: written, resolve: done, reject: failed } = Promise.withResolvers<number>();
    this.#waiting.push({ record, announced, done, failed, written });
    return written;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing) return;
    this.#writing = true;
    // What is appended in the same breath goes into the same write.
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

  /** Answers the first sequence number. */
  async #write(batch: readonly Pick<Waiting, 'record' | 'announced'>[]): Promise<number> {
    const { store, hash, now } = this.#params;
    for (;;) {
      const row = await store.get(HEAD);
      let head = this.#headOf(row);
      const at = new Date(now()).toISOString();
      const writes = batch.flatMap(({ record, announced }): Write[] => {
        const link = chain({ sequence: head.sequence + 1, at, ...record }, head.hash, hash);
        head = { sequence: link.sequence, hash: link.hash };
        return announced === null ? [putOf(link)] : [putOf(link), removalOf(announced)];
      });
      try {
        const value: Json = { ...head };
        await store.write([...writes, { kind: 'put', ...HEAD, value, expect: row?.revision ?? 'absent' }]);
        return head.sequence - batch.length + 1;
      } catch (error) {
        if (!hasCode(error, 'RevisionConflict')) throw error;
        // Another process has appended: the chain goes on behind that. Otherwise records stand behind the head already.
        if ((await store.get(HEAD))?.revision === row?.revision)
          throw new BreakwaterError('AuditBroken', `the audit trail has records behind its head`, {
            cause: error,
          });
      }
    }
  }

  /** The rows from the first on, as they stand in the store; at most `most`. */
  async *#rows(most: number): AsyncGenerator<Row> {
    let count = 0;
    for (let block = 0; count < most; block++) {
      let cursor: string | undefined;
      do {
        const page = await this.#params.store.query({
          table: TABLE,
          partition: `audit/${block}`,
          limit: READ_AT_ONCE,
          ...(cursor === undefined ? {} : { cursor }),
        });
        if (page.rows.length === 0) return;
        for (const row of page.rows) if (count++ < most) yield row;
        await breathe();
        cursor = page.cursor;
      } while (cursor !== undefined && count < most);
    }
  }

  #headOf(row: Row | null): Head {
    if (row === null) return { sequence: 0, hash: this.#genesis };
    const { sequence, hash, ...rest } = (row.value ?? {}) as { sequence?: Json; hash?: Json };
    const isHead =
      Number.isSafeInteger(sequence) && typeof hash === 'string' && Object.keys(rest).length === 0;
    if (isHead) return { sequence: sequence as number, hash };
    throw new BreakwaterError('AuditBroken', 'the head of the audit trail was changed');
  }

  /** What is wrong with the row that should stand behind `last`. */
  #checkRow({ key, value, index }: Row, last: Head): BrokenLink | null {
    const sequence = last.sequence + 1;
    if (canonicalJson(key) !== canonicalJson(keyOf(sequence))) return { sequence, why: 'record missing' };
    const link = (value ?? {}) as unknown as ChainedRecord;
    if (typeof link.record !== 'object' || link.record === null) return { sequence, why: 'record changed' };
    const { hash } = this.#params;
    const broken = checkLink(link, { sequence, previous: last.hash, hash });
    if (broken !== null) return broken;
    const expected = putOf(chain(link.record, last.hash, hash));
    const isExact =
      canonicalJson(expected.value) === canonicalJson(value) &&
      canonicalJson(expected.index ?? null) === canonicalJson(index ?? null);
    return isExact ? null : { sequence, why: 'link changed' };
  }

  /** The highest sequence number of the rows at and behind one, in this block and the next; `null`: there is none. */
  async #lastFrom(sequence: number): Promise<number | null> {
    const blocks = [blockOf(sequence), blockOf(sequence) + 1];
    const pages = await Promise.all(
      blocks.map((block) =>
        this.#params.store.query({
          table: TABLE,
          partition: `audit/${block}`,
          order: 'descending',
          limit: 1,
        }),
      ),
    );
    const last = pages.flatMap(({ rows }) => rows.map(({ key }) => Number(key.sort))).at(-1);
    return last === undefined || last < sequence ? null : last;
  }

  /** What is there of the next `limit` sequence numbers. */
  async #from(after: number, limit: number): Promise<ChainedRecord[]> {
    const sequences = Array.from({ length: limit }, (_, index) => after + 1 + index);
    const rows = await Promise.all(
      sequences.map((sequence) => this.#params.store.get({ table: TABLE, key: keyOf(sequence) })),
    );
    return rows.flatMap((row) => (row === null ? [] : [valueOf(row)]));
  }

  /** The newest records of all are read by key: an index may not show yet what was written last. */
  async *#ofExecution(executionId: string): AsyncGenerator<ChainedRecord> {
    const { sequence } = await this.head();
    const newest = await this.#newest(sequence);
    yield* newest.filter(({ record }) => record.executionId === executionId);
    const before = newest.at(-1)?.sequence ?? 0;
    let cursor: string | undefined;
    do {
      const page = await this.#params.store.query({
        table: TABLE,
        byIndex: true,
        partition: indexOf(executionId),
        order: 'descending',
        limit: 100,
        ...(cursor === undefined ? {} : { cursor }),
      });
      yield* page.rows.map(valueOf).filter((link) => link.sequence < before);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  /** As many as an index may be behind, up to a sequence number, the newest first. */
  async #newest(sequence: number): Promise<ChainedRecord[]> {
    const newest: ChainedRecord[] = [];
    for (let block = blockOf(sequence); block >= 0 && newest.length < MOST_BEHIND; block--) {
      const query = { table: TABLE, partition: `audit/${block}`, order: 'descending' } as const;
      const { rows } = await this.#params.store.query({ ...query, limit: MOST_BEHIND - newest.length });
      newest.push(...rows.map(valueOf));
    }
    return newest;
  }
}

function readCursor(cursor = '0'): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw notOurCursor();
}

function notOurCursor(cause?: unknown): BreakwaterError {
  return new BreakwaterError('RequestInvalid', 'the cursor is not from a page of this list', { cause });
}

function putOf(link: ChainedRecord): Write & { kind: 'put' } {
  const { executionId } = link.record;
  return {
    kind: 'put',
    table: TABLE,
    key: keyOf(link.sequence),
    value: link as unknown as Json,
    expect: 'absent',
    ...(executionId === undefined
      ? {}
      : { index: { partition: indexOf(executionId), sort: pad(link.sequence) } }),
  };
}

interface Announced {
  readonly record: NewAuditRecord;
  readonly id: string;
}

/** What is written together with a change, and says which record is to be chained. Those with lower ids are chained first. */
export function announcementOf(record: NewAuditRecord, id: string): Write {
  const value = { record, id } as unknown as Json;
  return { kind: 'put', table: TABLE, key: { partition: ANNOUNCED, sort: id }, value, expect: 'absent' };
}

function removalOf({ table, key }: Write): Write {
  return { kind: 'remove', table, key, expect: 'any' };
}

/** How many of those that wait go into one transaction. */
function fitting(waiting: readonly Waiting[]): number {
  let writes = 0;
  const first = waiting.findIndex(({ announced }) => {
    writes += announced === null ? 1 : 2;
    return writes > MOST_A_WRITE;
  });
  return first < 0 ? waiting.length : first;
}

function valueOf(row: Row): ChainedRecord {
  return row.value as unknown as ChainedRecord;
}

function keyOf(sequence: number): { partition: string; sort: string } {
  return { partition: `audit/${blockOf(sequence)}`, sort: pad(sequence) };
}

function indexOf(executionId: string): string {
  return `audit-of/${executionId}`;
}

function blockOf(sequence: number): number {
  return Math.floor((sequence - 1) / BLOCK);
}

function pad(sequence: number): string {
  return String(sequence).padStart(12, '0');
}
