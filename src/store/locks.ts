import type { Json } from '#core/json.ts';
import { hasCode } from '#core/errors.ts';
import { allRows } from './all-rows.ts';
import type { Key, Store, Write } from './port.ts';

const TABLE = 'platform-records';
/** Of locks by their names. */
const LOCKS = 'lock';
/** Before an owner: of the locks that one holds. */
const LOCKS_OF = 'locks-of/';
/** All partitions that locks are in; `*` stands for any text. */
export const LOCK_PARTITIONS: readonly string[] = [LOCKS, `${LOCKS_OF}*`];
/** A lock is two rows. */
const MOST_A_WRITE = 50;

/**
 * A resource is in one execution at a time: a lock is a row by the resource's name, taken by conditional write. With it goes a row
 * by the owner's: an index would tell what an owner holds as well, but not at once what he has just taken.
 */
export class LockRepository {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Takes all the locks or, where others hold some, takes none of the rest and answers who holds which. Taking a lock
   * that one holds already is no conflict.
   */
  async take(
    owner: string,
    names: readonly string[],
  ): Promise<{ readonly name: string; readonly heldBy: string }[]> {
    const wanted = [...new Set(names)].sort();
    for (let i = 0; i < wanted.length; i += MOST_A_WRITE) {
      const held = await this.#takeSome(owner, wanted.slice(i, i + MOST_A_WRITE));
      if (held.length > 0) return held;
    }
    return [];
  }

  async #takeSome(owner: string, names: readonly string[]): Promise<{ name: string; heldBy: string }[]> {
    for (;;) {
      const rows = await Promise.all(
        names.map((name) => this.#store.get({ table: TABLE, key: { partition: LOCKS, sort: name } })),
      );
      const held = rows.flatMap((row, i) => {
        const heldBy = row === null ? owner : (row.value as { owner: string }).owner;
        return heldBy === owner ? [] : [{ name: names[i]!, heldBy }];
      });
      const free = names.filter((_, i) => rows[i] === null);
      if (held.length > 0 || free.length === 0) return held;
      try {
        await this.#store.write(free.flatMap((name) => putsOf(owner, name)));
        return [];
      } catch (error) {
        if (!hasCode(error, 'RevisionConflict')) throw error;
      }
    }
  }

  /**
   * Gives back every lock of an owner. Safe to repeat, and to do twice at once: a lock is taken away together with the row of its owner,
   * and only if that is there still. Else whoever came too late would take away what somebody else has taken meanwhile.
   */
  async release(owner: string): Promise<void> {
    for (;;) {
      const rows = await allRows(this.#store, { table: TABLE, partition: partitionOf(owner) });
      try {
        await this.#removeAll(rows.map(({ key, revision }) => [owner, key.sort, revision]));
        return;
      } catch (error) {
        if (!hasCode(error, 'RevisionConflict')) throw error;
      }
    }
  }

  async #removeAll(
    locks: readonly (readonly [owner: string, name: string, revision: number])[],
  ): Promise<void> {
    for (let i = 0; i < locks.length; i += MOST_A_WRITE)
      await this.#store.write(locks.slice(i, i + MOST_A_WRITE).flatMap((lock) => removalsOf(...lock)));
  }
}

function partitionOf(owner: string): string {
  return `${LOCKS_OF}${owner}`;
}

function keysOf(owner: string, name: string): [lock: Key, ofOwner: Key] {
  return [
    { partition: LOCKS, sort: name },
    { partition: partitionOf(owner), sort: name },
  ];
}

function putsOf(owner: string, name: string): Write[] {
  const value: Json = { owner, name };
  return keysOf(owner, name).map((key) => ({ kind: 'put', table: TABLE, key, value, expect: 'absent' }));
}

function removalsOf(owner: string, name: string, revision: number): Write[] {
  const [lock, ofOwner] = keysOf(owner, name);
  return [
    { kind: 'remove', table: TABLE, key: lock, expect: 'any' },
    { kind: 'remove', table: TABLE, key: ofOwner, expect: revision },
  ];
}
