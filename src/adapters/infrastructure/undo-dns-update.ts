import { z } from 'zod';
import type { JsonObject } from '#core/json.ts';
import type { OperationContext, OperationInput, Progress } from '../contract.ts';
import { openIntentNotes } from '../shared/intent-notes.ts';
import { openItems, stepItems, type ItemsState } from '../shared/step-items.ts';
import { noteFor, type RecordNote } from './change-records.ts';
import type { DnsParameters, DnsResources } from './dns-update-schema.ts';
import type { RecordGoal } from './plan-record.ts';
import { fromJson } from './record-sets.ts';
import { zoneSteps } from './zone-steps.ts';

const RecordSet = z.record(z.string(), z.json()).transform((record) => fromJson(record as JsonObject));
const Results = z.object({
  records: z.array(
    z.object({
      id: z.string(),
      changed: z.boolean().optional(),
      zoneId: z.string().optional(),
      recordName: z.string().optional(),
      before: z.array(RecordSet).optional(),
      after: z.array(RecordSet).optional(),
    }),
  ),
});

/** Puts the before-image of each changed record back; what was not there before goes. */
export async function undoDnsUpdate(
  context: OperationContext,
  _input: OperationInput<DnsResources, DnsParameters>,
  results: JsonObject,
): Promise<Progress<ItemsState>> {
  const goals = new Map(
    Results.parse(results)
      .records.filter(({ changed }) => changed === true)
      .map(({ id, zoneId = '', recordName = '', before = [], after = [] }): [string, RecordGoal] => {
        const types = new Set(before.map(({ Type }) => Type));
        const dropTypes = after.flatMap(({ Type }) => (Type === undefined || types.has(Type) ? [] : Type));
        return [`undo ${id}`, { zoneId, name: recordName, put: before, dropTypes }];
      }),
  );
  if (goals.size === 0) return { status: 'completed', outcomes: [], results: { records: [] } };
  const notes = await openIntentNotes<RecordNote>(context);
  const { route53 } = context.aws.for(context);
  for (const [key, goal] of goals) {
    if (notes.get(key) !== undefined) continue;
    const present = await route53.findResourceRecordSets(goal.zoneId, goal.name, context.signal);
    await notes.put(key, noteFor(goal, present, context.now()));
  }
  return stepItems(context, openItems({ ...context, only: null }, [...goals.keys()]), {
    step: await zoneSteps(context, { notes, keys: [...goals.keys()], progress: new Map() }),
    results: (items) => ({ records: items.map(({ id, status, result }) => ({ id, status, ...result })) }),
  });
}
