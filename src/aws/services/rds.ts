import {
  RDSClient,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeEventsCommand,
  DescribeGlobalClustersCommand,
  FailoverDBClusterCommand,
  FailoverGlobalClusterCommand,
  RebootDBInstanceCommand,
  SwitchoverGlobalClusterCommand,
} from '@aws-sdk/client-rds';
import { all, once, type CallsOf } from '../operation-spec.ts';
import type { ClientConfig, ServiceSpec } from '../service-spec.ts';

/** What Breakwater calls of Amazon RDS and Aurora. */
export const rdsService = {
  iamPrefix: 'rds',
  newClient: (config: ClientConfig) => new RDSClient(config),
  operations: {
    describeDBClusters: all(DescribeDBClustersCommand, (output) => output.DBClusters, ['Marker', 'Marker']),
    describeDBInstances: all(DescribeDBInstancesCommand, (output) => output.DBInstances, [
      'Marker',
      'Marker',
    ]),
    describeGlobalClusters: all(DescribeGlobalClustersCommand, (output) => output.GlobalClusters, [
      'Marker',
      'Marker',
    ]),
    describeEvents: all(DescribeEventsCommand, (output) => output.Events, ['Marker', 'Marker']),
    failoverDBCluster: once(FailoverDBClusterCommand),
    failoverGlobalCluster: once(FailoverGlobalClusterCommand),
    switchoverGlobalCluster: once(SwitchoverGlobalClusterCommand),
    rebootDBInstance: once(RebootDBInstanceCommand),
  },
} satisfies ServiceSpec;

export type RdsCalls = CallsOf<typeof rdsService.operations>;
