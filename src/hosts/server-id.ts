import { hasCode } from '#core/errors.ts';
import type { Store } from '#store/port.ts';
import { idSource } from './ids.ts';

const PLACE = { table: 'platform-records', key: { partition: 'server', sort: '' } } as const;

/** Made once, and part of every audit chain and IAM proof of these records. Processes that begin at once agree on one. */
export async function keptServerId(store: Store): Promise<string> {
  const row = await store.get(PLACE);
  if (row !== null) return (row.value as { serverId: string }).serverId;
  const serverId = idSource()('bw-');
  try {
    await store.write([{ kind: 'put', ...PLACE, value: { serverId }, expect: 'absent' }]);
    return serverId;
  } catch (error) {
    if (!hasCode(error, 'RevisionConflict')) throw error;
    return keptServerId(store);
  }
}
