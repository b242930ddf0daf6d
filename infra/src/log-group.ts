import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';

const RETENTION: Readonly<Record<Settings['logDays'], RetentionDays>> = {
  30: RetentionDays.ONE_MONTH,
  60: RetentionDays.TWO_MONTHS,
  90: RetentionDays.THREE_MONTHS,
  180: RetentionDays.SIX_MONTHS,
  365: RetentionDays.ONE_YEAR,
  731: RetentionDays.TWO_YEARS,
};

/** Keeps logs for the days of the settings, and stays when its stack goes. */
export function addLogGroup(
  scope: Construct,
  id: string,
  logGroupName: string,
  { logDays }: Settings,
): LogGroup {
  return new LogGroup(scope, id, {
    logGroupName,
    retention: RETENTION[logDays],
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
