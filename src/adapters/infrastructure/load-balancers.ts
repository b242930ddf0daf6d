import type { OperationContext } from '../contract.ts';
import { canonicalName } from './record-sets.ts';

/**
 * True for the DNS name of a load balancer: application and classic ones are `name-1.us-west-2.elb.amazonaws.com`, network ones
 * `name-1.elb.us-west-2.amazonaws.com`.
 */
export function isLoadBalancerName(name: string): boolean {
  return /\.elb\.([a-z0-9-]+\.)?amazonaws\.com(\.cn)?\.$/.test(canonicalName(name));
}

/** The Region in the DNS name of a load balancer, if it has one. */
function regionOfName(name: string): string | undefined {
  return /\.([a-z]{2}(?:-[a-z]+)+-\d)\.(?:elb\.)?amazonaws\.com/.exec(canonicalName(name))?.[1];
}

/** The zone id that an alias to this load balancer has to name; `null` if the account has no such load balancer there. */
export async function canonicalZoneId(context: OperationContext, dnsName: string): Promise<string | null> {
  const region = regionOfName(dnsName) ?? context.region;
  const { elbv2 } = context.aws.for({ accountId: context.accountId, region });
  const wanted = canonicalName(dnsName).replace(/^dualstack\./, '');
  const all = await elbv2.describeLoadBalancers({}, context.signal);
  return all.find(({ DNSName = '' }) => canonicalName(DNSName) === wanted)?.CanonicalHostedZoneId ?? null;
}
