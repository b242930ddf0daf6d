import type { Actor } from '#control/audit-log.ts';
import type { Asked } from './route.ts';

/** Who asks, for the evidence. For routes that are not public. */
export function actorOf({ principal, requestId }: Pick<Asked, 'principal' | 'requestId'>): Actor {
  return { by: principal!.id, requestId };
}
