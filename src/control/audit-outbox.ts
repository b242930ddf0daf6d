import type { AwsCallRecord } from '#aws/options.ts';
import { AuditQueue } from '#store/audit-queue.ts';
import { announcementOf, type NewAuditRecord } from '#store/audit-rows.ts';
import type { Store, Write } from '#store/port.ts';
import type { AuditLog } from './audit-log.ts';
import { entryOfCall, isReading } from './aws-call-entry.ts';

export interface AuditOutbox extends AuditLog {
  /** `executionId` `null`: a call for no execution. */
  recordAwsCall(executionId: string | null, call: AwsCallRecord): void;
  /** Resolves when all that was recorded is durable, or was told to `onFailure`. */
  settled(): Promise<void>;
}

interface AuditOutboxParams {
  readonly store: Store;
  /** Milliseconds since 1970, real time. */
  readonly realNow: () => number;
  /** Unique text. */
  readonly newId: () => string;
  /** A call's record that could not be written down. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Records of a process that chains nothing itself: it announces them, a row each, which meets nobody else's. They are durable then, and
 * whoever chains next puts them into the trail. What a kill can lose is the same as where they are chained at once (`Audit`).
 */
export function createAuditOutbox({ store, realNow, newId, onFailure }: AuditOutboxParams): AuditOutbox {
  let count = 0;
  /** The records of a process are chained in the order in which it announced them. */
  const announce = (entry: NewAuditRecord): Write => {
    const at = new Date(realNow()).toISOString();
    return announcementOf({ ...entry, at }, `${at}/${String(++count).padStart(9, '0')}/${newId()}`);
  };
  const queue = new AuditQueue<Write, void>({
    write: async (announcements) => {
      await store.write(announcements);
      return announcements.map(() => {});
    },
    fitting: (waiting) => waiting.length,
  });
  return {
    append: async (entry) => queue.add(announce(entry)),
    change: async (entry, make) => make(announce(entry)),
    recordAwsCall(executionId, call) {
      const announcement = announce(entryOfCall(executionId, call));
      void (isReading(call) ? queue.addSoon(announcement) : queue.add(announcement)).catch(onFailure);
    },
    settled: () => queue.settled(),
  };
}
