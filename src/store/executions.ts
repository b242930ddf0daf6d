import { BreakwaterError, hasCode } from '#core/errors.ts';
import type { EventData, ExecutionEventRecord } from '#core/events.ts';
import type { JsonObject } from '#core/json.ts';
import type { ResourceOutcome } from '#core/outcome.ts';
import type {
  GateRecord,
  HeadRecord,
  NamesRecord,
  PlanRecord,
  TechnologyRecord,
  WaveRecord,
} from '#core/records.ts';
import { hasEnded, type ExecutionStatus } from '#core/states.ts';
import { allRows } from './all-rows.ts';
import { eachAtOnce } from './at-once.ts';
import { unchainedNote } from './audit-progress.ts';
import { Draft, type Change } from './execution-change.ts';
import { listedIds, unfinishedRows, writeListed } from './execution-list.ts';
import { HISTORY, keys, record, RECORDS } from './execution-rows.ts';
import { Mutexes } from './mutexes.ts';
import type { Key, Row, Store, Write } from './port.ts';
import type { Turns } from './turns.ts';

const MOST_WRITES = 100;
const MOST_TRIES = 50;
/** Of rows that are read by key. */
const READS_AT_ONCE = 50;

/** A resource's outcome with its place. */
export interface OutcomeRow {
  readonly waveNumber: number;
  readonly technologyIndex: number;
  readonly outcome: ResourceOutcome;
}

/**
 * The records of executions. Changes go through `change`, an optimistic transaction: it reads rows, writes them and
 * their events together if nobody else has changed them meanwhile, and otherwise runs again. Within one process
 * changes of one execution queue up, so that they do not disturb each other.
 */
export class ExecutionRepository {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #mutexes = new Mutexes();
  readonly #turns: Turns;
  readonly #onEvents: (events: readonly ExecutionEventRecord[]) => void;

  constructor(params: {
    store: Store;
    now: () => number;
    onEvents?: (events: readonly ExecutionEventRecord[]) => void;
    /** Where others work on the same records: turns that hold for them too. */
    turns?: Turns | undefined;
  }) {
    this.#store = params.store;
    this.#turns = params.turns ?? new Mutexes();
    this.#now = params.now;
    this.#onEvents = params.onEvents ?? (() => {});
  }

  /**
   * Writes a new execution and its first event. The head comes last, so that what has a head is whole; and nothing is written
   * over what has one: `RevisionConflict`.
   */
  async create(params: {
    head: HeadRecord;
    plan: PlanRecord;
    waves: readonly WaveRecord[];
    technologies: readonly TechnologyRecord[];
    names: readonly NamesRecord[];
    /** Data of the event `ExecutionStarted`. */
    started: EventData;
  }): Promise<void> {
    const { executionId } = params.head;
    const put = (sort: string, value: unknown): Write => record(executionId, sort, value, 'any');
    const rows = [
      put(keys.plan(), params.plan),
      ...params.waves.map((wave) => put(keys.wave(wave.waveNumber), wave)),
      ...params.technologies.map((t) => put(keys.technology(t.waveNumber, t.technologyIndex), t)),
      ...params.names.map((row) => put(keys.names(row.waveNumber, row.technologyIndex), row)),
    ];
    const key: Key = { partition: executionId, sort: '' };
    for (let i = 0; i < rows.length; i += MOST_WRITES - 1) {
      const isNew: Write = { kind: 'check', table: HISTORY, key, expect: 'absent' };
      await this.#store.write([isNew, ...rows.slice(i, i + MOST_WRITES - 1)]);
    }
    const draft = new Draft(this.#store, executionId, { head: params.head, revision: 'absent' }, this.#now());
    draft.emit('ExecutionStarted', params.started);
    await writeListed(this.#store, executionId, [...draft.writes(), unchainedNote(executionId)]);
    this.#onEvents(draft.events);
  }

  async head(executionId: string): Promise<HeadRecord> {
    return (await this.#headRow(executionId)).value as unknown as HeadRecord;
  }

  /** The newest first. Of one status: as an index had it a moment ago. */
  async list(params: {
    status?: ExecutionStatus;
    limit?: number;
    cursor?: string;
  }): Promise<{ heads: HeadRecord[]; cursor?: string }> {
    const { status, ...page } = params;
    if (status !== undefined) {
      const byStatus = {
        table: HISTORY,
        byIndex: true,
        partition: status,
        order: 'descending',
        ...page,
      } as const;
      const { rows, ...rest } = await this.#store.query(byStatus);
      return { heads: rows.map((row) => row.value as unknown as HeadRecord), ...rest };
    }
    const { ids, ...rest } = await listedIds(this.#store, page);
    const heads = await Promise.all(ids.map((id) => this.#headIfThere(id)));
    return { heads: heads.filter((head) => head !== null), ...rest };
  }

  /** All that have not ended, as they are. One whose status changes at this very moment may be missing: they are found by an index. */
  async unfinished(): Promise<HeadRecord[]> {
    const heads: HeadRecord[] = [];
    const rows = await unfinishedRows(this.#store);
    await eachAtOnce([...rows.entries()], { most: READS_AT_ONCE }, async ([index, { key }]) => {
      heads[index] = await this.head(key.partition);
    });
    return heads.filter(({ status }) => !hasEnded(status));
  }

  /** As `unfinished`, without looking at each: their heads and revisions as an index had them a moment ago. */
  async listedAsUnfinished(): Promise<{ head: HeadRecord; revision: number }[]> {
    const rows = await unfinishedRows(this.#store);
    return rows.map(({ value, revision }) => ({ head: value as unknown as HeadRecord, revision }));
  }

  async plan(executionId: string): Promise<PlanRecord> {
    return (await this.#required(executionId, keys.plan())) as PlanRecord;
  }

  async wave(executionId: string, waveNumber: number): Promise<WaveRecord> {
    return (await this.#required(executionId, keys.wave(waveNumber))) as WaveRecord;
  }

  async waves(executionId: string): Promise<WaveRecord[]> {
    return this.#all<WaveRecord>(executionId, 'wave#');
  }

  async technology(executionId: string, waveNumber: number, index: number): Promise<TechnologyRecord> {
    return (await this.#required(executionId, keys.technology(waveNumber, index))) as TechnologyRecord;
  }

  /** Of one wave, or of all. */
  async technologies(executionId: string, waveNumber?: number): Promise<TechnologyRecord[]> {
    return this.#all(executionId, waveNumber === undefined ? 'technology#' : keys.technology(waveNumber));
  }

  /** Of one wave, or of all. */
  async gates(executionId: string, waveNumber?: number): Promise<GateRecord[]> {
    return this.#all(executionId, waveNumber === undefined ? 'gate#' : keys.gate(waveNumber, ''));
  }

  /** Of one technology, or of all. */
  async outcomes(
    executionId: string,
    place?: { waveNumber: number; technologyIndex: number },
  ): Promise<OutcomeRow[]> {
    return this.#all(
      executionId,
      place === undefined ? 'outcome#' : keys.outcome(place.waveNumber, place.technologyIndex, ''),
    );
  }

  /** What people call the resources, by technology. */
  async names(executionId: string): Promise<NamesRecord[]> {
    return this.#all(executionId, 'names#');
  }

  /** Adds the names of a technology's resources to those that are known: a retry looks at some of them only. */
  async putNames(executionId: string, row: NamesRecord): Promise<void> {
    const key = keys.names(row.waveNumber, row.technologyIndex);
    const [known] = await this.#all<NamesRecord>(executionId, key);
    const names = { ...known?.names, ...row.names };
    await this.#store.write([record(executionId, key, { ...row, names }, 'any')]);
  }

  /** Writes outcomes over what was known before. Safe to repeat. */
  async putOutcomes(executionId: string, rows: readonly OutcomeRow[]): Promise<void> {
    await this.#writeAll(
      rows.map((row) =>
        record(
          executionId,
          keys.outcome(row.waveNumber, row.technologyIndex, row.outcome.resourceId),
          row,
          'any',
        ),
      ),
    );
  }

  async intent(
    executionId: string,
    place: { waveNumber: number; technologyIndex: number; attempt: number },
  ): Promise<JsonObject | null> {
    const key = {
      partition: executionId,
      sort: keys.intent(place.waveNumber, place.technologyIndex, place.attempt),
    };
    return ((await this.#store.get({ table: RECORDS, key }))?.value ?? null) as JsonObject | null;
  }

  async putIntent(
    executionId: string,
    place: { waveNumber: number; technologyIndex: number; attempt: number },
    intent: JsonObject,
  ): Promise<void> {
    await this.#store.write([
      record(executionId, keys.intent(place.waveNumber, place.technologyIndex, place.attempt), intent, 'any'),
    ]);
  }

  /** Events after a sequence number, oldest first. */
  async events(
    executionId: string,
    params: { after?: number; limit?: number } = {},
  ): Promise<ExecutionEventRecord[]> {
    const limit = params.limit ?? 1_000;
    const head = await this.head(executionId);
    const first = (params.after ?? 0) + 1;
    const count = Math.min(limit, head.eventCount - first + 1);
    if (count <= 0) return [];
    if (first === 1) {
      return (await this.#all<ExecutionEventRecord>(executionId, keys.events(), limit)).slice(0, limit);
    }
    const rows = await Promise.all(
      Array.from({ length: count }, (_, i) =>
        this.#store.get({ table: RECORDS, key: { partition: executionId, sort: keys.event(first + i) } }),
      ),
    );
    return rows.filter((row) => row !== null).map((row) => row.value as unknown as ExecutionEventRecord);
  }

  /** Runs pieces of work on one technology one after the other. */
  inTurn<T>(
    {
      executionId,
      waveNumber,
      technologyIndex,
    }: { executionId: string; waveNumber: number; technologyIndex: number },
    work: () => Promise<T>,
  ): Promise<T> {
    return this.#turns.run(`technology/${executionId}/${waveNumber}/${technologyIndex}`, work);
  }

  /** Runs a change until it has been written undisturbed. `work` may run more than once: it must not act on the world. */
  async change<T>(executionId: string, work: (change: Change) => Promise<T> | T): Promise<T> {
    return this.#mutexes.run(executionId, async () => {
      let lastEvent = 0;
      for (let tries = 1; ; tries++) {
        const { value, revision } = await this.#headRow(executionId);
        const kept = value as unknown as HeadRecord;
        const head = { ...kept, eventCount: Math.max(kept.eventCount, lastEvent) };
        const draft = new Draft(this.#store, executionId, { head, revision }, this.#now());
        const result = await work(draft);
        if (!draft.changed) return result;
        try {
          await this.#store.write(draft.writes());
          this.#onEvents(draft.events);
          return result;
        } catch (error) {
          if (!hasCode(error, 'RevisionConflict') || tries >= MOST_TRIES) throw error;
          const { sort } = error.details;
          if (typeof sort === 'string' && sort.startsWith(keys.events()))
            lastEvent = await this.#lastEvent(executionId);
        }
      }
    });
  }

  /**
   * A Region that was lost can leave events here whose head did not come: to another Region a transaction is replicated row by row.
   * They happened, so what is written next comes behind them.
   */
  async #lastEvent(executionId: string): Promise<number> {
    return (await this.#all<ExecutionEventRecord>(executionId, keys.events())).at(-1)?.sequence ?? 0;
  }

  /** `null`: it is listed in a Region that its head did not come to, or not yet. */
  async #headIfThere(executionId: string): Promise<HeadRecord | null> {
    return this.head(executionId).catch((error: unknown) => {
      if (hasCode(error, 'ExecutionNotFound')) return null;
      throw error;
    });
  }

  async #headRow(executionId: string): Promise<Row> {
    const row = await this.#store.get({ table: HISTORY, key: { partition: executionId, sort: '' } });
    if (row === null)
      throw new BreakwaterError('ExecutionNotFound', `there is no execution ${JSON.stringify(executionId)}`);
    return row;
  }

  async #required(executionId: string, sort: string): Promise<unknown> {
    const row = await this.#store.get({ table: RECORDS, key: { partition: executionId, sort } });
    if (row === null)
      throw new BreakwaterError('StoreCorrupt', `execution ${executionId} has no row ${sort}`);
    return row.value;
  }

  async #all<T>(executionId: string, sortPrefix: string, most = Infinity): Promise<T[]> {
    return (await allRows(this.#store, { table: RECORDS, partition: executionId, sortPrefix }, most)).map(
      (row) => row.value as T,
    );
  }

  async #writeAll(writes: readonly Write[]): Promise<void> {
    for (let i = 0; i < writes.length; i += MOST_WRITES)
      await this.#store.write(writes.slice(i, i + MOST_WRITES));
  }
}
