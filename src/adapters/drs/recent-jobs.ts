import type { Job } from '@aws-sdk/client-drs';
import type { AwsTarget } from '#aws/aws.ts';
import type { OperationContext } from '../contract.ts';

/** No job takes longer; older ones use no quota and hold no server. */
const SINCE_MS = 24 * 3_600_000;

/** All jobs of the account and Region that can still be active, ours and others'; and those that have ended lately. */
export function readRecentJobs(context: OperationContext, { drs }: AwsTarget): Promise<Job[]> {
  const fromDate = new Date(context.now() - SINCE_MS).toISOString();
  return drs.describeJobs({ filters: { fromDate } }, context.signal);
}
