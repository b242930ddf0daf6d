import { chain, checkLink, type BrokenLink, type ChainedRecord, type Hash } from '#core/audit-chain.ts';
import { canonicalJson } from '#core/canonical-json.ts';
import { hasCode } from '#core/errors.ts';
import { AUDIT_TABLE, blockOf, keyOf, pad, partitionOf, putOf, valueOf } from './audit-rows.ts';
import { breathe } from './breathe.ts';
import { encodeCursor } from './cursor.ts';
import type { Row, Store } from './port.ts';

/** Of a long read, before others have their turn: some ms. */
const READ_AT_ONCE = 100;

/** Where the chain ends. */
export interface Head {
  readonly sequence: number;
  readonly hash: string;
}

export interface ChainVerdict {
  /** Up to which record all are sound: of a part, if those before it are. */
  readonly records: number;
  readonly head: string;
  /** How many there were when it began. */
  readonly total: number;
  readonly broken: BrokenLink | null;
  /** The last link that was looked at, if there are more: the next part begins behind it. */
  readonly next: Head | null;
}

/** Some of the chain. */
export interface ChainPart {
  /** The link that it begins behind, as the part before has ended. */
  readonly after?: Head;
  /** It ends before the next record then. */
  readonly isOver: () => boolean;
}

interface ChainParams {
  readonly store: Store;
  readonly hash: Hash;
  /** The hash before the first link. */
  readonly genesis: string;
  /** Throws `AuditBroken` for a head that is none. */
  readonly readHead: () => Promise<Head>;
}

/** Reads the whole chain, or a part of it that has at least one record, and answers the first broken link. */
export async function verifyChain(
  { store, hash, genesis, readHead }: ChainParams,
  { after = { sequence: 0, hash: genesis }, isOver }: ChainPart = { isOver: () => false },
): Promise<ChainVerdict> {
  // Read first: what is appended meanwhile comes behind it.
  const head = await readHead().catch((error: unknown) => {
    if (hasCode(error, 'AuditBroken')) return null;
    throw error;
  });
  if (head === null)
    return {
      records: 0,
      head: '',
      total: 0,
      broken: { sequence: 0, why: 'head does not match' },
      next: null,
    };
  let last = after;
  const answer = (broken: BrokenLink | null, next: Head | null = null) => ({
    records: last.sequence,
    head: head.hash,
    total: head.sequence,
    broken,
    next,
  });
  for await (const row of rowsOf(store, after.sequence, head.sequence)) {
    if (last.sequence > after.sequence && isOver()) return answer(null, last);
    const broken = checkRow(row, last, hash);
    if (broken !== null) return answer(broken);
    last = { sequence: last.sequence + 1, hash: valueOf(row).hash };
  }
  if (last.sequence < head.sequence) return answer({ sequence: last.sequence + 1, why: 'record missing' });
  const isWhole =
    head.hash === last.hash &&
    head.sequence === last.sequence &&
    ((await lastFrom(store, last.sequence + 1)) ?? 0) <= (await readHead()).sequence;
  return answer(isWhole ? null : { sequence: last.sequence, why: 'head does not match' });
}

/** The rows behind a number, as they stand in the store, up to the one that should be there at another. */
async function* rowsOf(store: Store, after: number, to: number): AsyncGenerator<Row> {
  const most = to - after;
  const begun = blockOf(after);
  let count = 0;
  for (let block = Math.max(0, begun); count < most; block++) {
    let cursor = block === begun ? encodeCursor([partitionOf(block), pad(after)]) : undefined;
    do {
      const page = await store.query({
        table: AUDIT_TABLE,
        partition: partitionOf(block),
        limit: READ_AT_ONCE,
        ...(cursor === undefined ? {} : { cursor }),
      });
      if (page.rows.length === 0 && block > begun) return;
      for (const row of page.rows) if (count++ < most) yield row;
      await breathe();
      cursor = page.cursor;
    } while (cursor !== undefined && count < most);
  }
}

/** What is wrong with the row that should stand behind `last`. */
function checkRow({ key, value, index }: Row, last: Head, hash: Hash): BrokenLink | null {
  const sequence = last.sequence + 1;
  if (canonicalJson(key) !== canonicalJson(keyOf(sequence))) return { sequence, why: 'record missing' };
  const link = (value ?? {}) as unknown as ChainedRecord;
  if (typeof link.record !== 'object' || link.record === null) return { sequence, why: 'record changed' };
  const broken = checkLink(link, { sequence, previous: last.hash, hash });
  if (broken !== null) return broken;
  const expected = putOf(chain(link.record, last.hash, hash));
  const isExact =
    canonicalJson(expected.value) === canonicalJson(value) &&
    canonicalJson(expected.index ?? null) === canonicalJson(index ?? null);
  return isExact ? null : { sequence, why: 'link changed' };
}

/** The highest sequence number of the rows at and behind one, in this block and the next; `null`: there is none. */
async function lastFrom(store: Store, sequence: number): Promise<number | null> {
  const blocks = [blockOf(sequence), blockOf(sequence) + 1];
  const pages = await Promise.all(
    blocks.map((block) =>
      store.query({
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
