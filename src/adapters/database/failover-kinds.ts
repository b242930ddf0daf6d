import type { OperationContext, OperationInput } from '../contract.ts';
import { clusterFailover } from './cluster-failover.ts';
import type { FailoverKind } from './failover-kind.ts';
import type { FailoverParameters, FailoverResources } from './failover-schema.ts';
import { findGlobalClusterOf, globalFailover } from './global-failover.ts';
import { instanceFailover } from './instance-failover.ts';

/** The databases that the resources name, each with its way of failing over. */
export async function failoverKinds(
  context: OperationContext,
  { resources, parameters }: OperationInput<FailoverResources, FailoverParameters>,
): Promise<FailoverKind[]> {
  const { clusters = [], globalClusters = [], instances = [] } = resources;
  const target = context.aws.for(context);
  const { signal } = context;
  return [
    ...(await Promise.all(
      clusters.map((id, i) => kindOfCluster(context, parameters, { id, path: `resources.clusters[${i}]` })),
    )),
    ...globalClusters.map((id, i) =>
      globalFailover({
        context,
        id,
        globalClusterId: id,
        path: `resources.globalClusters[${i}]`,
        parameters,
      }),
    ),
    ...instances.map((id, i) => instanceFailover({ target, id, path: `resources.instances[${i}]`, signal })),
  ];
}

/** A member of a global cluster moves to another Region if the parameters name one, else it fails over within its own. */
async function kindOfCluster(
  context: OperationContext,
  parameters: FailoverParameters,
  { id, path }: { id: string; path: string },
): Promise<FailoverKind> {
  const { targetRegion, targetCluster, targetInstance } = parameters;
  if (targetRegion !== undefined || targetCluster !== undefined) {
    const globalClusterId = await findGlobalClusterOf(context, id);
    if (globalClusterId !== null) return globalFailover({ context, id, globalClusterId, path, parameters });
  }
  const wanted = typeof targetInstance === 'object' ? targetInstance[id] : targetInstance;
  return clusterFailover({ target: context.aws.for(context), id, path, wanted, signal: context.signal });
}
