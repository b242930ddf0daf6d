import { z } from 'zod';
import type { JsonObject } from '#core/json.ts';
import type { OperationContext, OperationInput, Progress } from '../contract.ts';
import { openIntentNotes } from '../shared/intent-notes.ts';
import { openItems, stepItems, type ItemsState } from '../shared/step-items.ts';
import type { FailoverKind } from './failover-kind.ts';
import { failoverKinds } from './failover-kinds.ts';
import type { FailoverParameters, FailoverResources } from './failover-schema.ts';
import { stepFailover, type FailoverNote } from './step-failover.ts';

const Results = z.object({
  failovers: z.array(
    z.object({ id: z.string(), before: z.string().nullish(), changed: z.boolean().optional() }),
  ),
});

/** Fails back to who wrote before. A global cluster goes back by switchover, whatever brought it here: nothing is lost twice. */
export async function undoFailover(
  context: OperationContext,
  { resources, parameters }: OperationInput<FailoverResources, FailoverParameters>,
  results: JsonObject,
): Promise<Progress<ItemsState>> {
  const moved = Results.parse(results).failovers.filter(
    (one) => one.changed === true && typeof one.before === 'string',
  );
  if (moved.length === 0) return { status: 'completed', outcomes: [], results: { failovers: [] } };
  const before = new Map(moved.map(({ id, before: primary }) => [id, primary!]));
  const notes = await openIntentNotes<FailoverNote>(context);
  const input = { resources, parameters: { ...parameters, mode: 'switchover' as const } };
  const kinds = new Map(
    (await failoverKinds(context, input)).map((kind) => [kind.id, backTo(kind, before.get(kind.id))]),
  );
  return stepItems(context, openItems(context, [...before.keys()]), {
    step: (id) => stepFailover(context, kinds.get(id)!, { notes, key: `undo ${id}` }),
    results: (items) => ({ failovers: items.map(({ id, status, result }) => ({ id, status, ...result })) }),
  });
}

function backTo(kind: FailoverKind, primary: string | undefined): FailoverKind {
  if (primary === undefined) return kind;
  return { ...kind, choose: async () => ({ id: primary, isExact: true }) };
}
