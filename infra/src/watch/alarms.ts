import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib';
import { FUNCTIONS } from '../function-names.ts';
import { DEAD_EVENTS, named } from '../names.ts';
import type { Settings } from '../settings.ts';
import { counted, ofAllFunctions, ofFunction, ofMachine, ofQueue, printed } from './metrics.ts';

/** When someone has to look, by what, and what to do then. A value at the threshold is in alarm, but for `lessThan`. */
export interface Watch {
  readonly name: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly lessThan?: boolean;
  /** So many of so many minutes. */
  readonly minutes: number;
  readonly of?: number;
  /** What no value at all means. Default: nothing happened. */
  readonly missing?: 'breaching';
  /** For whoever is woken by it. */
  readonly todo: string;
}

/** All alarms of a deployment. */
export function watches(settings: Settings): Watch[] {
  return [...ofWhatRuns(), ...ofExecutions(settings), ...ofReadiness(settings)];
}

/** Whether Breakwater itself works. */
function ofWhatRuns(): Watch[] {
  return [
    ...[named('pause-resume-dead'), DEAD_EVENTS].map((queue) => ({
      name: queue,
      metric: ofQueue(queue, 'ApproximateNumberOfMessagesVisible'),
      threshold: 1,
      minutes: 1,
      todo: 'Read the message in the queue: a gate or an event was not taken. Mend the cause, then redrive or delete it.',
    })),
    {
      name: 'jobs-silent',
      // What every tick prints, and an event of DRS, which invokes the function too, does not.
      metric: printed('ExecutionsRunning'),
      threshold: 0,
      lessThan: true,
      minutes: 5,
      missing: 'breaching',
      todo: 'Schedules, notifications and the audit trail stand still. Is the rule breakwater-jobs-minute enabled, and the function there? Do events of DRS take up its two places?',
    },
    {
      name: 'jobs-failing',
      metric: ofFunction('jobs', 'Errors'),
      threshold: 1,
      minutes: 3,
      of: 5,
      todo: 'The log /aws/lambda/breakwater-jobs says which part fails (where), and why.',
    },
    {
      name: 'function-errors',
      metric: sumOf('Errors'),
      threshold: 1,
      minutes: 1,
      todo: 'The dashboard says which function; its log has the line with level ERROR. Step Functions has tried it again.',
    },
    {
      name: 'function-throttles',
      metric: sumOf('Throttles'),
      threshold: 1,
      minutes: 3,
      todo: 'The account has no concurrency of Lambda left: raise the quota, or look at what else uses it up.',
    },
  ];
}

function ofExecutions({ alarms: { gateMinutes } }: Settings): Watch[] {
  return [
    {
      name: 'executions-failed',
      metric: counted('ExecutionsFailed'),
      threshold: 1,
      minutes: 1,
      todo: 'breakwater executions list --status failed; the report of the execution says what failed.',
    },
    ...(['ExecutionsFailed', 'ExecutionsTimedOut'] as const).map((metric) => ({
      name: `machine-${metric === 'ExecutionsFailed' ? 'failed' : 'timed-out'}`,
      metric: ofMachine('recovery', metric),
      threshold: 1,
      minutes: 1,
      todo: 'The state machine itself has ended so. Its execution in Step Functions says where.',
    })),
    ...(['pause', 'decision', 'approval'] as const).map((Kind) => ({
      name: `gate-${Kind}-waits`,
      metric: printed('OldestOpenGateSeconds', { Kind }),
      threshold: gateMinutes * 60,
      minutes: 1,
      todo: `A ${Kind} gate is open for ${gateMinutes} minutes: a person has to act on it.`,
    })),
  ];
}

/** Whether a recovery would do, and could be shown afterwards. */
function ofReadiness({ alarms: { replicationLagMinutes } }: Settings): Watch[] {
  return [
    {
      name: 'replication-lag',
      metric: printed('ReplicationLagSeconds'),
      threshold: replicationLagMinutes * 60,
      minutes: 10,
      todo: 'A recovery now would lose more data than planned. The dashboard says in which account; look at its servers in DRS.',
    },
    {
      name: 'replication-unknown',
      metric: printed('ReplicationLagUnknown'),
      threshold: 1,
      minutes: 30,
      todo: 'DRS cannot be asked in some account: breakwater doctor --aws says what stands in the way.',
    },
    {
      name: 'replication-stalled',
      metric: printed('StalledServers'),
      threshold: 1,
      minutes: 10,
      todo: 'Source servers do not replicate any more. Look at them in DRS.',
    },
    {
      name: 'audit-outstanding',
      metric: printed('AuditOutstanding'),
      threshold: 1,
      minutes: 15,
      todo: 'What was done is written down and not chained for a quarter of an hour: the log of breakwater-jobs says why.',
    },
  ];
}

/** Over all functions but `jobs`, which is invoked more often than it may run, and has alarms of its own. */
function sumOf(metric: 'Errors' | 'Throttles'): MathExpression {
  const metrics = ofAllFunctions(metric).filter((_, i) => FUNCTIONS[i] !== 'jobs');
  return new MathExpression({
    expression: `SUM(METRICS())`,
    usingMetrics: Object.fromEntries(metrics.map((one, i) => [`m${i}`, one])),
    period: Duration.minutes(1),
    label: metric,
  });
}
