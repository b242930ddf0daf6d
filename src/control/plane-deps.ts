import type { Clock } from '#core/clock.ts';
import type { Turns } from '#store/turns.ts';
import type { AuditLog } from './audit-log.ts';
import type { ControlDeps } from './deps.ts';
import type { EventBus } from './event-bus.ts';

/** What the control plane's parts stand on, beyond what executions need. The host makes it. */
export interface PlaneDeps extends ControlDeps {
  /** Of executions: scaled on a simulated AWS. */
  readonly clock: Clock;
  /** Of people and their tokens. Milliseconds since 1970. */
  realNow(): number;
  readonly audit: AuditLog;
  readonly events: EventBus;
  /** Unguessable text of 32 random bytes, base64url. */
  newSecret(): string;
  /** Among all processes that write these records. Default: this one is alone. */
  readonly turns?: Turns;
  /** HMAC-SHA-256 in hexadecimal digits. */
  sign(key: string, text: string): string;
}
