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

/** One event that was taken, for whoever looks what went out. Kept for ever. */
export interface EventRow {
  readonly id: string;
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
  /** JSON text. */
  readonly detail: string;
  readonly resources: readonly string[];
  readonly time: number;
  readonly putAt: number;
}

export const buses = (scope: Scoped): Table<BusRow> => scope.world.table(scope, 'events.buses');
export const events = (scope: Scoped): Table<EventRow> => scope.world.table(scope, 'events.events');

/** By name or ARN. Every account has the bus `default` in every Region. */
export function findBus(scope: Scoped, nameOrArn = 'default'): BusRow | undefined {
  const name = nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
  const arn = arnOf(scope, name);
  if (nameOrArn.startsWith('arn:') && nameOrArn !== arn) return undefined;
  const row = buses(scope).get(name);
  return row ?? (name === 'default' ? { name, arn, refuses: null, refusalsLeft: null } : undefined);
}

export function arnOf({ region, accountId }: Scope, name: string): string {
  return `arn:aws:events:${region}:${accountId}:event-bus/${name}`;
}
