import type { JsonObject } from '#core/json.ts';
import type { Operation, OperationContext, OperationInput, Progress } from '../contract.ts';
import { openIntentNotes } from '../shared/intent-notes.ts';
import { openItems, stepItems, type Item, type ItemsState } from '../shared/step-items.ts';
import { assessFailover } from './failover-assess.ts';
import { failoverKinds } from './failover-kinds.ts';
import { databaseIds, FailoverParameters, FailoverResources } from './failover-schema.ts';
import { stepFailover, type FailoverNote } from './step-failover.ts';
import { undoFailover } from './undo-failover.ts';

type Input = OperationInput<FailoverResources, FailoverParameters>;

/** Moves the primary of databases: of clusters and Multi-AZ instances within a Region, of global clusters between Regions. */
export const failover: Operation<FailoverResources, FailoverParameters, ItemsState> = {
  technology: 'database',
  operation: 'failover',
  summary: 'fails over Aurora clusters, Aurora global clusters and RDS Multi-AZ instances',
  resources: FailoverResources,
  parameters: FailoverParameters,
  drillDefault: 'assess',
  iamActions: [
    'rds:DescribeDBClusters',
    'rds:DescribeDBInstances',
    'rds:DescribeGlobalClusters',
    'rds:DescribeEvents',
    'rds:FailoverDBCluster',
    'rds:FailoverGlobalCluster',
    'rds:SwitchoverGlobalCluster',
    'rds:RebootDBInstance',
  ],
  assess: assessFailover,
  start: (context, input) => step(context, input, openItems(context, databaseIds(input.resources))),
  poll: step,
  undo: { summary: 'fails back to the previous primary', run: undoFailover },
};

async function step(
  context: OperationContext,
  input: Input,
  state: ItemsState,
): Promise<Progress<ItemsState>> {
  const notes = await openIntentNotes<FailoverNote>(context);
  const kinds = new Map((await failoverKinds(context, input)).map((kind) => [kind.id, kind]));
  return stepItems(context, state, {
    step: (id) => stepFailover(context, kinds.get(id)!, { notes, key: id }),
    results: (items) => ({ failovers: items.map((item) => resultOf(item, kinds.get(item.id)!.kind)) }),
  });
}

function resultOf({ id, status, result }: Item, kind: string): JsonObject {
  return { id, kind, status, ...result };
}
