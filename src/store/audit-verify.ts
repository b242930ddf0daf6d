import { chain, checkLink, type BrokenLink, type ChainedRecord, type Hash } from '#core/audit-chain.ts';
import { canonicalJson } from '#core/canonical-json.ts';
import { hasCode } from '#core/errors.ts';
import { AUDIT_TABLE, blockOf, keyOf, partitionOf, putOf, valueOf } from './audit-rows.ts';
import { breathe } from './breathe.ts';
import type { Row, Store } from './port.ts';

/** Of a long read, before others have their turn: some ms. */
const READ_AT_ONCE = 100;

/** Where the chain ends. */
export interface Head {
  readonly sequence: number;
  readonly hash: string;
}

export interface ChainVerdict {
  /** How many are sound. */
  readonly records: number;
  readonly head: string;
  readonly broken: BrokenLink | null;
}

interface ChainParams {
  readonly store: Store;
  readonly hash: Hash;
  /** The hash before the first link. */
  readonly genesis: string;
  /** Throws `AuditBroken` for a head that is none. */
  readonly readHead: () => Promise<Head>;
}

/** Reads the whole chain and answers the first broken link. */
export async function verifyChain({ store, hash, genesis, readHead }: ChainParams): Promise<ChainVerdict> {
  // Read first: what is appended meanwhile comes behind it.
  const head = await readHead().catch((error: unknown) => {
    if (hasCode(error, 'AuditBroken')) return null;
    throw error;
  });
  if (head === null) return { records: 0, head: '', broken: { sequence: 0, why: 'head does not match' } };
  let last: Head = { sequence: 0, hash: genesis };
  const answer = (broken: BrokenLink | null) => ({ records: last.sequence, head: head.hash, broken });
  for await (const row of rowsOf(store, head.sequence)) {
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

/** The rows from the first on, as they stand in the store; at most `most`. */
async function* rowsOf(store: Store, most: number): AsyncGenerator<Row> {
  let count = 0;
  for (let block = 0; count < most; block++) {
    let cursor: string | undefined;
    do {
      const page = await store.query({
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
