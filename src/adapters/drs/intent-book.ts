import type { JsonObject } from '#core/json.ts';
import type { OperationContext } from '../contract.ts';

/** After an announced call, wait this long before concluding from silence that it did nothing: Describe calls lag behind. */
const SETTLE_MS = 10_000;

/**
 * What this attempt has announced: per account and Region, the number of the batch that it was about to start, and when.
 * A batch that is announced and not in the state may have been started by a try that died.
 */
export interface IntentBook {
  readonly startedAt: number;
  /** What the first try found out, for later ones: the world has changed since. */
  readonly facts: JsonObject | null;
  remember(facts: JsonObject): Promise<void>;
  announce(key: string, batch: number): Promise<void>;
  /** Takes back what was announced: AWS has clearly refused. */
  retract(key: string): void;
  /** How long to wait before this batch may be started, in ms: 0 if it was not announced lately. */
  settleMs(key: string, batch: number): number;
}

type Note = { readonly batch: number; readonly at: number };

/** Opens the book; the first time, writes down when the attempt began. */
export async function openIntentBook(context: OperationContext): Promise<IntentBook> {
  const kept = await context.intent.read();
  const startedAt = typeof kept?.['startedAt'] === 'number' ? kept['startedAt'] : context.now();
  const notes = { ...(kept?.['notes'] as Record<string, Note> | undefined) };
  let facts = (kept?.['facts'] as JsonObject | undefined) ?? null;
  const content = (): JsonObject => ({
    startedAt,
    notes: { ...notes },
    ...(facts === null ? {} : { facts }),
  });
  const write = (): Promise<void> => {
    const snapshot = content();
    writing = writing.then(() => context.intent.write(snapshot));
    return writing;
  };
  let writing: Promise<void> = kept === null ? context.intent.write(content()) : Promise.resolve();
  await writing;
  return {
    startedAt,
    get facts() {
      return facts;
    },
    remember(found) {
      facts = found;
      return write();
    },
    announce(key, batch) {
      notes[key] = { batch, at: context.now() };
      return write();
    },
    retract(key) {
      delete notes[key];
    },
    settleMs(key, batch) {
      const note = notes[key];
      if (note === undefined || note.batch < batch) return 0;
      return Math.max(0, note.at + SETTLE_MS - context.now());
    },
  };
}
