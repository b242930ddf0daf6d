/** CloudWatch's namespace of all of them. */
export const METRIC_NAMESPACE = 'Breakwater';

interface MetricDefinition {
  /** As CloudWatch names it. */
  readonly unit: 'Count' | 'Seconds';
  /** What it can be asked by. `[]` is the metric without dimensions, which an alarm over all accounts asks for. */
  readonly dimensions: readonly (readonly ('Kind' | 'AccountId' | 'Region')[])[];
  /** The statistic that means something: a value is a level, printed once a minute, and twice if two ticks overlap. */
  readonly statistic: 'Maximum';
  /** One sentence, for the dashboard. */
  readonly description: string;
}

const ALONE = [[]] as const;
const BY_KIND = [['Kind']] as const;
const BY_PLACE = [['AccountId', 'Region'], []] as const;

/**
 * Everything that the function `jobs` measures, once a minute. The dashboard and the alarms are built of this list.
 *
 * `Kind` is the kind of a gate: `dependencies`, `pause`, `decision`, `approval`. Each of them is printed each minute, also when there is
 * none: 0. `AccountId` and `Region` are a target account of the records and each of its Regions, and the account and Region that
 * Breakwater runs in. DRS is asked once in 5 minutes for each of them; in between the last answer is printed again.
 */
export const METRICS = {
  ExecutionsRunning: {
    unit: 'Count',
    dimensions: ALONE,
    statistic: 'Maximum',
    description: 'Executions that have not ended.',
  },
  ExecutionsWaitingForPeople: {
    unit: 'Count',
    dimensions: ALONE,
    statistic: 'Maximum',
    description: 'Executions with an open gate that a person opens: pause, decision or approval.',
  },
  GatesOpen: {
    unit: 'Count',
    dimensions: BY_KIND,
    statistic: 'Maximum',
    description: 'Open gates of unfinished executions, by kind.',
  },
  OldestOpenGateSeconds: {
    unit: 'Seconds',
    dimensions: BY_KIND,
    statistic: 'Maximum',
    description: 'How long the oldest open gate of a kind has been open; 0 when none is.',
  },
  ReplicationLagSeconds: {
    unit: 'Seconds',
    dimensions: BY_PLACE,
    statistic: 'Maximum',
    description:
      'The largest lag of the source servers that DRS replicates there; missing where there is none.',
  },
  ReplicationLagUnknown: {
    unit: 'Count',
    dimensions: BY_PLACE,
    statistic: 'Maximum',
    description: '1 where DRS could not be asked, or did not say the lag of a server; else 0.',
  },
  StalledServers: {
    unit: 'Count',
    dimensions: BY_PLACE,
    statistic: 'Maximum',
    description: 'Source servers whose replication has stalled; missing where DRS could not be asked.',
  },
  SubscriptionsFailing: {
    unit: 'Count',
    dimensions: ALONE,
    statistic: 'Maximum',
    description:
      'Enabled subscriptions whose last delivery failed: events wait there, and are given up when they are a day old.',
  },
  AuditOutstanding: {
    unit: 'Count',
    dimensions: ALONE,
    statistic: 'Maximum',
    description:
      'Acts and calls that are written down and not yet chained into the audit trail, up to 1,000; those of the last minute are usual.',
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
