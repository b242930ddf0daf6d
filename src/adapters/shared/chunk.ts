/** Pieces of at most `size`, in order. */
export function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/** How many ids DRS takes in one Describe or Terminate call (service model). */
export const MOST_IDS = 200;
