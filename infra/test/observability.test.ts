import { expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { GATE_ACTIONS } from '../../src/core/view.ts';
import { METRICS } from '../../src/hosts/lambda/metric-names.ts';
import { FUNCTIONS } from '../src/function-names.ts';
import { ObservabilityStack } from '../src/stacks/observability.ts';
import { LOG_METRICS } from '../src/watch/metrics.ts';
import { propertiesOf, type Template } from './support/assembly.ts';
import { templateOfOne } from './support/one-stack.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:on-call';
const templateWith = (settings: object): Template =>
  templateOfOne((app, props) => new ObservabilityStack(app, 'BreakwaterObservability', props), settings);
const template = templateWith({ alarmTopic: TOPIC });
const plain = templateWith({ api: false });

interface Asked {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly string[];
  readonly values: readonly string[];
}

/** What AWS itself sends, and by what it can be asked: the pages that `src/watch/metrics.ts` names. */
const OF_AWS: Readonly<Record<string, { readonly metrics: readonly string[]; readonly dimension: string }>> =
  {
    'AWS/Lambda': { metrics: ['Errors', 'Throttles', 'Duration', 'Invocations'], dimension: 'FunctionName' },
    'AWS/States': {
      metrics: ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'],
      dimension: 'StateMachineArn',
    },
    'AWS/SQS': {
      metrics: ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'],
      dimension: 'QueueName',
    },
    'AWS/ApiGateway': { metrics: ['4XXError', '5XXError', 'Count', 'Latency'], dimension: 'ApiName' },
    'AWS/Events': { metrics: ['FailedInvocations', 'TriggeredRules'], dimension: 'RuleName' },
  };

/** Whether anyone sends it. */
function isSent({ namespace, name, dimensions, values }: Asked): boolean {
  const ofAws = OF_AWS[namespace];
  if (ofAws !== undefined) return ofAws.metrics.includes(name) && dimensions.join() === ofAws.dimension;
  if (namespace !== 'Breakwater') return false;
  const shapes: readonly (readonly string[])[] =
    name in METRICS
      ? METRICS[name as keyof typeof METRICS].dimensions
      : name in LOG_METRICS
        ? [Object.keys(LOG_METRICS[name as keyof typeof LOG_METRICS].dimensions)]
        : [];
  const kinds = values.every((value, i) => dimensions[i] !== 'Kind' || value in GATE_ACTIONS);
  return kinds && shapes.some((shape) => shape.join() === dimensions.join());
}

/** All that the dashboard asks for. */
function askedByDashboard(one: Template): Asked[] {
  const [dashboard] = propertiesOf(one, 'AWS::CloudWatch::Dashboard');
  const [, parts] = (dashboard!['DashboardBody'] as { 'Fn::Join': [string, Json[]] })['Fn::Join'];
  const text = parts.map((part) => (typeof part === 'string' ? part : 'x')).join('');
  const { widgets } = JSON.parse(text) as { widgets: { properties: { metrics?: Json[][] } }[] };
  return widgets.flatMap(({ properties }) => properties.metrics ?? []).map(readMetric);
}

function readMetric([first, ...rest]: Json[]): Asked {
  const expression = (first as { expression?: string } | null)?.expression;
  if (expression !== undefined) {
    const [, schema, name] = /^SEARCH\('\{([\w,]+)\} MetricName="(\w+)"', '\w+'\)$/.exec(expression)!;
    const [namespace, ...dimensions] = schema!.split(',');
    return { namespace: namespace!, name: name!, dimensions, values: [] };
  }
  const [name, ...pairs] = rest.filter((one) => typeof one === 'string');
  return {
    namespace: first as string,
    name: name!,
    dimensions: pairs.filter((_, i) => i % 2 === 0),
    values: pairs.filter((_, i) => i % 2 === 1),
  };
}

interface AlarmMetric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
}
interface AlarmShape extends Partial<AlarmMetric> {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly TreatMissingData: string;
  readonly AlarmActions?: readonly string[];
  readonly Metrics?: readonly { readonly MetricStat?: { readonly Metric: AlarmMetric } }[];
}

const alarmsOf = (one: Template): AlarmShape[] =>
  propertiesOf(one, 'AWS::CloudWatch::Alarm') as unknown as AlarmShape[];

function askedByAlarm({ Metrics, ...one }: AlarmShape): Asked[] {
  const metrics = Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []) ?? [one as AlarmMetric];
  return metrics.map(({ Namespace, MetricName, Dimensions = [] }) => ({
    namespace: Namespace,
    name: MetricName,
    dimensions: Dimensions.map(({ Name }) => Name),
    values: Dimensions.map(({ Value }) => Value),
  }));
}

test('the dashboard shows no metric that nobody sends', () => {
  const asked = askedByDashboard(template);
  expect(asked.length).toBeGreaterThan(40);
  expect(asked.filter((one) => !isSent(one))).toEqual([]);
});

test('what is asked for is held against what is sent: a wrong name, dimension or kind is found', () => {
  const right = { namespace: 'Breakwater', name: 'GatesOpen', dimensions: ['Kind'], values: ['pause'] };
  expect(isSent(right)).toBe(true);
  expect(isSent({ ...right, name: 'GatesShut' })).toBe(false);
  expect(isSent({ ...right, dimensions: [], values: [] })).toBe(false);
  expect(isSent({ ...right, values: ['coffee'] })).toBe(false);
  expect(isSent({ namespace: 'AWS/Lambda', name: 'Errors', dimensions: ['Name'], values: ['x'] })).toBe(
    false,
  );
});

test('every metric that jobs prints, and every one of the logs, is on the dashboard', () => {
  const shown = new Set(askedByDashboard(template).map(({ name }) => name));
  expect([...Object.keys(METRICS), ...Object.keys(LOG_METRICS)].filter((name) => !shown.has(name))).toEqual(
    [],
  );
});

test('no alarm waits for a metric that nobody sends', () => {
  const alarms = alarmsOf(template);
  expect(alarms.flatMap(askedByAlarm).filter((one) => !isSent(one))).toEqual([]);
  expect(alarms.map(({ AlarmName }) => AlarmName.replace('breakwater-', '')).sort()).toEqual([
    'audit-outstanding',
    'executions-failed',
    'function-errors',
    'function-throttles',
    'gate-approval-waits',
    'gate-decision-waits',
    'gate-pause-waits',
    'jobs-failing',
    'jobs-silent',
    'machine-failed',
    'machine-timed-out',
    'pause-resume-dead',
    'replication-lag',
    'replication-stalled',
    'replication-unknown',
    'trigger-dead',
  ]);
});

test('only silence of the jobs is an alarm by itself', () => {
  const silent = alarmsOf(template).filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
  expect(silent.map(({ AlarmName }) => AlarmName)).toEqual(['breakwater-jobs-silent']);
});

test('alarms say what to do, and go to the topic of the settings, if there is one', () => {
  for (const { AlarmDescription, AlarmActions } of alarmsOf(template)) {
    expect(AlarmDescription.length).toBeGreaterThan(40);
    expect(AlarmActions).toEqual([TOPIC]);
  }
  expect(alarmsOf(plain).flatMap(({ AlarmActions = [] }) => AlarmActions)).toEqual([]);
});

test('where there is no API Gateway, none is watched', () => {
  expect(askedByDashboard(template).some(({ namespace }) => namespace === 'AWS/ApiGateway')).toBe(true);
  expect(askedByDashboard(plain).some(({ namespace }) => namespace === 'AWS/ApiGateway')).toBe(false);
});

test('the log of every function is counted in', () => {
  const filters = propertiesOf(template, 'AWS::Logs::MetricFilter');
  const groups = new Set(filters.map(({ LogGroupName }) => LogGroupName));
  expect(groups).toEqual(new Set(FUNCTIONS.map((name) => `/aws/lambda/breakwater-${name}`)));
  expect(filters).toHaveLength(FUNCTIONS.length * Object.keys(LOG_METRICS).length);
});
