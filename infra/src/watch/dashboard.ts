import { GraphWidget, TextWidget, type IMetric, type IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { GATE_ACTIONS } from '../../../src/core/view.ts';
import { METRICS, type MetricName } from '../../../src/hosts/lambda/metric-names.ts';
import { DEAD_EVENTS, named } from '../names.ts';
import type { Settings } from '../settings.ts';
import {
  counted,
  countedBy,
  LOG_METRICS,
  ofAllFunctions,
  ofApi,
  ofMachine,
  ofQueue,
  ofRule,
  printed,
  printedBy,
} from './metrics.ts';

const WIDTH = 8;
const HEIGHT = 6;

/** Rows of the dashboard: what goes on, what failed, whether a recovery would do, and whether all works. */
export function dashboardRows({ api }: Settings): IWidget[][] {
  return [
    [
      graph('Executions', [printed('ExecutionsRunning'), printed('ExecutionsWaitingForPeople')]),
      graph('Open gates', byKind('GatesOpen'), 'GatesOpen'),
      graph('Oldest open gate', byKind('OldestOpenGateSeconds'), 'OldestOpenGateSeconds'),
    ],
    [
      graph('Executions failed', [
        counted('ExecutionsFailed'),
        ofMachine('recovery', 'ExecutionsFailed'),
        ofMachine('recovery', 'ExecutionsTimedOut'),
        ofMachine('recovery', 'ExecutionsAborted'),
        ofMachine('technology', 'ExecutionsFailed'),
      ]),
      graph(`Failures: ${LOG_METRICS.TechnologiesFailed.description}`, [countedBy('TechnologiesFailed')]),
      graph(`Throttles: ${LOG_METRICS.AwsThrottles.description}`, [countedBy('AwsThrottles')]),
    ],
    [
      graph('Replication lag', [printedBy('ReplicationLagSeconds', PLACE)], 'ReplicationLagSeconds'),
      graph('Replication lag unknown', [printedBy('ReplicationLagUnknown', PLACE)], 'ReplicationLagUnknown'),
      graph('Stalled servers', [printedBy('StalledServers', PLACE)], 'StalledServers'),
    ],
    [
      graph('Function errors', ofAllFunctions('Errors')),
      graph('Function throttles', ofAllFunctions('Throttles')),
      graph('Longest function', ofAllFunctions('Duration')),
    ],
    [
      graph('Queue of the gates', [
        ofQueue(named('pause-resume'), 'ApproximateNumberOfMessagesVisible'),
        ofQueue(named('pause-resume'), 'ApproximateAgeOfOldestMessage'),
      ]),
      graph('Dead letters', [
        ofQueue(named('pause-resume-dead'), 'ApproximateNumberOfMessagesVisible'),
        ofQueue(DEAD_EVENTS, 'ApproximateNumberOfMessagesVisible'),
        ofRule(named('disaster'), 'FailedInvocations'),
      ]),
      graph(
        'Audit trail and subscriptions',
        [printed('AuditOutstanding'), printed('SubscriptionsFailing')],
        'AuditOutstanding',
      ),
    ],
    ...(api
      ? [
          [
            graph('API', [ofApi('Count'), ofApi('4XXError'), ofApi('5XXError')]),
            graph('API latency', [ofApi('Latency')]),
          ],
        ]
      : []),
    [new TextWidget({ width: 3 * WIDTH, height: 4, markdown: legend() })],
  ];
}

const PLACE = ['AccountId', 'Region'] as const;

function byKind(name: MetricName): IMetric[] {
  return Object.keys(GATE_ACTIONS).map((Kind) => printed(name, { Kind }).with({ label: Kind }));
}

function graph(title: string, left: IMetric[], about?: MetricName): GraphWidget {
  const label =
    about === undefined ? {} : { leftYAxis: { label: METRICS[about].unit, min: 0, showUnits: false } };
  return new GraphWidget({ title, left, width: WIDTH, height: HEIGHT, ...label });
}

function legend(): string {
  const rows = Object.entries(METRICS).map(([name, { description }]) => `- **${name}**: ${description}`);
  return rows.join('\n');
}
