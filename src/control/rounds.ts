import { eachAtOnce } from '#store/at-once.ts';
import type { Store, TableName } from '#store/port.ts';

interface RoundParams {
  /** Of the kind of rounds. */
  readonly name: string;
  readonly ids: readonly string[];
  /** How many are looked at at the same time. */
  readonly most: number;
  /** No other look is begun then. */
  readonly isOver: () => boolean;
  readonly look: (id: string) => Promise<void>;
}

const TABLE: TableName = 'platform-records';

/**
 * Looks at each once, several at a time. A round whose time is over is gone on with by the next one behind the last that it has begun
 * with, whichever process makes that: so none waits for ever behind others. One that fails keeps no other from being looked at; the
 * first error is thrown when the round ends. Any number of processes may go round at once.
 */
export async function goRound(store: Store, { name, ids, most, isOver, look }: RoundParams): Promise<void> {
  const key = { partition: 'rounds', sort: name };
  const kept = (await store.get({ table: TABLE, key }))?.value as { readonly after: string } | undefined;
  const inOrder = ids.toSorted();
  const first = inOrder.findIndex((id) => id > (kept?.after ?? ''));
  const from = first < 0 ? [] : inOrder.slice(first);
  const order = [...from, ...inOrder.slice(0, inOrder.length - from.length)];
  const errors: unknown[] = [];
  const begun = await eachAtOnce(order, { most, isOver }, (id) =>
    look(id).catch((error: unknown) => void errors.push(error)),
  );
  if (begun > 0 && begun < order.length)
    await store.write([
      { kind: 'put', table: TABLE, key, value: { after: order[begun - 1]! }, expect: 'any' },
    ]);
  if (errors.length > 0) throw errors[0];
}
