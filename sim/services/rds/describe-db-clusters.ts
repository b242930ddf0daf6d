import type { DBCluster, DescribeDBClustersCommandInput } from '@aws-sdk/client-rds';
import type { Call } from '#sim/kernel/contract.ts';
import { filterRows, page } from './pages.ts';
import {
  clusters,
  findGlobalClusterOf,
  getCluster,
  instances,
  type ClusterRow,
  type Scoped,
} from './rows.ts';
import { hostOf, tagList } from './views.ts';

export function describeDBClusters(call: Call, input: DescribeDBClustersCommandInput) {
  const rows =
    input.DBClusterIdentifier === undefined
      ? clusters(call).all()
      : [getCluster(call, input.DBClusterIdentifier)];
  const matching = filterRows(rows, input.Filters, {
    'db-cluster-id': (row) => [row.id, row.arn],
    'db-cluster-resource-id': (row) => [row.resourceId],
    engine: (row) => [row.engine],
  });
  const { items, marker } = page(matching, input);
  return { DBClusters: items.map((row) => clusterView(call, row)), Marker: marker };
}

/** In a secondary of a global cluster every member reads: `IsClusterWriter` is false for all. */
export function clusterView(call: Scoped, row: ClusterRow): DBCluster {
  const globalCluster = findGlobalClusterOf(call, row.arn);
  const isSecondary = globalCluster !== undefined && globalCluster.writerArn !== row.arn;
  const zones = row.members.flatMap(
    ({ instanceId }) => instances(call).get(instanceId)?.availabilityZone ?? [],
  );
  return {
    DBClusterIdentifier: row.id,
    DBClusterArn: row.arn,
    DbClusterResourceId: row.resourceId,
    Status: row.status,
    Engine: row.engine,
    EngineVersion: row.engineVersion,
    EngineMode: 'provisioned',
    DatabaseName: row.databaseName ?? undefined,
    Port: row.port,
    Endpoint: hostOf(call, `${row.id}.cluster`),
    ReaderEndpoint: hostOf(call, `${row.id}.cluster-ro`),
    MultiAZ: new Set(zones).size > 1,
    AvailabilityZones: [...new Set(zones)].sort(),
    ClusterCreateTime: new Date(row.createdAt),
    GlobalClusterIdentifier: globalCluster?.id,
    DBClusterMembers: row.members.map(({ instanceId, promotionTier }) => ({
      DBInstanceIdentifier: instanceId,
      IsClusterWriter: !isSecondary && instanceId === row.writer,
      DBClusterParameterGroupStatus: 'in-sync',
      PromotionTier: promotionTier,
    })),
    TagList: tagList(row.tags),
  };
}
