import type { Call } from '#sim/kernel/contract.ts';
import type { Replication } from './rows.ts';

/** States in which a replica does not fall further behind: it keeps its distance. */
const KEEPS_UP = new Set(['CONTINUOUS', 'BACKLOG', 'CREATING_SNAPSHOT', 'RESCAN']);

/** State, error and lag at a moment. */
export function replicationAt(
  { state, error, lagSeconds, since, stallsAt, healsAt }: Replication,
  now: number,
): { readonly state: string; readonly error: string | null; readonly lagSeconds: number } {
  if (healsAt !== null && now >= healsAt) return { state: 'CONTINUOUS', error: null, lagSeconds: 0 };
  if (stallsAt !== null && now >= stallsAt) {
    return { state: 'STALLED', error: 'NOT_CONVERGING', lagSeconds: Math.round((now - stallsAt) / 1000) };
  }
  const grown = KEEPS_UP.has(state) ? 0 : (now - since) / 1000;
  return { state, error, lagSeconds: Math.round(lagSeconds + grown) };
}

/** A full synchronisation that ends in `CONTINUOUS`; snapshots exist from then on. */
export function initialSync(call: Call, seconds: number): Replication {
  const healsAt = call.now + seconds * 1000;
  return { ...endedReplication(call, 'INITIAL_SYNC'), healsAt, snapshotsSince: healsAt };
}

/** No data comes in and there are no snapshots. */
export function endedReplication(call: Call, state: string): Replication {
  return {
    state,
    error: null,
    lagSeconds: 0,
    since: call.now,
    stallsAt: null,
    healsAt: null,
    snapshotsSince: null,
  };
}
