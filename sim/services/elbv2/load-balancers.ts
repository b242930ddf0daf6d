import type {
  DescribeLoadBalancersCommandInput,
  LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { page } from './pages.ts';
import { getLoadBalancer, loadBalancers, type LoadBalancerRow } from './rows.ts';
import { zoneIdOfRegion } from './zones.ts';

export function describeLoadBalancers(call: Call, input: DescribeLoadBalancersCommandInput) {
  const { items, marker } = page(chosen(call, input), input);
  return { LoadBalancers: items.map((row) => balancerView(call, row)), NextMarker: marker };
}

function chosen(
  call: Call,
  { LoadBalancerArns = [], Names = [] }: DescribeLoadBalancersCommandInput,
): LoadBalancerRow[] {
  if (LoadBalancerArns.length > 0) return LoadBalancerArns.map((arn) => getLoadBalancer(call, arn));
  if (Names.length === 0) return loadBalancers(call).all();
  return Names.map((name) => {
    const row = loadBalancers(call).get(name);
    if (row !== undefined) return row;
    throw new ServiceError('LoadBalancerNotFoundException', `Load balancers '[${name}]' not found`);
  });
}

function balancerView(call: Call, row: LoadBalancerRow): LoadBalancer {
  return {
    LoadBalancerArn: row.arn,
    LoadBalancerName: row.name,
    DNSName: row.dnsName,
    CanonicalHostedZoneId: zoneIdOfRegion(call.region, row.type),
    CreatedTime: new Date(row.createdAt),
    Scheme: row.scheme,
    VpcId: row.vpcId,
    State: { Code: row.state },
    Type: row.type,
    AvailabilityZones: row.zones.map((zone) => ({ ZoneName: zone, LoadBalancerAddresses: [] })),
    SecurityGroups: [],
    IpAddressType: 'ipv4',
  };
}
