import { isBreakwaterError } from '#core/errors.ts';
import type { OperationContext } from '../contract.ts';
import type { IntentNotes } from '../shared/intent-notes.ts';
import type { ItemProgress } from '../shared/step-items.ts';
import { stepZone, type RecordNote } from './change-records.ts';

/** Steps the zones one after the other (the account's five requests a second are shared); trouble in one is that of its records alone. */
export async function zoneSteps(
  context: OperationContext,
  {
    notes,
    keys,
    progress,
  }: { notes: IntentNotes<RecordNote>; keys: readonly string[]; progress: Map<string, ItemProgress> },
): Promise<(key: string) => Promise<ItemProgress>> {
  const trouble = new Map<string, unknown>();
  const zones = new Set(keys.map((key) => notes.get(key)!.zoneId));
  for (const zoneId of zones) {
    const inZone = keys.filter((key) => notes.get(key)!.zoneId === zoneId);
    try {
      for (const [key, one] of await stepZone({ context, notes, zones: zones.size }, inZone))
        progress.set(key, one);
    } catch (error) {
      if (!isBreakwaterError(error)) throw error;
      for (const key of inZone) trouble.set(key, error);
    }
  }
  return async (key) => {
    const one = progress.get(key);
    if (one === undefined) throw trouble.get(key);
    return one;
  };
}
