import type { Clock } from '#core/clock.ts';
import { BreakwaterError, hasCode } from '#core/errors.ts';
import { Mutexes } from './mutexes.ts';
import type { Row, Store } from './port.ts';

/** Of turns, by their names. */
export const TURNS_PARTITION = 'turns';
const LEASE_MS = 90_000;
const LOOK_EVERY_MS = 250;
const PATIENCE_MS = 15_000;

/** Runs pieces of work that bear the same name one after the other. */
export interface Turns {
  run<T>(name: string, work: () => Promise<T>): Promise<T>;
}

interface Turn {
  readonly holder: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

export interface StoredTurnsParams {
  readonly store: Store;
  /** Real time. */
  readonly clock: Pick<Clock, 'now' | 'sleep' | 'at'>;
  /** Unique text. */
  readonly newId: () => string;
  /** Whoever died in their turn, or was stopped, holds up the others for as long. Whoever works on renews it in time. Default: 90 s. */
  readonly leaseMs?: number;
}

/**
 * Turns among all processes on the same records, by a row that says whose it is and until when. Invariants:
 * 1. a turn is taken by a conditional write, when there is none or the last one has run out: of two, one gets it;
 * 2. the holder's name tells one's own turn, when the answer to the write was lost, from that of another;
 * 3. a turn is renewed while its work goes on, and given back at the end, by whoever holds it and by nobody else; if that fails, it
 *    runs out.
 * Throws `TooManyRequests` after 15 s in vain.
 */
export function storedTurns(params: StoredTurnsParams): Turns {
  // Those of this process do not look into the records for each other.
  const own = new Mutexes();
  return {
    run: (name, work) =>
      own.run(name, async () => {
        const holder = params.newId();
        await take(params, name, holder);
        const stop = keepRenewing(params, name, holder);
        try {
          return await work();
        } finally {
          await stop();
          // What the work has done stands, whatever becomes of the turn.
          await giveBack(params.store, name, holder).catch(() => {});
        }
      }),
  };
}

async function take(
  { store, clock, leaseMs = LEASE_MS }: StoredTurnsParams,
  name: string,
  holder: string,
): Promise<void> {
  const giveUpAt = clock.now() + PATIENCE_MS;
  for (;;) {
    const row = await store.get(placeOf(name));
    const turn = turnOf(row);
    if (turn?.holder === holder) return;
    if (turn === null || turn.until <= clock.now()) {
      const value = { holder, until: clock.now() + leaseMs };
      try {
        await store.write([{ kind: 'put', ...placeOf(name), value, expect: row?.revision ?? 'absent' }]);
        return;
      } catch (error) {
        if (!hasCode(error, 'RevisionConflict')) throw error;
      }
    } else if (clock.now() >= giveUpAt) throw taken(turn.until - clock.now());
    else await clock.sleep(LOOK_EVERY_MS);
  }
}

/** Answers the way to end it. A renewal that fails is tried again at the next; a process that stands still renews nothing. */
function keepRenewing(params: StoredTurnsParams, name: string, holder: string): () => Promise<void> {
  const { clock, leaseMs = LEASE_MS } = params;
  let renewing: Promise<void> = Promise.resolve();
  let cancel = (): void => {};
  const arm = (): void => {
    cancel = clock.at(clock.now() + leaseMs / 3, () => {
      renewing = renew(params, name, holder).catch(() => {});
      arm();
    });
  };
  arm();
  return () => {
    cancel();
    return renewing;
  };
}

async function renew(
  { store, clock, leaseMs = LEASE_MS }: StoredTurnsParams,
  name: string,
  holder: string,
): Promise<void> {
  const row = await store.get(placeOf(name));
  if (row === null || turnOf(row)?.holder !== holder) return;
  const value = { holder, until: clock.now() + leaseMs };
  await store.write([{ kind: 'put', ...placeOf(name), value, expect: row.revision }]);
}

async function giveBack(store: Store, name: string, holder: string): Promise<void> {
  const row = await store.get(placeOf(name));
  if (row === null || turnOf(row)?.holder !== holder) return;
  await store.write([{ kind: 'remove', ...placeOf(name), expect: row.revision }]);
}

function turnOf(row: Row | null): Turn | null {
  return row === null ? null : (row.value as unknown as Turn);
}

function placeOf(name: string) {
  return { table: 'platform-records', key: { partition: TURNS_PARTITION, sort: name } } as const;
}

function taken(leftMs: number): BreakwaterError {
  const retryAfterSeconds = Math.ceil(leftMs / 1_000);
  return new BreakwaterError(
    'TooManyRequests',
    'another request for the same thing is under way, or was broken off',
    { details: { retryAfterSeconds } },
  );
}
