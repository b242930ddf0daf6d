import type { PlaneDeps } from '../plane-deps.ts';

/** That an event has come to a trigger, and what became of it. Without a result the start is under way, or has failed. */
export interface EventClaim {
  /** When it came first. ISO 8601. */
  readonly at: string;
  /** Who sent it first, and counts as who starts. */
  readonly by: string;
  readonly result?: 'started' | 'minGap';
  readonly executionId?: string;
}

export interface EventClaims {
  /** `null`: it has not come within 24 hours. */
  find(eventId: string, nowMs: number): Promise<EventClaim | null>;
  /** Clears away some that are old, besides. */
  put(eventId: string, claim: EventClaim): Promise<void>;
}

const TABLE = 'platform-records';
/** EventBridge delivers again for as long, by default. */
const REMEMBERED_MS = 24 * 3_600_000;
const MOST_CLEARED = 20;

/** Events that a trigger has matched within 24 hours. */
export function eventClaims(deps: PlaneDeps, triggerId: string): EventClaims {
  const { store } = deps;
  const partition = `trigger-events/${triggerId}`;
  const keyOf = (eventId: string): { partition: string; sort: string } => ({ partition, sort: eventId });
  const isOld = ({ at }: EventClaim, nowMs: number): boolean => Date.parse(at) + REMEMBERED_MS <= nowMs;
  return {
    async find(eventId, nowMs) {
      const row = await store.get({ table: TABLE, key: keyOf(eventId) });
      const claim = (row?.value ?? null) as EventClaim | null;
      return claim === null || isOld(claim, nowMs) ? null : claim;
    },
    async put(eventId, claim) {
      const oldest = await store.query({ table: TABLE, byIndex: true, partition, limit: MOST_CLEARED });
      const old = oldest.rows.filter(
        ({ key, value }) => key.sort !== eventId && isOld(value as unknown as EventClaim, deps.realNow()),
      );
      await store.write([
        {
          kind: 'put',
          table: TABLE,
          key: keyOf(eventId),
          value: { ...claim },
          index: { partition, sort: claim.at },
          expect: 'any',
        },
        ...old.map(({ key }) => ({ kind: 'remove', table: TABLE, key, expect: 'any' }) as const),
      ]);
    },
  };
}
