import type { ExecutionStatus } from '#core/states.ts';
import type { ExecutionMode } from '#core/view.ts';
import { breathe } from '#store/breathe.ts';
import type { Control, ExecutionSummary } from './control.ts';

export interface ExecutionFilter {
  readonly status?: ExecutionStatus | undefined;
  readonly planId?: string | undefined;
  readonly mode?: ExecutionMode | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Reads of the records for one page at most. */
const MOST_READS = 50;

/**
 * The newest executions first. Plan and mode are not indexed: they are looked for among all, or among those of a status. After many
 * that do not match, a page ends with fewer than its limit; then `nextCursor` is there all the same.
 */
export async function listExecutions(
  control: Pick<Control, 'listExecutions'>,
  { status, planId, mode, limit, cursor: from }: ExecutionFilter,
): Promise<{ readonly executions: readonly ExecutionSummary[]; readonly nextCursor?: string }> {
  const executions: ExecutionSummary[] = [];
  let cursor = from;
  for (let reads = 0; reads < MOST_READS; reads++) {
    // Never more than there is room for: a cursor stands between what was read and the rest.
    const page = await control.listExecutions({
      limit: limit - executions.length,
      ...(status === undefined ? {} : { status }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    executions.push(
      ...page.executions.filter(
        (one) => (planId === undefined || one.planId === planId) && (mode === undefined || one.mode === mode),
      ),
    );
    ({ cursor } = page);
    if (cursor === undefined) return { executions };
    if (executions.length >= limit) break;
    await breathe();
  }
  return { executions, ...(cursor === undefined ? {} : { nextCursor: cursor }) };
}
