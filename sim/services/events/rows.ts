import type { Call, Scope } from '#sim/kernel/contract.ts';
import type { Table } from '#sim/kernel/world.ts';

export type Scoped = Scope & Pick<Call, 'world'>;

export interface BusRow {
  readonly name: string;
  readonly arn: string;
  /** The error code that entries for it get; `null`: they are taken. */
  readonly refuses: string | null;
  /** How many entries are still refused; `null`: all. */
  readonly refusalsLeft: number | null;
}

/** One event that was taken, for whoever looks what went out. */
export interface EventRow {
  readonly id: string;
  /** Name of the bus; as the caller wrote it, if there is no such bus. */
  readonly bus: string;
  /** There was no such bus: the caller got an id, and the event reached nobody. */
  readonly dropped: boolean;
  readonly source: string;
  readonly detailType: string;
  /** JSON text. */
  readonly detail: string;
  readonly resources: readonly string[];
  readonly time: number;
  readonly putAt: number;
}

export const buses = (scope: Scoped): Table<BusRow> => scope.world.table(scope, 'events.buses');
/** The latest of the account and Region (`KEPT_ROWS`), oldest first. */
export const events = (scope: Scoped): Table<EventRow> => scope.world.table(scope, 'events.events');

/** All buses of the account and Region. `default` is always there. */
export function allBuses(scope: Scoped): BusRow[] {
  const rows = buses(scope).all();
  const name = 'default';
  if (rows.some((row) => row.name === name)) return rows;
  return [{ name, arn: arnOf(scope, name), refuses: null, refusalsLeft: null }, ...rows];
}

/** By name or ARN; without either, the bus `default`. */
export function findBus(scope: Scoped, nameOrArn = 'default'): BusRow | undefined {
  return allBuses(scope).find(({ name, arn }) => name === nameOrArn || arn === nameOrArn);
}

export function arnOf({ region, accountId }: Scope, name: string): string {
  return `arn:aws:events:${region}:${accountId}:event-bus/${name}`;
}
