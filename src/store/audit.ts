import {
  chain,
  checkLink,
  genesisHash,
  type BrokenLink,
  type ChainedRecord,
  type Hash,
} from '#core/audit-chain.ts';
import { canonicalJson } from '#core/canonical-json.ts';
import { BreakwaterError, hasCode } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import { allRows } from './all-rows.ts';
import { AuditQueue, type Entry } from './audit-queue.ts';
import {
  ANNOUNCED,
  announcementOf,
  AUDIT_TABLE,
  blockOf,
  indexOf,
  keyOf,
  partitionOf,
  putOf,
  removalOf,
  valueOf,
  type Announced,
  type NewAuditRecord,
} from './audit-rows.ts';
import { breathe } from './breathe.ts';
import type { Row, Store, Write } from './port.ts';

/** Of a long read, before others have their turn: some ms. */
const READ_AT_ONCE = 100;
/** An index may be behind by as many records. */
const MOST_BEHIND = 500;
/** Executions whose events may not all be in the chain. */
const UNCHAINED = 'audit-unchained';
const HEAD = { table: AUDIT_TABLE, key: { partition: 'audit-head', sort: '' } } as const;

interface Head {
  readonly sequence: number;
  readonly hash: string;
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

/** The audit trail. Records are chained in the order of `append`; records and the head of the chain are written together. */
export class AuditRepository {
  readonly #params: AuditRepositoryParams;
  readonly #genesis: string;
  readonly #queue = new AuditQueue((entries) => this.#write(entries));

  constructor(params: AuditRepositoryParams) {
    this.#params = params;
    this.#genesis = genesisHash(params.serverId, params.hash);
  }

  /**
   * Resolves when the record is durable, with its sequence number. Together with it goes its announcement, if it had one.
   */
  append(record: NewAuditRecord, announced: Write | null = null): Promise<number> {
    return this.#queue.add({ record, announced });
  }

  /** As `append`, but waits for company: at most a second, or until something else is appended. For what may be lost by a kill. */
  appendSoon(record: NewAuditRecord): Promise<number> {
    return this.#queue.addSoon({ record, announced: null });
  }

  /** Resolves when everything appended so far is durable or has failed. */
  settled(): Promise<void> {
    return this.#queue.settled();
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
    const query = { table: AUDIT_TABLE, byIndex: true, partition: indexOf(executionId), ...page } as const;
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
    await this.#params.store.write([{ kind: 'put', table: AUDIT_TABLE, key, value: {}, expect: 'any' }]);
  }

  async noteChained(executionId: string): Promise<void> {
    const key = { partition: UNCHAINED, sort: executionId };
    await this.#params.store.write([{ kind: 'remove', table: AUDIT_TABLE, key, expect: 'any' }]);
  }

  async unchained(): Promise<readonly string[]> {
    const rows = await allRows(this.#params.store, { table: AUDIT_TABLE, partition: UNCHAINED });
    return rows.map(({ key }) => key.sort);
  }

  /** Chains what was announced, and never chained because the process was killed. Before anything else is announced. */
  async chainAnnounced(): Promise<void> {
    const rows = await allRows(this.#params.store, { table: AUDIT_TABLE, partition: ANNOUNCED });
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
    const row = await this.#params.store.get({ table: AUDIT_TABLE, key: keyOf(sequence) });
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

  /** Answers the first sequence number. */
  async #write(batch: readonly Entry[]): Promise<number> {
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
          table: AUDIT_TABLE,
          partition: partitionOf(block),
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
          table: AUDIT_TABLE,
          partition: partitionOf(block),
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
      sequences.map((sequence) => this.#params.store.get({ table: AUDIT_TABLE, key: keyOf(sequence) })),
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
        table: AUDIT_TABLE,
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
      const query = { table: AUDIT_TABLE, partition: partitionOf(block), order: 'descending' } as const;
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
