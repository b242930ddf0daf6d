import { BreakwaterError, hasCode } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import type { Store, TableName, Write } from './port.ts';

/** A document with its revision, which rises by 1 with each change and is what an ETag says. */
export interface Stored<T> {
  readonly id: string;
  readonly revision: number;
  readonly value: T;
}

export interface DocumentsParams {
  readonly store: Store;
  readonly table: TableName;
  /** In a table with a sort key: all documents of a kind share this partition. Without it the id is the partition. */
  readonly partition?: string;
  /** For messages: `plan`, `target account`. */
  readonly noun: string;
}

/**
 * Named documents such as plans or schedules. Values are JSON that the caller has parsed; they are trusted here. `along` is
 * written in the same transaction.
 */
export class DocumentRepository<T> {
  readonly #params: DocumentsParams;

  constructor(params: DocumentsParams) {
    this.#params = params;
  }

  async find(id: string): Promise<Stored<T> | null> {
    const { store, table } = this.#params;
    const row = await store.get({ table, key: this.#key(id) });
    return row === null ? null : { id, revision: row.revision, value: row.value as T };
  }

  /** Throws `NotFound`. */
  async get(id: string): Promise<Stored<T>> {
    const found = await this.find(id);
    if (found === null) throw this.#missing(id);
    return found;
  }

  async list({ limit = 100, cursor }: { limit?: number; cursor?: string } = {}): Promise<{
    readonly items: readonly Stored<T>[];
    readonly cursor?: string;
  }> {
    const { store, table, partition } = this.#params;
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
    const { rows, ...rest } =
      partition === undefined
        ? await store.scan({ table, ...page })
        : await store.query({ table, partition, ...page });
    return {
      ...rest,
      items: rows.map(({ key, revision, value }) => ({
        id: partition === undefined ? key.partition : key.sort,
        revision,
        value: value as T,
      })),
    };
  }

  /** Throws `AlreadyExists`. */
  async create(id: string, value: T, along: readonly Write[] = []): Promise<Stored<T>> {
    try {
      return await this.#put(id, value, 'absent', along);
    } catch (error) {
      if (!hasCode(error, 'RevisionConflict')) throw error;
      throw new BreakwaterError(
        'AlreadyExists',
        `${this.#params.noun} ${JSON.stringify(id)} exists already`,
        {
          cause: error,
        },
      );
    }
  }

  /** Throws `NotFound`, or `PreconditionFailed` with `details.revision` when someone else has changed it meanwhile. */
  async update(id: string, value: T, expected: number, along: readonly Write[] = []): Promise<Stored<T>> {
    await this.#expect(id, expected);
    return this.#conditional(id, () => this.#put(id, value, expected, along));
  }

  /** Throws as `update` does. */
  async remove(id: string, expected: number, along: readonly Write[] = []): Promise<void> {
    await this.#expect(id, expected);
    const { store, table } = this.#params;
    await this.#conditional(id, () =>
      store.write([{ kind: 'remove', table, key: this.#key(id), expect: expected }, ...along]),
    );
  }

  async #expect(id: string, expected: number): Promise<void> {
    const { revision } = await this.get(id);
    if (revision !== expected) throw this.#changed(id, revision);
  }

  async #conditional<R>(id: string, write: () => Promise<R>): Promise<R> {
    try {
      return await write();
    } catch (error) {
      if (!hasCode(error, 'RevisionConflict')) throw error;
      throw this.#changed(id, (await this.get(id)).revision, error);
    }
  }

  async #put(id: string, value: T, expect: number | 'absent', along: readonly Write[]): Promise<Stored<T>> {
    const { store, table } = this.#params;
    const [revision] = await store.write([
      { kind: 'put', table, key: this.#key(id), value: value as Json, expect },
      ...along,
    ]);
    return { id, revision: revision!, value };
  }

  #key(id: string): { partition: string; sort: string } {
    const { partition } = this.#params;
    return partition === undefined ? { partition: id, sort: '' } : { partition, sort: id };
  }

  #missing(id: string): BreakwaterError {
    return new BreakwaterError('NotFound', `there is no ${this.#params.noun} ${JSON.stringify(id)}`);
  }

  #changed(id: string, revision: number, cause?: unknown): BreakwaterError {
    return new BreakwaterError(
      'PreconditionFailed',
      `${this.#params.noun} ${JSON.stringify(id)} has changed since it was read; it is at revision ${revision} now`,
      { details: { revision }, ...(cause === undefined ? {} : { cause }) },
    );
  }
}
