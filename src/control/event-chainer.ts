import type { ExecutionEventRecord } from '#core/events.ts';
import { EVENT_RECORD } from '#core/evidence-bundle.ts';
import { hasCode } from '#core/errors.ts';
import { hasEnded } from '#core/states.ts';
import {
  claimOfEvents,
  noteIfWhole,
  progressAfter,
  readProgress,
  type Progress,
} from '#store/audit-progress.ts';
import { MOST_TOGETHER, type AuditRepository } from '#store/audit.ts';
import type { ExecutionRepository } from '#store/executions.ts';
import type { Store } from '#store/port.ts';
import type { AuditEntry } from './audit-log.ts';

interface EventChainerParams {
  readonly store: Store;
  readonly chain: AuditRepository;
  readonly executions: ExecutionRepository;
}

interface Waiting {
  readonly events: ExecutionEventRecord[];
  readonly done: Promise<void>;
}

/**
 * Puts the events of executions into the audit chain. Invariants:
 * 1. the events of an execution are in the chain in their order, without a gap, each once, whoever tells of them, however often, and
 *    in however many processes: they are chained together with the execution's progress (`audit-progress.ts`), from where it stands.
 *    Who is told that it stands elsewhere looks anew. What is missing before an event is read from the records, what is there
 *    already is passed over;
 * 2. one piece of work at a time for an execution, as far as this process goes; what comes meanwhile goes into the next;
 * 3. an execution is noted as unchained from its first event until its last one is chained (`ExecutionRepository`).
 */
export class EventChainer {
  readonly #params: EventChainerParams;
  /** Of executions that have not ended, as it was left here: another process may have gone on. */
  readonly #progress = new Map<string, Progress>();
  readonly #working = new Map<string, Promise<void>>();
  readonly #waiting = new Map<string, Waiting>();

  constructor(params: EventChainerParams) {
    this.#params = params;
  }

  /** Resolves when these events are durable in the chain; without any, when all that the execution has until now are. */
  chain(executionId: string, events: readonly ExecutionEventRecord[]): Promise<void> {
    const waiting = this.#waiting.get(executionId);
    if (waiting !== undefined && events.length > 0 === waiting.events.length > 0) {
      waiting.events.push(...events);
      return waiting.done;
    }
    const mine = [...events];
    const before = this.#working.get(executionId) ?? Promise.resolve();
    const run = (): Promise<void> => {
      if (this.#waiting.get(executionId)?.events === mine) this.#waiting.delete(executionId);
      return this.#chainNow(executionId, mine);
    };
    const done = before.then(run, run);
    this.#waiting.set(executionId, { events: mine, done });
    this.#working.set(executionId, done);
    const forget = (): void => {
      if (this.#working.get(executionId) === done) this.#working.delete(executionId);
    };
    done.then(forget, forget);
    return done;
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#working.size > 0) await Promise.allSettled(this.#working.values());
  }

  async #chainNow(executionId: string, told: readonly ExecutionEventRecord[]): Promise<void> {
    const { store, executions } = this.#params;
    const head = told.length > 0 ? null : await executions.head(executionId);
    const upTo = head?.eventCount ?? told.at(-1)!.sequence;
    const mayBeWhole = head === null || hasEnded(head.status);
    for (;;) {
      const progress = this.#progress.get(executionId) ?? (await readProgress(store, executionId));
      const events = progress.events < upTo ? await this.#next(progress, told, upTo) : [];
      // It is asked anew unless this goes well.
      this.#progress.delete(executionId);
      if (events.length === 0) {
        const isWhole = mayBeWhole && (await noteIfWhole(store, progress));
        if (!isWhole) this.#progress.set(executionId, progress);
        return;
      }
      const after = await this.#chainSome(progress, events);
      if (after !== null) this.#progress.set(executionId, after);
    }
  }

  /** The first events that the chain lacks. */
  async #next(
    { executionId, events: after }: Progress,
    told: readonly ExecutionEventRecord[],
    upTo: number,
  ): Promise<readonly ExecutionEventRecord[]> {
    const next = following(told, after);
    if (next.length > 0) return next.slice(0, MOST_TOGETHER);
    const limit = Math.min(MOST_TOGETHER, upTo - after);
    return this.#params.executions.events(executionId, { after, limit });
  }

  /** Answers the progress that was made; `null` if somebody else has made some. */
  async #chainSome(progress: Progress, events: readonly ExecutionEventRecord[]): Promise<Progress | null> {
    const last = events.at(-1)!.sequence;
    try {
      const isChained = await this.#params.chain.appendOnce(
        events.map(entryOf),
        claimOfEvents(progress, last),
      );
      return isChained ? progressAfter(progress, last) : null;
    } catch (error) {
      if (!hasCode(error, 'RecordTooLarge') || events.length === 1) throw error;
      return this.#chainSome(progress, events.slice(0, Math.ceil(events.length / 2)));
    }
  }
}

/** Those that come one after the other behind `last`. */
function following(events: readonly ExecutionEventRecord[], last: number): ExecutionEventRecord[] {
  const next: ExecutionEventRecord[] = [];
  for (const event of events) if (event.sequence === last + next.length + 1) next.push(event);
  return next;
}

function entryOf({ executionId, sequence, at, code, data }: ExecutionEventRecord): AuditEntry {
  const { by } = data;
  return {
    action: EVENT_RECORD,
    by: typeof by === 'string' ? by : 'breakwater',
    target: `execution/${executionId}`,
    executionId,
    data: { sequence, at, code, data },
  };
}
