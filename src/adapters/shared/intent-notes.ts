import type { Json, JsonObject } from '#core/json.ts';
import type { OperationContext } from '../contract.ts';

/** An attempt's durable notes, one a resource: what is about to be done to it, and how it was before. */
export interface IntentNotes<N extends JsonObject> {
  get(key: string): N | undefined;
  /** Durable when it resolves. */
  put(key: string, note: N): Promise<void>;
  /** Several at once, or none of them. */
  putAll(entries: Iterable<readonly [string, N]>): Promise<void>;
}

/** Reads the notes. Resources that are worked on side by side share them: writes follow one another, each with all notes. */
export async function openIntentNotes<N extends JsonObject>(
  context: OperationContext,
): Promise<IntentNotes<N>> {
  const kept = await context.intent.read();
  const notes = new Map(Object.entries((kept?.['notes'] ?? {}) as Record<string, N>));
  let writing: Promise<void> = Promise.resolve();
  const putAll = (entries: Iterable<readonly [string, N]>): Promise<void> => {
    for (const [key, note] of entries) notes.set(key, note);
    const snapshot = Object.fromEntries(notes) as Record<string, Json>;
    writing = writing.then(() => context.intent.write({ notes: snapshot }));
    return writing;
  };
  return { get: (key) => notes.get(key), put: (key, note) => putAll([[key, note]]), putAll };
}
