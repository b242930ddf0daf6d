import {
  ElasticLoadBalancingV2Client,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { all, one, type CallsOf } from '../operation-spec.ts';
import type { ClientConfig, ServiceSpec } from '../service-spec.ts';

/** What Breakwater calls of Elastic Load Balancing. */
export const elbv2Service = {
  iamPrefix: 'elasticloadbalancing',
  newClient: (config: ClientConfig) => new ElasticLoadBalancingV2Client(config),
  operations: {
    describeLoadBalancers: all(DescribeLoadBalancersCommand, (output) => output.LoadBalancers, [
      'Marker',
      'NextMarker',
    ]),
    describeTargetGroups: all(DescribeTargetGroupsCommand, (output) => output.TargetGroups, [
      'Marker',
      'NextMarker',
    ]),
    describeTargetHealth: all(DescribeTargetHealthCommand, (output) => output.TargetHealthDescriptions, null),
    describeListeners: all(DescribeListenersCommand, (output) => output.Listeners, ['Marker', 'NextMarker']),
    registerTargets: one(RegisterTargetsCommand),
    deregisterTargets: one(DeregisterTargetsCommand),
  },
} satisfies ServiceSpec;

export type Elbv2Calls = CallsOf<typeof elbv2Service.operations>;
