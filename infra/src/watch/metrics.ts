import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_NAMESPACE, METRICS, type MetricName } from '../../../src/hosts/lambda/metric-names.ts';
import { FUNCTIONS, type FunctionName } from '../function-names.ts';
import { machineArn, named } from '../names.ts';

const MINUTE = Duration.minutes(1);

/** What metric filters make of the functions' logs: `src/hosts/lambda/execution-log.ts` prints the lines. */
export const LOG_METRICS = {
  ExecutionsFailed: {
    pattern: '{ $.message = "execution event" && $.code = "ExecutionFailed" }',
    dimensions: {},
    description: 'executions that have failed',
  },
  TechnologiesFailed: {
    pattern: '{ $.message = "execution event" && $.code = "TechnologyFailed" }',
    dimensions: { Technology: '$.technologyType' },
    description: 'technologies that have failed, by type',
  },
  AwsThrottles: {
    pattern:
      '{ $.message = "aws call" && ($.error = "*Thrott*" || $.error = "*TooManyRequests*" || $.error = "*LimitExceeded*") }',
    dimensions: { Service: '$.service' },
    description: 'calls to AWS that were throttled, by service',
  },
} as const;
type LogMetricName = keyof typeof LOG_METRICS;

/** Of those that `jobs` prints, with what it can be asked by. */
export function printed(name: MetricName, dimensionsMap: Record<string, string> = {}): Metric {
  const { statistic } = METRICS[name];
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: name,
    dimensionsMap,
    statistic,
    period: MINUTE,
  });
}

/** All of its dimensions, one line each. */
export function printedBy(name: MetricName, dimensions: readonly string[]): MathExpression {
  const schema = [METRIC_NAMESPACE, ...dimensions].join(',');
  return search(`{${schema}} MetricName="${name}"`, METRICS[name].statistic);
}

/** Counted in logs, all of them. */
export function counted(metricName: 'ExecutionsFailed'): Metric {
  return new Metric({ namespace: METRIC_NAMESPACE, metricName, statistic: Stats.SUM, period: MINUTE });
}

/** Counted in logs, one line for each value of its dimension. */
export function countedBy(name: Exclude<LogMetricName, 'ExecutionsFailed'>): MathExpression {
  const [dimension] = Object.keys(LOG_METRICS[name].dimensions);
  return search(`{${METRIC_NAMESPACE},${dimension}} MetricName="${name}"`, 'Sum');
}

function search(what: string, statistic: string): MathExpression {
  return new MathExpression({
    expression: `SEARCH('${what}', '${statistic}')`,
    period: Duration.minutes(5),
    label: '',
  });
}

/** What AWS itself sends: a name of CloudWatch's, what it is about, and how it is shown. */
function ofAws(
  namespace: string,
  metricName: string,
  dimensionsMap: Record<string, string>,
  { label, statistic = Stats.SUM }: { readonly label: string; readonly statistic?: string },
): Metric {
  return new Metric({
    namespace: `AWS/${namespace}`,
    metricName,
    dimensionsMap,
    statistic,
    period: MINUTE,
    label,
  });
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
export function ofFunction(name: FunctionName, metricName: 'Errors' | 'Throttles' | 'Duration'): Metric {
  const statistic = metricName === 'Duration' ? Stats.MAXIMUM : Stats.SUM;
  return ofAws('Lambda', metricName, { FunctionName: named(name) }, { label: name, statistic });
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html */
export function ofMachine(
  name: 'recovery' | 'technology',
  metricName: 'ExecutionsFailed' | 'ExecutionsTimedOut' | 'ExecutionsAborted',
): Metric {
  return ofAws(
    'States',
    metricName,
    { StateMachineArn: machineArn(name) },
    { label: `${name} ${metricName}` },
  );
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
export function ofQueue(
  QueueName: string,
  metricName: 'ApproximateNumberOfMessagesVisible' | 'ApproximateAgeOfOldestMessage',
): Metric {
  return ofAws('SQS', metricName, { QueueName }, { label: QueueName, statistic: Stats.MAXIMUM });
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html */
export function ofApi(metricName: '4XXError' | '5XXError' | 'Count' | 'Latency'): Metric {
  const statistic = metricName === 'Latency' ? Stats.p(95) : Stats.SUM;
  return ofAws('ApiGateway', metricName, { ApiName: named('api') }, { label: metricName, statistic });
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html */
export function ofRule(RuleName: string, metricName: 'FailedInvocations'): Metric {
  return ofAws('Events', metricName, { RuleName }, { label: RuleName });
}

/** One metric of every function. */
export const ofAllFunctions = (metricName: Parameters<typeof ofFunction>[1]): Metric[] =>
  FUNCTIONS.map((name) => ofFunction(name, metricName));
