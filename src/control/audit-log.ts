import type { JsonObject } from '#core/json.ts';

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
}

/** Who asks, and under which request: what an act leaves in the evidence. */
export interface Actor {
  readonly by: string;
  readonly requestId?: string;
}
