import type { Event } from '@aws-sdk/client-rds';
import type { AwsTarget } from '#aws/aws.ts';
import type { Report } from './failover-kind.ts';

/**
 * What the events of a cluster or instance say of its last failover since a time. DescribeEvents answers no event ids, only their
 * texts: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
 */
export async function reportFrom(
  target: AwsTarget,
  source: { readonly type: 'db-cluster' | 'db-instance'; readonly id: string },
  { since, signal }: { readonly since: number; readonly signal: AbortSignal },
): Promise<Report> {
  const events = await target.rds.describeEvents(
    { SourceType: source.type, SourceIdentifier: source.id, StartTime: new Date(since) },
    signal,
  );
  const byTime = events.toSorted((a, b) => (a.Date?.getTime() ?? 0) - (b.Date?.getTime() ?? 0));
  return byTime.reduce<Report>((report, event) => readEvent(event) ?? report, 'silent');
}

/** 0069 and 0187 failed, 0034 abandoned, 0065 partial; 0071, 0185 and 0049 complete; 0072, 0073, 0181 and 0013 started. */
function readEvent({ Message = '' }: Event): Report | null {
  if (/failover failed|(failover|switchover) to .* failed|abandoning|partial failover/i.test(Message))
    return 'failed';
  if (/completed failover|failover completed|(failover|switchover) to .* finished/i.test(Message))
    return 'completed';
  if (/started .*failover|failover started|(failover|switchover) to .* started/i.test(Message))
    return 'started';
  return null;
}
