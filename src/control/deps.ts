import type { Engine } from '#engine/port.ts';
import type { Store } from '#store/port.ts';
import type { Services } from '#workflow/services.ts';

/** What `createControl` stands on. The host makes it. */
export interface ControlDeps {
  readonly engine: Engine;
  readonly store: Store;
  readonly services: Services;
  /** The AWS behind it is a simulated one: executions say so. */
  readonly simulated: boolean;
  /** A new id with this prefix. */
  newId(prefix: string): string;
  /** SHA-256 of a text, in hexadecimal digits. */
  hash(text: string): string;
}
