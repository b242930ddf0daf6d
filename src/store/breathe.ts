import { setImmediate } from 'node:timers/promises';

/**
 * Lets everything else that waits go first. A store in this process answers without going back to the event loop, so whoever reads
 * many pages in a row has to do that, or no request is answered meanwhile.
 */
export function breathe(): Promise<void> {
  return setImmediate();
}
