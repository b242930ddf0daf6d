import { chain, checkLink, genesisHash, type ChainedRecord, type Hash } from '#core/audit-chain.ts';
import { BreakwaterError, hasCode } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import { AuditQueue } from './audit-queue.ts';
import { recordsBetween, recordsOfExecution } from './audit-read.ts';
import {
  ANNOUNCED,
  announcedIn,
  AUDIT_HEAD,
  AUDIT_TABLE,
  claimOf,
  keyOf,
  putOf,
  valueOf,
  type NewAuditRecord,
} from './audit-rows.ts';
import { verifyChain, type ChainPart, type ChainVerdict, type Head } from './audit-verify.ts';
import type { Row, Store, Write } from './port.ts';

/** Records behind the head that are looked at at once: what is left then, the next turn finds. */
const MOST_TAKEN_IN = 500;
/** Writes of a transaction, without the head of the chain. */
const MOST_A_WRITE = 99;
/** Records that can be chained together with one claim. */
export const MOST_TOGETHER = MOST_A_WRITE - 1;
const HEAD = { table: AUDIT_TABLE, key: { partition: AUDIT_HEAD, sort: '' } } as const;

/** Records that are chained one behind the other, all or none. */
interface Entry {
  readonly records: readonly NewAuditRecord[];
  /** A write that can be made once: without it they are not chained. */
  readonly claim: Write | null;
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
 * The audit trail: a chain that any number of processes append to. Invariants:
 * 1. records and the head of the chain are written in one transaction, which is refused if the head has moved on since it was read.
 *    So there is one chain, and whoever is refused puts the same records behind the new head;
 * 2. what more than one process may chain has a claim, a write in that same transaction that can be made once: an announcement is
 *    taken away, an execution's progress goes on. Whoever is refused, and finds the claim made, leaves the records out: they are
 *    in the chain.
 */
export class AuditRepository {
  readonly #params: AuditRepositoryParams;
  readonly #genesis: string;
  readonly #queue = new AuditQueue<Entry, number | null>({
    write: (entries) => this.#write(entries),
    fitting,
  });

  constructor(params: AuditRepositoryParams) {
    this.#params = params;
    this.#genesis = genesisHash(params.serverId, params.hash);
  }

  /** Resolves when the record is durable, with its sequence number. */
  async append(record: NewAuditRecord): Promise<number> {
    return (await this.#queue.add({ records: [record], claim: null }))!;
  }

  /** As `append`, but waits for company: at most a second, or until something else is appended. For what may be lost by a kill. */
  async appendSoon(record: NewAuditRecord): Promise<number> {
    return (await this.#queue.addSoon({ records: [record], claim: null }))!;
  }

  /**
   * Chains records together with their claim, at most `MOST_TOGETHER`. Answers false if the claim was made already, which means that
   * somebody else has chained them.
   */
  async appendOnce(records: readonly NewAuditRecord[], claim: Write): Promise<boolean> {
    return (await this.#queue.add({ records, claim })) !== null;
  }

  /** Chains what was announced and is not chained yet, the oldest first, until its time is over. */
  async chainAnnounced(isOver: () => boolean = () => false): Promise<void> {
    const announced = { table: AUDIT_TABLE, partition: ANNOUNCED, limit: 1_000 } as const;
    let cursor: string | undefined;
    do {
      const page = await this.#params.store.query({
        ...announced,
        ...(cursor === undefined ? {} : { cursor }),
      });
      await Promise.all(page.rows.map((row) => this.appendOnce([announcedIn(row)], claimOf(row))));
      cursor = page.cursor;
    } while (cursor !== undefined && !isOver());
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
    return recordsBetween(this.#params.store, after, after + limit);
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
    const after = readCursor(cursor);
    const { sequence } = await this.head();
    const most = Math.max(0, Math.min(limit, sequence - after));
    const records =
      executionId === undefined
        ? await recordsBetween(this.#params.store, after, after + most)
        : await recordsOfExecution(this.#params.store, executionId, { after, newest: sequence, limit });
    const last = records.at(-1)?.sequence ?? sequence;
    const isLast = executionId === undefined ? last >= sequence : records.length < limit;
    return { records, ...(isLast ? {} : { cursor: String(last) }) };
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
   * head shows only against a head that was kept elsewhere. A part proves that its records go on from the link it begins behind, without
   * a gap; so parts that follow each other, the first from the beginning and the last to the head, prove what one read does.
   */
  verify(part?: ChainPart): Promise<ChainVerdict> {
    const { store, hash } = this.#params;
    return verifyChain({ store, hash, genesis: this.#genesis, readHead: () => this.head() }, part);
  }

  /** Answers each entry's first sequence number; `null` for those whose claim somebody else has made. */
  async #write(batch: readonly Entry[]): Promise<(number | null)[]> {
    const { store } = this.#params;
    let open = batch;
    for (;;) {
      const row = await store.get(HEAD);
      const { writes, firsts } = this.#link(open, row);
      try {
        if (open.length > 0) await store.write(writes);
        return batch.map((entry) => firsts.get(entry) ?? null);
      } catch (error) {
        if (!hasCode(error, 'RevisionConflict')) throw error;
        const before = open.length;
        open = await this.#unclaimed(open);
        if (open.length < before || (await store.get(HEAD))?.revision !== row?.revision) continue;
        // Neither has the chain gone on nor is a claim made: records stand behind the head already.
        if (!(await this.#takeIn(row)))
          throw new BreakwaterError('AuditBroken', `the audit trail has records behind its head`, {
            cause: error,
          });
      }
    }
  }

  /**
   * A Region that was lost can leave records here whose head did not come: to another Region a transaction is replicated row by row.
   * Those that go on where the head ends are sound, and the head moves behind them. Answers whether there were any.
   */
  async #takeIn(row: Row | null): Promise<boolean> {
    const { store, hash } = this.#params;
    const before = this.#headOf(row);
    let head = before;
    for (const link of await this.list({ after: head.sequence, limit: MOST_TAKEN_IN })) {
      const sequence = head.sequence + 1;
      if (checkLink(link, { sequence, previous: head.hash, hash }) !== null) break;
      head = { sequence, hash: link.hash };
    }
    if (head === before) return false;
    await store
      .write([{ kind: 'put', ...HEAD, value: { ...head }, expect: row?.revision ?? 'absent' }])
      .catch((error: unknown) => {
        if (!hasCode(error, 'RevisionConflict')) throw error;
      });
    return true;
  }

  /** Puts entries behind the head that `row` holds. */
  #link(entries: readonly Entry[], row: Row | null): { writes: Write[]; firsts: ReadonlyMap<Entry, number> } {
    const { hash, now } = this.#params;
    const at = new Date(now()).toISOString();
    const writes: Write[] = [];
    const firsts = new Map<Entry, number>();
    let head = this.#headOf(row);
    for (const entry of entries) {
      firsts.set(entry, head.sequence + 1);
      for (const record of entry.records) {
        const link = chain({ at, ...record, sequence: head.sequence + 1 }, head.hash, hash);
        head = { sequence: link.sequence, hash: link.hash };
        writes.push(putOf(link));
      }
      if (entry.claim !== null) writes.push(entry.claim);
    }
    const value: Json = { ...head };
    return {
      writes: [...writes, { kind: 'put', ...HEAD, value, expect: row?.revision ?? 'absent' }],
      firsts,
    };
  }

  /** Those that nobody else has chained. */
  async #unclaimed(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const isOpen = await Promise.all(
      entries.map(async ({ claim }) => {
        if (claim === null) return true;
        return ((await this.#params.store.get(claim))?.revision ?? 'absent') === claim.expect;
      }),
    );
    return entries.filter((_, index) => isOpen[index]);
  }

  #headOf(row: Row | null): Head {
    if (row === null) return { sequence: 0, hash: this.#genesis };
    const { sequence, hash, ...rest } = (row.value ?? {}) as { sequence?: Json; hash?: Json };
    const isHead =
      Number.isSafeInteger(sequence) && typeof hash === 'string' && Object.keys(rest).length === 0;
    if (isHead) return { sequence: sequence as number, hash };
    throw new BreakwaterError('AuditBroken', 'the head of the audit trail was changed');
  }
}

/** How many of those that wait go into one transaction. Two with the same claim cannot: the second will find that it is made. */
function fitting(waiting: readonly Entry[]): number {
  let writes = 0;
  const claims = new Set<string>();
  const first = waiting.findIndex(({ records, claim }) => {
    writes += records.length;
    if (claim === null) return writes > MOST_A_WRITE;
    const name = JSON.stringify([claim.key.partition, claim.key.sort]);
    const isThere = claims.has(name);
    claims.add(name);
    return ++writes > MOST_A_WRITE || isThere;
  });
  return first < 0 ? waiting.length : first;
}

function readCursor(cursor = '0'): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new BreakwaterError('RequestInvalid', 'the cursor is not from a page of this list');
}
