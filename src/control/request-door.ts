import type { Aws } from '#aws/aws.ts';
import type { PlaneDeps } from './plane-deps.ts';

/**
 * The door to AWS for what a request asks. The request's id is in the session name; with a prefix, because callers choose it, and
 * what they do must not pass for what an execution does.
 */
export function requestDoor(
  deps: PlaneDeps,
  { requestId }: { readonly requestId?: string | undefined },
): Aws {
  return deps.services.awsFor(`request-${requestId ?? deps.newId('')}`);
}
