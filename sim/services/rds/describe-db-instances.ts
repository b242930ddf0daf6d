import type { DBInstance, DescribeDBInstancesCommandInput } from '@aws-sdk/client-rds';
import type { Call } from '#sim/kernel/contract.ts';
import { filterRows, page } from './pages.ts';
import { clusters, getInstance, instances, type InstanceRow, type Scoped } from './rows.ts';
import { hostOf, tagList } from './views.ts';

export function describeDBInstances(call: Call, input: DescribeDBInstancesCommandInput) {
  const rows =
    input.DBInstanceIdentifier === undefined
      ? instances(call).all()
      : [getInstance(call, input.DBInstanceIdentifier)];
  const matching = filterRows(rows, input.Filters, {
    'db-instance-id': (row) => [row.id, row.arn],
    'dbi-resource-id': (row) => [row.resourceId],
    'db-cluster-id': (row) => [row.clusterId, clusterArnOf(call, row)],
    engine: (row) => [row.engine],
  });
  const { items, marker } = page(matching, input);
  return { DBInstances: items.map((row) => instanceView(call, row)), Marker: marker };
}

function clusterArnOf(call: Call, row: InstanceRow): string | null {
  return row.clusterId === null ? null : (clusters(call).get(row.clusterId)?.arn ?? null);
}

export function instanceView(call: Scoped, row: InstanceRow): DBInstance {
  const cluster = row.clusterId === null ? undefined : clusters(call).get(row.clusterId);
  const member = cluster?.members.find(({ instanceId }) => instanceId === row.id);
  return {
    DBInstanceIdentifier: row.id,
    DBInstanceArn: row.arn,
    DbiResourceId: row.resourceId,
    DBInstanceClass: row.instanceClass,
    DBInstanceStatus: row.status,
    DBClusterIdentifier: row.clusterId ?? undefined,
    PromotionTier: member?.promotionTier,
    Engine: row.engine,
    EngineVersion: row.engineVersion,
    AllocatedStorage: row.allocatedStorage,
    Endpoint: { Address: hostOf(call, row.id), Port: row.port },
    AvailabilityZone: row.availabilityZone,
    SecondaryAvailabilityZone: row.secondaryZone ?? undefined,
    MultiAZ: row.multiAz,
    InstanceCreateTime: new Date(row.createdAt),
    ReadReplicaDBInstanceIdentifiers: [],
    TagList: tagList(row.tags),
  };
}
