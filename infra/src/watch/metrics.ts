import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_NAMESPACE, METRICS, type MetricName } from '../../../src/hosts/lambda/metric-names.ts';
import { FUNCTIONS, type FunctionName } from '../function-names.ts';
import { arnOf, named } from '../functions.ts';

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

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
export function ofFunction(
  name: FunctionName,
  metricName: 'Errors' | 'Throttles' | 'Duration' | 'Invocations',
): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: named(name) },
    statistic: metricName === 'Duration' ? Stats.MAXIMUM : Stats.SUM,
    period: MINUTE,
    label: name,
  });
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html */
export function ofMachine(
  name: 'recovery' | 'technology',
  metricName: 'ExecutionsFailed' | 'ExecutionsTimedOut' | 'ExecutionsAborted',
): Metric {
  return new Metric({
    namespace: 'AWS/States',
    metricName,
    dimensionsMap: { StateMachineArn: arnOf('states', `stateMachine:${named(name)}`) },
    statistic: Stats.SUM,
    period: MINUTE,
    label: `${name} ${metricName}`,
  });
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
export function ofQueue(
  queueName: string,
  metricName: 'ApproximateNumberOfMessagesVisible' | 'ApproximateAgeOfOldestMessage',
): Metric {
  return new Metric({
    namespace: 'AWS/SQS',
    metricName,
    dimensionsMap: { QueueName: queueName },
    statistic: Stats.MAXIMUM,
    period: MINUTE,
    label: queueName,
  });
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html */
export function ofApi(metricName: '4XXError' | '5XXError' | 'Count' | 'Latency'): Metric {
  return new Metric({
    namespace: 'AWS/ApiGateway',
    metricName,
    dimensionsMap: { ApiName: named('api') },
    statistic: metricName === 'Latency' ? Stats.p(95) : Stats.SUM,
    period: MINUTE,
    label: metricName,
  });
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html */
export function ofRule(ruleName: string, metricName: 'FailedInvocations' | 'TriggeredRules'): Metric {
  return new Metric({
    namespace: 'AWS/Events',
    metricName,
    dimensionsMap: { RuleName: ruleName },
    statistic: Stats.SUM,
    period: MINUTE,
    label: ruleName,
  });
}

/** One metric of every function. */
export const ofAllFunctions = (metricName: Parameters<typeof ofFunction>[1]): Metric[] =>
  FUNCTIONS.map((name) => ofFunction(name, metricName));
