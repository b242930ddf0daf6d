import { hasCode } from '#core/errors.ts';
import { eachAtOnce } from '#store/at-once.ts';
import { allRows } from '#store/all-rows.ts';
import type { Row, Store, TableName } from '#store/port.ts';
import { requestOf, type AuditEntry, type AuditLog } from './audit-log.ts';
import { networkOf } from './network-of.ts';

const WINDOW_MS = 60_000;
/** Sources that one process tells apart in a window. Whoever has many addresses could else make the trail grow by each of them. */
const MOST_SOURCES = 100;
const RECORDED_AT_ONCE = 20;
const TABLE: TableName = 'platform-records';
const PARTITION = 'denials';

/** Somebody who is known asked for what they may not do. */
export interface Denial {
  /** The id of a principal. */
  readonly by: string;
  /** `POST /executions/{executionId}/pause`. */
  readonly route: string;
  readonly why: string;
  readonly address: string;
  readonly requestId: string;
}

/** Somebody has proved no identity. */
export interface Failure {
  readonly why: string;
  readonly address: string;
  readonly requestId?: string | undefined;
}

/** Refusals on their way into the evidence. */
export interface Denials {
  /** Resolves when it is durable. */
  note(denial: Denial): Promise<void>;
  /** Resolves when it is durable. */
  noteFailure(failure: Failure): Promise<void>;
  /** Records what was only counted so far, of minutes that are over. */
  recordDue(): Promise<void>;
  /** Records all that was only counted so far. */
  flush(): Promise<void>;
}

export interface DenialsParams {
  readonly store: Store;
  readonly audit: Pick<AuditLog, 'change'>;
  readonly hash: (text: string) => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What a row says: how many are to be recorded yet, and the last of them. */
interface Counted {
  readonly more: number;
  readonly last: AuditEntry;
}

/** Refusals of one source that are to be counted. */
interface Waiting {
  readonly first: AuditEntry;
  last: AuditEntry;
  count: number;
  readonly done: Promise<void>;
}

/**
 * Whoever can reach the server can be refused as often as they like, and must not make a trail in which nothing else can be found.
 * Invariants:
 * 1. of a source (a principal at a route; an address) the first refusal of a minute is recorded at once, in the transaction that makes a
 *    row for that minute;
 * 2. all others are counted in that row, durable before the refusal is answered, whatever process refuses and however it ends;
 * 3. whoever finds the row of a minute that is over takes it away in the transaction that records its count: no count is lost, and
 *    none comes twice. The next refusal of anybody does that, and `recordDue`.
 */
export function createDenials({ store, audit, hash, now }: DenialsParams): Denials {
  const { count, settled } = counterIn(store, audit);
  let window = { start: -1, sources: new Set<string>(), begun: Promise.resolve() };

  const add = async (entry: AuditEntry, source: string): Promise<void> => {
    const start = Math.floor(now() / WINDOW_MS) * WINDOW_MS;
    if (window.start !== start) {
      // What cannot be recorded now stays counted, for whoever comes next.
      const begun = recordBefore(start).catch(() => {});
      window = { start, sources: new Set(), begun };
    }
    const { sources, begun } = window;
    await begun;
    const isOneOfMany = !sources.has(source) && sources.size >= MOST_SOURCES;
    if (!isOneOfMany) sources.add(source);
    const told = isOneOfMany ? { ...entry, by: 'many', target: 'many' } : entry;
    const place = isOneOfMany ? entry.action : `${entry.action} ${source}`;
    await count(`${new Date(start).toISOString()}/${hash(place)}`, told);
  };
  /** Of minutes that began before this moment. */
  const recordBefore = async (moment: number): Promise<void> => {
    const rows = await allRows(store, { table: TABLE, partition: PARTITION });
    const due = rows.filter(({ key }) => Date.parse(key.sort.split('/')[0]!) < moment);
    await eachAtOnce(due, { most: RECORDED_AT_ONCE }, async (row) => {
      const { more, last } = countedIn(row);
      const remove = { kind: 'remove', table: TABLE, key: row.key, expect: row.revision } as const;
      await unlessOvertaken(() =>
        more === 0
          ? store.write([remove])
          : audit.change(counted(last, more), (announced) => store.write([remove, announced])),
      );
    });
  };
  return {
    note: ({ by, route, requestId, address, why }) =>
      add(
        {
          action: 'auth.forbidden',
          by,
          target: `route/${route}`,
          requestId,
          data: { why: why.slice(0, 500), address },
        },
        `${by} ${route}`,
      ),
    noteFailure: ({ address, why, requestId }) =>
      add(
        {
          action: 'auth.failed',
          by: 'anonymous',
          target: `address/${address}`,
          ...requestOf({ requestId }),
          data: { why: why.slice(0, 500), address },
        },
        networkOf(address),
      ),
    recordDue: () => recordBefore(Math.floor(now() / WINDOW_MS) * WINDOW_MS),
    flush: async () => {
      await settled();
      await recordBefore(Infinity);
    },
  };
}

/** Counts refusals in the row of their source and minute. */
function counterIn(
  store: Store,
  audit: Pick<AuditLog, 'change'>,
): { count: (sort: string, entry: AuditEntry) => Promise<void>; settled: () => Promise<unknown> } {
  const waiting = new Map<string, Waiting>();
  const working = new Map<string, Promise<void>>();
  /** What comes while one is being written is written together. */
  const count = (sort: string, entry: AuditEntry): Promise<void> => {
    const company = waiting.get(sort);
    if (company !== undefined) {
      company.last = entry;
      company.count++;
      return company.done;
    }
    const before = working.get(sort) ?? Promise.resolve();
    const run = (): Promise<void> => {
      waiting.delete(sort);
      return write(sort, mine);
    };
    const done = before.then(run, run);
    const mine: Waiting = { first: entry, last: entry, count: 1, done };
    waiting.set(sort, mine);
    working.set(sort, done);
    const forget = (): void => {
      if (working.get(sort) === done) working.delete(sort);
    };
    done.then(forget, forget);
    return done;
  };
  const write = async (sort: string, { first, last, count: added }: Waiting): Promise<void> => {
    const key = { partition: PARTITION, sort };
    const put = (more: number, expect: number | 'absent') =>
      ({ kind: 'put', table: TABLE, key, value: { more, last: { ...last } }, expect }) as const;
    for (;;) {
      const row = await store.get({ table: TABLE, key });
      const isWritten = await unlessOvertaken(() =>
        row === null
          ? audit.change(counted(first, 1), (announced) => store.write([put(added - 1, 'absent'), announced]))
          : store.write([put(countedIn(row).more + added, row.revision)]),
      );
      if (isWritten) return;
    }
  };
  return { count, settled: () => Promise.allSettled(working.values()) };
}

function counted(entry: AuditEntry, count: number): AuditEntry {
  return { ...entry, data: { ...entry.data, count } };
}

function countedIn({ value }: Row): Counted {
  return value as unknown as Counted;
}

/** Answers false if somebody else was at the same row first. */
async function unlessOvertaken(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!hasCode(error, 'RevisionConflict')) throw error;
    return false;
  }
}
