import { BreakwaterError } from '#core/errors.ts';
import { EVENTS, type EventCode, type EventData, type ExecutionEventRecord } from '#core/events.ts';
import type { GateRecord, HeadRecord, TechnologyRecord, WaveRecord } from '#core/records.ts';
import { hasEnded } from '#core/states.ts';
import { allRows } from './all-rows.ts';
import { unchainedNote } from './audit-progress.ts';
import { headWrite, keys, record, RECORDS } from './execution-rows.ts';
import type { Row, Store, Write } from './port.ts';

/** What a change of an execution may read and write. All of it is written together with its events, or not at all. */
export interface Change {
  head(): HeadRecord;
  putHead(head: HeadRecord): void;
  wave(waveNumber: number): Promise<WaveRecord>;
  putWave(wave: WaveRecord): void;
  technology(waveNumber: number, index: number): Promise<TechnologyRecord>;
  technologies(waveNumber: number): Promise<TechnologyRecord[]>;
  putTechnology(technology: TechnologyRecord): void;
  gates(waveNumber: number): Promise<GateRecord[]>;
  putGate(gate: GateRecord): void;
  emit(code: EventCode, data?: EventData): void;
}

/** One try of a change: remembers the revision of each row it read, and what is to be written. */
export class Draft implements Change {
  readonly #store: Store;
  readonly #executionId: string;
  readonly #headRevision: number | 'absent';
  readonly #revisions = new Map<string, number | 'absent'>();
  readonly #values = new Map<string, unknown>();
  readonly #dirty = new Set<string>();
  readonly #at: string;
  readonly #before: HeadRecord;
  #head: HeadRecord;
  readonly #events: ExecutionEventRecord[] = [];

  constructor(
    store: Store,
    executionId: string,
    head: { head: HeadRecord; revision: number | 'absent' },
    now: number,
  ) {
    this.#store = store;
    this.#executionId = executionId;
    this.#headRevision = head.revision;
    this.#before = head.head;
    this.#head = head.head;
    this.#at = new Date(now).toISOString();
  }

  get changed(): boolean {
    return this.#dirty.size > 0 || this.#events.length > 0 || this.#head !== this.#before;
  }

  get events(): readonly ExecutionEventRecord[] {
    return this.#events;
  }

  head(): HeadRecord {
    return this.#head;
  }

  putHead(head: HeadRecord): void {
    this.#head = head;
  }

  wave(waveNumber: number): Promise<WaveRecord> {
    return this.#read(keys.wave(waveNumber));
  }

  putWave(wave: WaveRecord): void {
    this.#put(keys.wave(wave.waveNumber), wave);
  }

  technology(waveNumber: number, index: number): Promise<TechnologyRecord> {
    return this.#read(keys.technology(waveNumber, index));
  }

  technologies(waveNumber: number): Promise<TechnologyRecord[]> {
    return this.#readAll(keys.technology(waveNumber));
  }

  putTechnology(technology: TechnologyRecord): void {
    this.#put(keys.technology(technology.waveNumber, technology.technologyIndex), technology);
  }

  gates(waveNumber: number): Promise<GateRecord[]> {
    return this.#readAll(keys.gate(waveNumber, ''));
  }

  putGate(gate: GateRecord): void {
    this.#put(keys.gate(gate.waveNumber, gate.gateId), gate);
  }

  emit(code: EventCode, data: EventData = {}): void {
    this.#events.push({
      executionId: this.#executionId,
      sequence: this.#head.eventCount + this.#events.length + 1,
      at: this.#at,
      code,
      level: EVENTS[code].level,
      message: EVENTS[code].describe(data),
      data,
    });
  }

  writes(): Write[] {
    const head = { ...this.#head, eventCount: this.#head.eventCount + this.#events.length };
    const isLate = this.#events.length > 0 && hasEnded(this.#before.status);
    return [
      headWrite(head, this.#headRevision),
      ...(isLate ? [unchainedNote(this.#executionId)] : []),
      ...[...this.#dirty].map((sort) =>
        record(this.#executionId, sort, this.#values.get(sort), this.#revisions.get(sort) ?? 'absent'),
      ),
      ...this.#events.map((event) => record(this.#executionId, keys.event(event.sequence), event, 'absent')),
    ];
  }

  async #read<T>(sort: string): Promise<T> {
    if (!this.#values.has(sort)) {
      const row = await this.#store.get({ table: RECORDS, key: { partition: this.#executionId, sort } });
      if (row === null)
        throw new BreakwaterError('StoreCorrupt', `execution ${this.#executionId} has no row ${sort}`);
      this.#keep(row);
    }
    return this.#values.get(sort) as T;
  }

  async #readAll<T>(sortPrefix: string): Promise<T[]> {
    const rows = await allRows(this.#store, { table: RECORDS, partition: this.#executionId, sortPrefix });
    for (const row of rows) if (!this.#values.has(row.key.sort)) this.#keep(row);
    return [...this.#values].filter(([sort]) => sort.startsWith(sortPrefix)).map(([, value]) => value as T);
  }

  #keep(row: Row): void {
    this.#revisions.set(row.key.sort, row.revision);
    this.#values.set(row.key.sort, row.value);
  }

  #put(sort: string, value: unknown): void {
    this.#values.set(sort, value);
    this.#dirty.add(sort);
  }
}
