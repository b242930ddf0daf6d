import type { DescribeGlobalClustersCommandInput, GlobalCluster } from '@aws-sdk/client-rds';
import type { Call } from '#sim/kernel/contract.ts';
import { filterRows, page } from './pages.ts';
import { getGlobalCluster, globalClusters, type GlobalClusterRow, type Scoped } from './rows.ts';
import { globalHostOf } from './views.ts';

export function describeGlobalClusters(call: Call, input: DescribeGlobalClustersCommandInput) {
  const rows =
    input.GlobalClusterIdentifier === undefined
      ? globalClusters(call).all()
      : [getGlobalCluster(call, input.GlobalClusterIdentifier)];
  const matching = filterRows(rows, input.Filters, {
    'db-cluster-id': (row) =>
      row.members.flatMap(({ clusterArn }) => [clusterArn, clusterArn.split(':').at(-1)!]),
  });
  const { items, marker } = page(matching, input);
  return { GlobalClusters: items.map((row) => globalClusterView(call, row)), Marker: marker };
}

export function globalClusterView(call: Scoped, row: GlobalClusterRow): GlobalCluster {
  const writer = row.members.find(({ clusterArn }) => clusterArn === row.writerArn);
  const readers = row.members.filter((member) => member !== writer);
  return {
    GlobalClusterIdentifier: row.id,
    GlobalClusterArn: row.arn,
    GlobalClusterResourceId: row.resourceId,
    Status: row.status,
    Engine: row.engine,
    EngineVersion: row.engineVersion,
    Endpoint: globalHostOf(call, row.id),
    GlobalClusterMembers: [...(writer === undefined ? [] : [writer]), ...readers].map((member) => ({
      DBClusterArn: member.clusterArn,
      IsWriter: member === writer,
      Readers: member === writer ? readers.map(({ clusterArn }) => clusterArn) : [],
      GlobalWriteForwardingStatus: member === writer ? undefined : 'disabled',
      SynchronizationStatus: member.synchronization,
    })),
    FailoverState: row.failoverState === null ? undefined : failoverStateView(row.failoverState),
  };
}

function failoverStateView(state: NonNullable<GlobalClusterRow['failoverState']>) {
  return {
    Status: state.status,
    FromDbClusterArn: state.fromArn,
    ToDbClusterArn: state.toArn,
    IsDataLossAllowed: state.dataLossAllowed,
  };
}
