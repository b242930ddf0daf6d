import type { Scope } from './contract.ts';

/** Something that will happen by itself. */
export interface AgendaItem extends Scope {
  readonly at: number;
  readonly sequence: number;
  readonly service: string;
  readonly kind: string;
  readonly data: unknown;
}

/** What will happen, in order of time, and of making within one instant. */
export class Agenda {
  readonly #items: AgendaItem[] = [];

  add(item: AgendaItem): void {
    let index = this.#items.length;
    while (index > 0 && isAfter(this.#items[index - 1]!, item)) index--;
    this.#items.splice(index, 0, item);
  }

  /** By sequence number. */
  remove(id: string): void {
    const index = this.#items.findIndex(({ sequence }) => String(sequence) === id);
    if (index >= 0) this.#items.splice(index, 1);
  }

  firstDue(now: number): AgendaItem | undefined {
    const first = this.#items[0];
    return first !== undefined && first.at <= now ? first : undefined;
  }
}

function isAfter(a: AgendaItem, b: AgendaItem): boolean {
  return a.at > b.at || (a.at === b.at && a.sequence > b.sequence);
}
