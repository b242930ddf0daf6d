import type { World } from './world.ts';

/** One request, as the log keeps it. */
export interface CallRecord {
  /** 1, 2, 3 … since the simulation was made. */
  readonly number: number;
  readonly requestId: string;
  /** Milliseconds since 1970 in simulated time. */
  readonly time: number;
  readonly service: string;
  readonly operation: string;
  readonly accountId: string;
  readonly region: string;
  readonly principal: string;
  readonly input: unknown;
  /** Code of the error that was answered, as on the wire. */
  readonly error: string | null;
  /** The fault that was injected, if any. */
  readonly fault: string | null;
  /** True if it may have changed the world: not a read, and not refused. */
  readonly tookEffect: boolean;
}

export type CallFilter = Partial<Pick<CallRecord, 'service' | 'operation' | 'accountId' | 'region'>>;

/** Called around each request. What it throws breaks the connection: before, nothing has happened; after, all has. */
export interface CallHook {
  readonly before?: (call: Omit<CallRecord, 'error' | 'fault' | 'tookEffect'>) => void;
  readonly after?: (call: CallRecord) => void;
}

/** What tests and people can ask about the requests so far. */
export interface Stats {
  /** How many requests came, since the simulation was made. */
  calls(filter?: CallFilter): number;
  /** How many requests took effect, over the whole life of the world, restarts included. */
  effects(filter?: Omit<CallFilter, 'region'>): number;
  /** The latest requests, oldest first. */
  readonly log: readonly CallRecord[];
}

const EFFECT = 'effect/';

export class CallLog implements Stats {
  readonly #world: World;
  readonly #limit: number;
  readonly #log: CallRecord[] = [];
  readonly #calls = new Map<string, { call: CallRecord; count: number }>();

  constructor(world: World, { limit = 10_000 }: { limit?: number } = {}) {
    this.#world = world;
    this.#limit = limit;
  }

  get log(): readonly CallRecord[] {
    return this.#log;
  }

  /** Counts an effect in the world itself, so that it is kept with it. */
  countEffect({
    service,
    operation,
    accountId,
  }: Pick<CallRecord, 'service' | 'operation' | 'accountId'>): void {
    this.#world.count(`${EFFECT}${service}/${operation}/${accountId}`);
  }

  add(call: CallRecord): void {
    this.#log.push(call);
    if (this.#log.length >= 2 * this.#limit) this.#log.splice(0, this.#limit);
    const key = `${call.service}/${call.operation}/${call.accountId}/${call.region}`;
    const entry = this.#calls.get(key);
    if (entry === undefined) this.#calls.set(key, { call, count: 1 });
    else entry.count++;
  }

  calls(filter: CallFilter = {}): number {
    let count = 0;
    for (const entry of this.#calls.values()) if (matches(entry.call, filter)) count += entry.count;
    return count;
  }

  effects(filter: Omit<CallFilter, 'region'> = {}): number {
    let count = 0;
    for (const [name, row] of this.#world.rows('counters')) {
      if (!name.startsWith(EFFECT)) continue;
      const [service, operation, accountId] = name.slice(EFFECT.length).split('/');
      if (matches({ service, operation, accountId }, filter)) count += (row as { value: number }).value;
    }
    return count;
  }
}

function matches(
  call: { readonly [K in keyof CallFilter]: string | undefined },
  filter: CallFilter,
): boolean {
  return (Object.keys(filter) as (keyof CallFilter)[]).every(
    (name) => filter[name] === undefined || filter[name] === call[name],
  );
}
