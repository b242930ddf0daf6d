import { Agenda, type AgendaItem } from './agenda.ts';
import type { Call, Scope, ServiceDefinition } from './contract.ts';
import { ServiceError } from './contract.ts';
import { randomOf, type Random } from './random.ts';

/** A row of a table: plain JSON, never changed in place. */
export type Row = object;

/** What a request or the agenda changed, for whoever keeps the world on disk. `row: null` means removed. */
export interface Change {
  readonly table: string;
  readonly id: string;
  readonly row: Row | null;
}

/** What a row was before a change at a time. */
interface UndoEntry extends Change {
  readonly at: number;
}

/**
 * The state of the simulated AWS. It is passive: nothing runs between requests. Each request first lets happen what
 * was due (`advance`), in order of time, then acts. So its state depends on the seed and on the requests alone.
 *
 * Invariants:
 * 1. all state is in rows of tables, rows are JSON and replaced, never changed in place;
 * 2. a request or an agenda item that throws leaves no change behind;
 * 3. time never goes back.
 */
export class World {
  readonly seed: number;
  readonly #services = new Map<string, ServiceDefinition>();
  readonly #tables = new Map<string, Map<string, Row>>();
  #undo: UndoEntry[] = [];
  #history: UndoEntry[] = [];
  #historyMs = 0;
  readonly #agenda = new Agenda();
  #now: number;
  #isDown: (target: Scope & { readonly service: string }) => boolean = () => false;

  constructor({
    seed,
    startsAt,
    services,
  }: {
    seed: number;
    startsAt: number;
    services: readonly ServiceDefinition[];
  }) {
    this.seed = seed;
    this.#now = startsAt;
    for (const service of services) this.#services.set(service.name, service);
  }

  get now(): number {
    return this.#now;
  }

  /** The services of this world: for those that answer for others (tags, quotas). */
  get services(): ServiceDefinition[] {
    return [...this.#services.values()];
  }

  /** Lets everything happen that is due at `now`, then answers the changes since the last call. */
  advance(now: number): void {
    for (let item = this.#agenda.firstDue(now); item !== undefined; item = this.#agenda.firstDue(now)) {
      this.#now = Math.max(this.#now, item.at);
      this.removeRow('agenda', String(item.sequence));
      const handler = this.#services.get(item.service)?.agenda?.[item.kind];
      if (handler === undefined) throw new TypeError(`no agenda handler ${item.service}.${item.kind}`);
      handler(this.callFor(item, 'aws'), item.data as never);
    }
    this.#now = Math.max(this.#now, now);
  }

  /** Runs one operation at `now`. Throws `ServiceError`; then nothing has changed. */
  invoke(
    request: Scope & { service: string; operation: string; input: unknown; now: number; principal: string },
  ): unknown {
    this.advance(request.now);
    const service = this.#services.get(request.service);
    const handler = service?.operations[request.operation];
    if (service === undefined || handler === undefined) {
      throw new ServiceError(
        'UnknownOperationException',
        `${request.service}:${request.operation} is not simulated`,
        {
          httpStatus: 400,
        },
      );
    }
    const scope = { accountId: request.accountId, region: service.global ? 'global' : request.region };
    const mark = this.#undo.length;
    try {
      return handler(this.callFor(scope, request.principal), request.input as never);
    } catch (error) {
      this.#rollback(mark);
      throw error;
    }
  }

  /** Remembers how rows were, this far back, for `asOf`. */
  remember(historyMs: number): void {
    this.#historyMs = historyMs;
  }

  /** Whom to ask whether a service is down in a Region. */
  askOutages(isDown: (target: Scope & { readonly service: string }) => boolean): void {
    this.#isDown = isDown;
  }

  /** For services that reach over Regions: whether the service is down in another one by now. */
  isDown(target: Scope & { readonly service: string }): boolean {
    return this.#isDown(target);
  }

  /** Runs a read as the world was at an earlier time, as far as it is remembered. What it changes is undone. */
  asOf<T>(time: number, read: () => T): T {
    const before = [...this.#history, ...this.#undo].filter(
      (entry) => entry.at > time && !isBookkeeping(entry.table),
    );
    const [mark, present] = [this.#undo.length, this.#now];
    for (const { table, id, row } of before.toReversed()) this.#set(table, id, row);
    this.#now = Math.min(time, present);
    try {
      return read();
    } finally {
      this.#now = present;
      this.#rollback(mark);
    }
  }

  /** Calls another service's operation from inside one, in the same request: DRS makes instances appear in EC2. */
  callFor(scope: Scope, principal: string): Call {
    return { world: this, accountId: scope.accountId, region: scope.region, now: this.#now, principal };
  }

  /** Rows of one kind in one account and Region: `world.table(call, 'rds.clusters')`. */
  table<R extends Row>(scope: Scope, name: string): Table<R> {
    return new Table<R>(this, `${name}/${scope.accountId}/${scope.region}`);
  }

  /** The scopes in which a table of this name has rows: for services that reach over Regions (global clusters). */
  scopes(name: string): Scope[] {
    return [...this.#tables]
      .filter(([key, rows]) => key.startsWith(`${name}/`) && rows.size > 0)
      .map(([key]) => {
        const [, accountId, region] = key.split('/');
        return { accountId: accountId!, region: region! };
      });
  }

  /** Lets `agenda[kind]` of a service run at a time. */
  later(scope: Scope, item: { at: number; service: string; kind: string; data: unknown }): void {
    const sequence = this.count('agenda');
    const { accountId, region } = scope;
    this.putRow('agenda', String(sequence), { ...item, sequence, accountId, region });
  }

  /** Random numbers for a name, such as `drs.launch/drsjob-1/s-1`: always the same for the same seed and name. */
  random(name: string): Random {
    return randomOf(this.seed, name);
  }

  /** A new id in the form of AWS: prefix and hexadecimal digits, never given twice. */
  newId(prefix: string, digits = 17): string {
    return `${prefix}${this.random(`id/${prefix}/${this.count(prefix)}`).hex(digits)}`;
  }

  /** 0, 1, 2 … for a name; kept with the world. */
  count(name: string): number {
    const row = this.rows('counters').get(name) as { value: number } | undefined;
    const value = row?.value ?? 0;
    this.putRow('counters', name, { value: value + 1 });
    return value;
  }

  rows(key: string): Map<string, Row> {
    let rows = this.#tables.get(key);
    if (rows === undefined) this.#tables.set(key, (rows = new Map()));
    return rows;
  }

  putRow(key: string, id: string, row: Row): void {
    const rows = this.rows(key);
    this.#undo.push({ table: key, id, row: rows.get(id) ?? null, at: this.#now });
    rows.set(id, row);
    if (key === 'agenda') this.#agenda.add(row as AgendaItem);
  }

  removeRow(key: string, id: string): void {
    const rows = this.rows(key);
    const before = rows.get(id);
    if (before === undefined) return;
    this.#undo.push({ table: key, id, row: before, at: this.#now });
    rows.delete(id);
    if (key === 'agenda') this.#agenda.remove(id);
  }

  /** The changes since the last call, one per row, as it is now. Keep them before the answer goes out. */
  takeChanges(): Change[] {
    const seen = new Map<string, Change>();
    for (const { table, id } of this.#undo) {
      seen.set(`${table}\n${id}`, { table, id, row: this.rows(table).get(id) ?? null });
    }
    this.#keepHistory();
    this.#undo = [];
    return [...seen.values()];
  }

  /** Puts kept rows back, before the first request. */
  restore(changes: Iterable<Change>, now: number): void {
    for (const { table, id, row } of changes) if (row !== null) this.putRow(table, id, row);
    this.#undo = [];
    this.#now = Math.max(this.#now, now);
  }

  #rollback(mark: number): void {
    for (const { table, id, row } of this.#undo.splice(mark).reverse()) this.#set(table, id, row);
    this.#undo.length = mark;
  }

  #set(table: string, id: string, row: Row | null): void {
    if (row === null) this.removeRow(table, id);
    else this.putRow(table, id, row);
  }

  #keepHistory(): void {
    const oldest = this.#now - this.#historyMs;
    const [first] = this.#history;
    const isKept = first === undefined || first.at > oldest;
    if (this.#historyMs === 0 || (isKept && this.#undo.length === 0)) return;
    this.#history = [...this.#history, ...this.#undo].filter((entry) => entry.at > oldest);
  }
}

/** Tables that a look into the past must not touch. */
function isBookkeeping(table: string): boolean {
  return table === 'agenda' || table === 'counters';
}

/** Rows by id. Answers are the rows themselves: replace them, never change them. */
export class Table<R extends Row> {
  readonly #world: World;
  readonly #key: string;

  constructor(world: World, key: string) {
    this.#world = world;
    this.#key = key;
  }

  get(id: string): R | undefined {
    return this.#world.rows(this.#key).get(id) as R | undefined;
  }

  has(id: string): boolean {
    return this.#world.rows(this.#key).has(id);
  }

  put(id: string, row: R): void {
    this.#world.putRow(this.#key, id, row);
  }

  /** Replaces the row by itself with some members changed. Throws if it does not exist. */
  patch(id: string, changes: Partial<R>): R {
    const row = this.get(id);
    if (row === undefined) throw new TypeError(`no row ${id} in ${this.#key}`);
    const changed = { ...row, ...changes };
    this.put(id, changed);
    return changed;
  }

  remove(id: string): void {
    this.#world.removeRow(this.#key, id);
  }

  /** All rows, in order of creation. */
  all(): R[] {
    return [...this.#world.rows(this.#key).values()] as R[];
  }

  get size(): number {
    return this.#world.rows(this.#key).size;
  }
}
