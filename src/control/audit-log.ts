import type { JsonObject } from '#core/json.ts';
import type { Write } from '#store/port.ts';

/** One thing that someone did or that happened, before it is chained. Never a secret. */
export interface AuditEntry {
  /** What: `plan.update`, `execution.event`, `aws.call`, `token.create`, `auth.failed`. */
  readonly action: string;
  /** Who: a principal's id, or `breakwater`. */
  readonly by: string;
  /** On what: `plan/core-banking`, `execution/exec-1`. */
  readonly target: string;
  readonly executionId?: string;
  readonly requestId?: string;
  readonly data: JsonObject;
}

/** Where evidence goes. Entries are chained by hash in the order of the calls. */
export interface AuditLog {
  /** Resolves when the entry is durable. */
  append(entry: AuditEntry): Promise<void>;
  /**
   * Makes a change of records and its entry one: `make` writes the `announcement` together with the change, always, and what a process
   * that was killed in between leaves announced is chained by whoever catches up next. Resolves when the entry is durable; throws as
   * `make` does, and then there is no entry.
   */
  change<T>(entry: AuditEntry, make: (announcement: Write) => Promise<T>): Promise<T>;
}

/** The request of an actor, as a member of something else. */
export function requestOf({ requestId }: { readonly requestId?: string | undefined }): {
  requestId?: string;
} {
  return requestId === undefined ? {} : { requestId };
}

/** Who asks, and under which request: what an act leaves in the evidence. */
export interface Actor {
  readonly by: string;
  readonly requestId?: string;
}
