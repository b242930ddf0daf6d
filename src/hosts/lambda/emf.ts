import { METRIC_NAMESPACE, METRICS, type MetricName } from './metric-names.ts';

/** By dimension; those that the metrics of the line are asked by, and no others. */
export type Where = Readonly<Partial<Record<'Kind' | 'AccountId' | 'Region', string>>>;

/**
 * One line of CloudWatch's embedded metric format: printed by a function, it makes metrics of a log.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function emfLine(
  nowMs: number,
  values: Readonly<Partial<Record<MetricName, number>>>,
  where: Where = {},
): string {
  const directives = (Object.keys(values) as MetricName[]).map((name) => ({
    Namespace: METRIC_NAMESPACE,
    Dimensions: METRICS[name].dimensions,
    Metrics: [{ Name: name, Unit: METRICS[name].unit }],
  }));
  return JSON.stringify({ _aws: { Timestamp: nowMs, CloudWatchMetrics: directives }, ...where, ...values });
}
