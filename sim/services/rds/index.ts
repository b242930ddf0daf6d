import type { Handlers, ServiceDefinition } from '#sim/kernel/contract.ts';
import { describeDBClusters } from './describe-db-clusters.ts';
import { describeDBInstances } from './describe-db-instances.ts';
import { describeGlobalClusters } from './describe-global-clusters.ts';
import { describeEvents } from './events.ts';
import { endClusterFailover, failoverDBCluster, flipWriter } from './failover-db-cluster.ts';
import {
  beginGlobalFailover,
  endGlobalFailover,
  endResync,
  failoverGlobalCluster,
  promoteSecondary,
  switchoverGlobalCluster,
} from './failover-global-cluster.ts';
import { endReboot, endTransit, rebootDBInstance, startDBInstance, stopDBInstance } from './instances.ts';
import { RdsSection, seed } from './scenario.ts';
import {
  addTagsToResource,
  changeTags,
  listTagsForResource,
  removeTagsFromResource,
  taggedResources,
} from './tags.ts';

export const service: ServiceDefinition = {
  name: 'rds',
  operations: {
    AddTagsToResource: addTagsToResource,
    DescribeDBClusters: describeDBClusters,
    DescribeDBInstances: describeDBInstances,
    DescribeEvents: describeEvents,
    DescribeGlobalClusters: describeGlobalClusters,
    FailoverDBCluster: failoverDBCluster,
    FailoverGlobalCluster: failoverGlobalCluster,
    ListTagsForResource: listTagsForResource,
    RebootDBInstance: rebootDBInstance,
    RemoveTagsFromResource: removeTagsFromResource,
    StartDBInstance: startDBInstance,
    StopDBInstance: stopDBInstance,
    SwitchoverGlobalCluster: switchoverGlobalCluster,
  } satisfies Handlers<typeof import('@aws-sdk/client-rds')>,
  agenda: {
    beginGlobalFailover,
    endClusterFailover,
    endGlobalFailover,
    endReboot,
    endResync,
    endTransit,
    flipWriter,
    promoteSecondary,
  },
  scenario: RdsSection,
  seed,
  taggedResources,
  changeTags,
};
