import type { DescribeEventsCommandInput } from '@aws-sdk/client-rds';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import type { Table } from '#sim/kernel/world.ts';
import { page } from './pages.ts';
import type { Scoped } from './rows.ts';

interface EventRow {
  /** `RDS-EVENT-0071`. The API does not answer it; EventBridge would. */
  readonly eventId: string;
  readonly sourceType: 'db-cluster' | 'db-instance';
  readonly sourceId: string;
  readonly sourceArn: string;
  readonly category: string;
  readonly message: string;
  readonly at: number;
}

/** The events that this simulation emits: USER_Events.Messages of the RDS user guide. `{0}` and `{1}` are filled in. */
const MESSAGES = {
  '0006': ['availability', 'DB instance restarted'],
  '0013': ['failover', 'Multi-AZ instance failover started.'],
  '0034': [
    'failover',
    'Abandoning user requested failover since a failover recently occurred on the database instance.',
  ],
  '0049': ['failover', 'Multi-AZ instance failover completed'],
  '0065': ['failover', 'Recovery from partial failover.'],
  '0069': ['failover', 'Cluster failover failed, check the health of your cluster instances and try again.'],
  '0071': ['failover', 'Completed failover to DB instance: {0}'],
  '0072': ['failover', 'Started same AZ failover to DB instance: {0}'],
  '0073': ['failover', 'Started cross AZ failover to DB instance: {0}'],
  '0087': ['notification', 'DB instance stopped.'],
  '0088': ['notification', 'DB instance started.'],
  '0181': ['global-failover', 'Global {2} to DB cluster {0} in Region {1} started.'],
  '0182': ['global-failover', 'Old primary DB cluster {0} in Region {1} successfully shut down.'],
  '0183': ['global-failover', 'Waiting for data synchronization across global cluster members.'],
  '0184': ['global-failover', 'New primary DB cluster {0} in Region {1} was successfully promoted.'],
  '0185': ['global-failover', 'Global {2} to DB cluster {0} in Region {1} finished.'],
  '0187': ['global-failover', 'Global {2} to DB cluster {0} in Region {1} failed.'],
} as const;
export type EventCode = keyof typeof MESSAGES;

export const events = (scope: Scoped): Table<EventRow> => scope.world.table(scope, 'rds.events');

export function emit(
  call: Scoped & { readonly now: number },
  source: { readonly id: string; readonly arn: string },
  code: EventCode,
  values: readonly string[] = [],
): void {
  const [category, text] = MESSAGES[code];
  const sequence = String(call.world.count('rds.events'));
  events(call).put(sequence, {
    eventId: `RDS-EVENT-${code}`,
    sourceType: source.arn.includes(':cluster:') ? 'db-cluster' : 'db-instance',
    sourceId: source.id,
    sourceArn: source.arn,
    category,
    message: text.replaceAll(/\{(\d)\}/g, (_, index: string) => values[Number(index)] ?? ''),
    at: call.now,
  });
}

/** Events of the last `Duration` minutes (default 60), or between two times; oldest first. */
export function describeEvents(call: Call, input: DescribeEventsCommandInput) {
  if (input.SourceIdentifier !== undefined && input.SourceType === undefined) {
    throw new ServiceError(
      'InvalidParameterCombination',
      'Cannot specify a SourceIdentifier without also specifying a SourceType',
      { httpStatus: 400 },
    );
  }
  const until = input.EndTime?.getTime() ?? call.now;
  const since = input.StartTime?.getTime() ?? until - (input.Duration ?? 60) * 60_000;
  const matching = events(call)
    .all()
    .filter((event) => event.at >= since && event.at <= until)
    .filter((event) => input.SourceType === undefined || event.sourceType === input.SourceType)
    .filter((event) => input.SourceIdentifier === undefined || event.sourceId === input.SourceIdentifier)
    .filter((event) => !input.EventCategories?.length || input.EventCategories.includes(event.category));
  const { items, marker } = page(matching, input);
  return { Events: items.map(eventView), Marker: marker };
}

function eventView(row: EventRow) {
  return {
    SourceIdentifier: row.sourceId,
    SourceType: row.sourceType,
    SourceArn: row.sourceArn,
    Message: row.message,
    EventCategories: [row.category],
    Date: new Date(row.at),
  };
}
