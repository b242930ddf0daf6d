/**
 * Lets writes that touch the same rows go one after the other, in the order of the calls, and all others at once. Two requests
 * to DynamoDB that are under way together have no order, and one of two transactions on a row would be refused.
 */
export class WriteOrder {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<T>(names: readonly string[], write: () => Promise<T>): Promise<T> {
    const before = names.flatMap((name) => this.#last.get(name) ?? []);
    const mine = before.length === 0 ? write() : Promise.allSettled(before).then(write);
    for (const name of names) this.#last.set(name, mine);
    try {
      return await mine;
    } finally {
      for (const name of names) if (this.#last.get(name) === mine) this.#last.delete(name);
    }
  }

  /** Resolves when nothing that was asked for until now is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#last.values());
  }
}
