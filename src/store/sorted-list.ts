import type { Place } from './cursor.ts';
import { compareKeys } from './sort-order.ts';

/** Values in the order of their places: the memory store's stand-in for a B-tree. */
export class SortedList<V> {
  readonly #places: Place[] = [];
  readonly #values: V[] = [];

  get size(): number {
    return this.#places.length;
  }

  /** Adds the value, or replaces the one at this place. */
  set(place: Place, value: V): void {
    const at = this.lowerBound(place);
    const replaced = this.#isAt(at, place) ? 1 : 0;
    this.#places.splice(at, replaced, place);
    this.#values.splice(at, replaced, value);
  }

  get(place: Place): V | undefined {
    const at = this.lowerBound(place);
    return this.#isAt(at, place) ? this.#values[at] : undefined;
  }

  remove(place: Place): void {
    const at = this.lowerBound(place);
    if (!this.#isAt(at, place)) return;
    this.#places.splice(at, 1);
    this.#values.splice(at, 1);
  }

  slice(from: number, to: number): V[] {
    return this.#values.slice(from, to);
  }

  /** How many places come before this one; a place comes before those that it is the beginning of. */
  lowerBound(place: Place): number {
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comparePlaces(this.#places[middle]!, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many places come before this one or are this one. */
  upperBound(place: Place): number {
    const at = this.lowerBound(place);
    return this.#isAt(at, place) ? at + 1 : at;
  }

  #isAt(at: number, place: Place): boolean {
    const found = this.#places[at];
    return found !== undefined && comparePlaces(found, place) === 0;
  }
}

function comparePlaces(a: Place, b: Place): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareKeys(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
