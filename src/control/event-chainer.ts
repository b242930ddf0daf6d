import type { ExecutionEventRecord } from '#core/events.ts';
import { EVENT_RECORD } from '#core/evidence-bundle.ts';
import { hasEnded } from '#core/states.ts';
import type { AuditRepository } from '#store/audit.ts';
import type { ExecutionRepository } from '#store/executions.ts';
import type { AuditEntry } from './audit-log.ts';

const PAGE = 1_000;

interface Waiting {
  readonly events: ExecutionEventRecord[];
  readonly done: Promise<void>;
}

/**
 * Puts the events of executions into the audit chain. Invariants:
 * 1. the events of an execution are in the chain in their order, without a gap, each once, whoever tells of them and however often:
 *    what is missing before an event is read from the records, what is there already is passed over;
 * 2. one piece of work at a time for an execution; what comes meanwhile goes into the next;
 * 3. an execution is noted as unchained before its first event is chained, and until its last one is.
 */
export class EventChainer {
  readonly #chain: AuditRepository;
  readonly #executions: ExecutionRepository;
  /** The last chained event, by execution that has not ended. */
  readonly #last = new Map<string, number>();
  readonly #working = new Map<string, Promise<void>>();
  readonly #waiting = new Map<string, Waiting>();

  constructor(params: { chain: AuditRepository; executions: ExecutionRepository }) {
    this.#chain = params.chain;
    this.#executions = params.executions;
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
    let last = this.#last.get(executionId) ?? (await this.#begin(executionId));
    const upTo = told.at(-1)?.sequence ?? (await this.#executions.head(executionId)).eventCount;
    try {
      while (last < upTo) {
        const next = following(told, last);
        const events =
          next.length > 0
            ? next
            : await this.#executions.events(executionId, { after: last, limit: Math.min(PAGE, upTo - last) });
        if (events.length === 0) break;
        await Promise.all(events.map((event) => this.#chain.append(entryOf(event))));
        last = events.at(-1)!.sequence;
        this.#last.set(executionId, last);
      }
    } catch (error) {
      // Some may be written and some not: the chain itself is asked the next time.
      this.#last.delete(executionId);
      throw error;
    }
    await this.#endIfEnded(executionId, last);
  }

  async #begin(executionId: string): Promise<number> {
    await this.#chain.noteUnchained(executionId);
    for await (const { record } of this.#chain.newestFirst(executionId))
      if (record.action === EVENT_RECORD) return record.data['sequence'] as number;
    return 0;
  }

  async #endIfEnded(executionId: string, last: number): Promise<void> {
    const { status, eventCount } = await this.#executions.head(executionId);
    if (!hasEnded(status) || last < eventCount) return;
    this.#last.delete(executionId);
    await this.#chain.noteChained(executionId);
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
