import { Stack, type StackProps } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Dashboard, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { CfnMetricFilter } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { METRIC_NAMESPACE } from '../../../src/hosts/lambda/metric-names.ts';
import { FUNCTIONS } from '../function-names.ts';
import { named, namedInAll } from '../names.ts';
import type { Settings } from '../settings.ts';
import { watches, type Watch } from '../watch/alarms.ts';
import { dashboardRows } from '../watch/dashboard.ts';
import { LOG_METRICS } from '../watch/metrics.ts';

interface ObservabilityProps extends StackProps {
  readonly settings: Settings;
}

/** Dashboard, alarms, and what is counted in the functions' logs. It names what it watches, and can come and go without it. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, { settings, ...props }: ObservabilityProps) {
    super(scope, id, { ...props, description: 'Breakwater: dashboard and alarms' });
    this.#addFilters();
    for (const watch of watches(settings)) this.#addAlarm(watch, settings);
    const dashboardName = namedInAll('overview', settings);
    new Dashboard(this, 'dashboard', { dashboardName, widgets: dashboardRows(settings) });
  }

  #addFilters(): void {
    for (const functionName of FUNCTIONS) {
      for (const [metricName, { pattern, dimensions }] of Object.entries(LOG_METRICS)) {
        new CfnMetricFilter(this, `${functionName}-${metricName}`, {
          logGroupName: `/aws/lambda/${named(functionName)}`,
          filterPattern: pattern,
          metricTransformations: [
            {
              metricNamespace: METRIC_NAMESPACE,
              metricName,
              metricValue: '1',
              unit: 'Count',
              ...dimensionsOf(dimensions),
            },
          ],
        });
      }
    }
  }

  #addAlarm(watch: Watch, { alarmTopic }: Settings): void {
    const { name, metric, threshold, lessThan = false, minutes, of = minutes, missing, todo } = watch;
    const alarm = new Alarm(this, name, {
      alarmName: named(name.replace(/^breakwater-/, '')),
      alarmDescription: todo,
      metric,
      threshold,
      datapointsToAlarm: minutes,
      evaluationPeriods: of,
      comparisonOperator: lessThan
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: missing === 'breaching' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    if (alarmTopic !== undefined)
      alarm.addAlarmAction(new SnsAction(Topic.fromTopicArn(this, `${name}-topic`, alarmTopic)));
  }
}

/** A metric with dimensions has no value for lines that do not match. */
function dimensionsOf(
  dimensions: Readonly<Record<string, string>>,
): Partial<CfnMetricFilter.MetricTransformationProperty> {
  const list = Object.entries(dimensions).map(([key, value]) => ({ key, value }));
  return list.length === 0 ? { defaultValue: 0 } : { dimensions: list };
}
