interface AtOnce {
  /** How many are under way at most. */
  readonly most: number;
  /** No other is begun then. */
  readonly isOver?: () => boolean;
}

/** Does a piece of work for each, in their order, several at once; answers how many were begun. Begins no other once one has failed. */
export async function eachAtOnce<T>(
  items: readonly T[],
  { most, isOver = () => false }: AtOnce,
  work: (item: T) => Promise<void>,
): Promise<number> {
  let begun = 0;
  let hasFailed = false;
  const isStopped = (): boolean => hasFailed || isOver();
  const worker = async (): Promise<void> => {
    while (begun < items.length && !isStopped())
      await work(items[begun++]!).catch((error: unknown) => {
        hasFailed = true;
        throw error;
      });
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  return begun;
}
