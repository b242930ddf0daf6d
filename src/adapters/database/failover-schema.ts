import { z } from 'zod';
import { Region } from '#core/plan.ts';

const Id = z.string().min(1).max(255);
const Ids = z.array(Id).min(1).max(50);

/** `technology.resources` of `database/failover`. */
export const FailoverResources = z
  .strictObject({
    /** Aurora and Multi-AZ DB clusters. A member of a global cluster counts as global if a target Region or cluster is given. */
    clusters: Ids.optional(),
    globalClusters: Ids.optional(),
    /** Multi-AZ DB instances. */
    instances: Ids.optional(),
  })
  .refine(({ clusters, globalClusters, instances }) => clusters ?? globalClusters ?? instances, {
    message: 'expected clusters, globalClusters or instances: something to fail over',
  })
  .refine((resources) => new Set(databaseIds(resources)).size === databaseIds(resources).length, {
    message: 'expected each id once',
  });
export type FailoverResources = z.infer<typeof FailoverResources>;

/** All that is named, in order. */
export function databaseIds({
  clusters = [],
  globalClusters = [],
  instances = [],
}: Partial<Record<'clusters' | 'globalClusters' | 'instances', readonly string[] | undefined>>): string[] {
  return [...clusters, ...globalClusters, ...instances];
}

/** `technology.parameters` of `database/failover`. */
export const FailoverParameters = z.strictObject({
  /** The new writer: of every cluster, or by cluster id. Default: the best replica. */
  targetInstance: z.union([Id, z.record(Id, Id)]).optional(),
  /** Where the new primary of a global cluster is. */
  targetRegion: Region.optional(),
  /** Id or ARN of the new primary of a global cluster. */
  targetCluster: Id.optional(),
  /** Global clusters: `switchover` waits until nothing is lost and needs a healthy primary; `failover` needs none. */
  mode: z.enum(['failover', 'switchover']).optional(),
  /** A global `failover` loses what has not been replicated: it has to be allowed in so many words. */
  allowDataLoss: z.boolean().optional(),
});
export type FailoverParameters = z.infer<typeof FailoverParameters>;
