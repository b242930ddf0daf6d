import { DocumentRepository } from '#store/documents.ts';
import type { ExecutionRequests } from '../execution-requests.ts';
import type { PlaneDeps } from '../plane-deps.ts';
import { eventClaims, type EventClaim } from './trigger-claims.ts';

/** What a trigger has started last. */
export interface LastStart {
  /** ISO 8601. */
  readonly at: string;
  readonly eventId: string;
  readonly executionId: string;
}

/** What the server knows of a trigger: its last start, and the event whose start is under way, or was broken off. */
export interface TriggerState extends Partial<LastStart> {
  readonly beginning?: string;
}

function statesOf({ store }: PlaneDeps): DocumentRepository<TriggerState> {
  const where = { table: 'platform-records', partition: 'trigger-states', noun: 'state' } as const;
  return new DocumentRepository<TriggerState>({ ...where, store });
}

/** Under which the start of an event is known. */
export function keyOf(deps: PlaneDeps, eventId: string, { at }: EventClaim): string {
  return `${deps.hash(eventId)}/${at}`;
}

/** The state as it is, and the one way to change it: refused if anybody else has. */
export async function keptState(
  deps: PlaneDeps,
  triggerId: string,
): Promise<{ readonly value: TriggerState; put(next: TriggerState): Promise<void> }> {
  const states = statesOf(deps);
  const found = await states.find(triggerId);
  let revision = found?.revision;
  return {
    value: found?.value ?? {},
    async put(next) {
      const made =
        revision === undefined ? states.create(triggerId, next) : states.update(triggerId, next, revision);
      ({ revision } = await made);
    },
  };
}

/** The last start, also one that was broken off when its execution had begun: whoever began it never heard of it. */
export async function lastStartOf(
  deps: PlaneDeps,
  requests: Pick<ExecutionRequests, 'find'>,
  { state, triggerId, now }: { state: TriggerState; triggerId: string; now: number },
): Promise<LastStart | undefined> {
  const { beginning: eventId } = state;
  const lastStart = lastStartIn(state);
  if (eventId === undefined) return lastStart;
  const claim = await eventClaims(deps, triggerId).find(eventId, now);
  const executionId =
    claim === null ? null : await requests.find(keyOf(deps, eventId, claim), { by: claim.by });
  return claim === null || executionId === null ? lastStart : { at: claim.at, eventId, executionId };
}

/** `undefined`: it has not started anything yet. */
export function lastStartIn({ at, eventId, executionId }: TriggerState): LastStart | undefined {
  const isKnown = at !== undefined && eventId !== undefined && executionId !== undefined;
  return isKnown ? { at, eventId, executionId } : undefined;
}
