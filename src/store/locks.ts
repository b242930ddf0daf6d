import type { Json } from '#core/json.ts';
import { hasCode } from '#core/errors.ts';
import { allRows } from './all-rows.ts';
import type { Key, Store, Write } from './port.ts';

const TABLE = 'platform-records';
const PARTITION = 'lock';

/** A resource is in one execution at a time: a lock is a row by the resource's name, taken by conditional write. */
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
    for (let i = 0; i < wanted.length; i += 100) {
      const held = await this.#takeSome(owner, wanted.slice(i, i + 100));
      if (held.length > 0) return held;
    }
    return [];
  }

  async #takeSome(owner: string, names: readonly string[]): Promise<{ name: string; heldBy: string }[]> {
    for (;;) {
      const rows = await Promise.all(
        names.map((name) => this.#store.get({ table: TABLE, key: keyOf(name) })),
      );
      const held = rows.flatMap((row, i) => {
        const heldBy = row === null ? owner : (row.value as { owner: string }).owner;
        return heldBy === owner ? [] : [{ name: names[i]!, heldBy }];
      });
      const free = names.filter((_, i) => rows[i] === null);
      if (held.length > 0 || free.length === 0) return held;
      try {
        await this.#store.write(free.map((name) => put(owner, name)));
        return [];
      } catch (error) {
        if (!hasCode(error, 'RevisionConflict')) throw error;
      }
    }
  }

  /** Gives back every lock of an owner. Safe to repeat. */
  async release(owner: string): Promise<void> {
    const rows = await allRows(this.#store, {
      table: TABLE,
      byIndex: true,
      partition: `${PARTITION}/${owner}`,
    });
    for (let i = 0; i < rows.length; i += 100) {
      const removes = rows
        .slice(i, i + 100)
        .map((row): Write => ({ kind: 'remove', table: TABLE, key: row.key, expect: 'any' }));
      await this.#store.write(removes);
    }
  }
}

function keyOf(name: string): Key {
  return { partition: PARTITION, sort: name };
}

function put(owner: string, name: string): Write {
  const value: Json = { owner, name };
  return {
    kind: 'put',
    table: TABLE,
    key: keyOf(name),
    value,
    index: { partition: `${PARTITION}/${owner}`, sort: name },
    expect: 'absent',
  };
}
