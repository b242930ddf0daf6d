import { hasCode } from '#core/errors.ts';
import type { Store } from '#store/port.ts';
import { idSource } from './ids.ts';

const PLACE = { table: 'platform-records', key: { partition: 'server', sort: '' } } as const;

/** `null` before anything has worked on these records. */
export async function readServerId(store: Store): Promise<string | null> {
  const row = await store.get(PLACE);
  return row === null ? null : (row.value as { serverId: string }).serverId;
}

/** Made once, and part of every audit chain and IAM proof of these records. Processes that begin at once agree on one. */
export async function keptServerId(store: Store): Promise<string> {
  const kept = await readServerId(store);
  if (kept !== null) return kept;
  const serverId = idSource()('bw-');
  try {
    await store.write([{ kind: 'put', ...PLACE, value: { serverId }, expect: 'absent' }]);
    return serverId;
  } catch (error) {
    if (!hasCode(error, 'RevisionConflict')) throw error;
    return keptServerId(store);
  }
}
