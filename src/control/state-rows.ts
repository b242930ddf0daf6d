import type { Json } from '#core/json.ts';
import type { Store, Write } from '#store/port.ts';

/** Rows that the server keeps beside the documents of people, and that may change while those do. */
export type StatePartition = 'schedule-states' | 'trigger-states' | 'subscription-states';

/** Whoever is at work with the state finds it changed, and begins again. */
export async function putState(
  store: Store,
  partition: StatePartition,
  id: string,
  value: Json,
): Promise<void> {
  await store.write([{ ...placeOf(partition, id), kind: 'put', value, expect: 'any' }]);
}

export async function forgetState(store: Store, partition: StatePartition, id: string): Promise<void> {
  await store.write([{ ...placeOf(partition, id), kind: 'remove', expect: 'any' }]);
}

function placeOf(partition: StatePartition, id: string): Pick<Write, 'table' | 'key'> {
  return { table: 'platform-records', key: { partition, sort: id } };
}
