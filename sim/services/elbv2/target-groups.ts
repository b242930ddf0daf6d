import type {
  DescribeTargetGroupsCommandInput,
  TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { page } from './pages.ts';
import { getLoadBalancer, getTargetGroup, targetGroups, type TargetGroupRow } from './rows.ts';
import { balancersByGroup } from './use.ts';

export function describeTargetGroups(call: Call, input: DescribeTargetGroupsCommandInput) {
  const used = balancersByGroup(call);
  const { items, marker } = page(chosen(call, input, used), input);
  return {
    TargetGroups: items.map((row) => groupView(row, [...(used.get(row.arn) ?? [])])),
    NextMarker: marker,
  };
}

function chosen(
  call: Call,
  { LoadBalancerArn, TargetGroupArns = [], Names = [] }: DescribeTargetGroupsCommandInput,
  used: ReadonlyMap<string, ReadonlySet<string>>,
): TargetGroupRow[] {
  if (TargetGroupArns.length > 0) return TargetGroupArns.map((arn) => getTargetGroup(call, arn));
  if (LoadBalancerArn !== undefined) {
    const { arn } = getLoadBalancer(call, LoadBalancerArn);
    return targetGroups(call)
      .all()
      .filter((row) => used.get(row.arn)?.has(arn));
  }
  if (Names.length === 0) return targetGroups(call).all();
  return Names.map((name) => {
    const row = targetGroups(call).get(name);
    if (row !== undefined) return row;
    throw new ServiceError('TargetGroupNotFoundException', `Target groups '[${name}]' not found`);
  });
}

function groupView(row: TargetGroupRow, loadBalancerArns: string[]): TargetGroup {
  const isHttp = row.protocol.startsWith('HTTP');
  return {
    TargetGroupArn: row.arn,
    TargetGroupName: row.name,
    TargetType: row.targetType,
    Protocol: row.protocol,
    Port: row.port,
    VpcId: row.vpcId,
    HealthCheckEnabled: true,
    HealthCheckProtocol: isHttp ? row.protocol : 'TCP',
    HealthCheckPort: 'traffic-port',
    HealthCheckPath: isHttp ? row.path : undefined,
    HealthCheckIntervalSeconds: row.intervalSeconds,
    HealthCheckTimeoutSeconds: isHttp ? 5 : 10,
    HealthyThresholdCount: row.healthyThreshold,
    UnhealthyThresholdCount: row.unhealthyThreshold,
    LoadBalancerArns: loadBalancerArns,
    IpAddressType: 'ipv4',
  };
}
