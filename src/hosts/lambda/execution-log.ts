import type { AwsCallRecord } from '#aws/options.ts';
import type { ExecutionEventRecord } from '#core/events.ts';
import { log } from './log.ts';

/*
 * What happens in executions, a line of JSON each in the log of the function: metric filters count them. Evidence is what the audit
 * trail has; a log is kept for some days, and one who may write into it can write anything.
 */

/** One attempt of a call to AWS; `executionId` `null`: for no execution. */
export function logCall(executionId: string | null, call: AwsCallRecord): void {
  log('INFO', { message: 'aws call', executionId, ...call });
}

/** An event of an execution. What its data has of a technology's type stands beside the code, by which it is counted. */
export function logEvent({ executionId, sequence, at, code, data }: ExecutionEventRecord): void {
  const { technologyType } = data;
  log('INFO', {
    message: 'execution event',
    executionId,
    sequence,
    at,
    code,
    ...(technologyType === undefined ? {} : { technologyType }),
    data,
  });
}
