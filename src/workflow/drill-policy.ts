import type { Progress } from '#adapters/contract.ts';
import type { Json, JsonObject } from '#core/json.ts';
import type { ResourceOutcome } from '#core/outcome.ts';
import type { Technology } from '#core/plan.ts';
import type { ExecutionMode } from '#core/view.ts';
import type { Work } from './context.ts';

/** What a drill does with this technology. A recovery performs everything. */
export function drillPolicy({
  head,
  technology,
  operation,
}: Pick<Work, 'head' | 'technology' | 'operation'>): 'perform' | 'assess' | 'skip' {
  return head.mode === 'recovery' ? 'perform' : (technology.definition.drill ?? operation.drillDefault);
}

/** True for what the plan leaves out of this execution: nobody looks at it, locks it, or waits for what it names. */
export function isLeftOut(mode: ExecutionMode, { drill }: Pick<Technology, 'drill'>): boolean {
  return mode === 'drill' && drill === 'skip';
}

/** In a drill that must not touch it, the technology is looked at, and its resources say so. */
export async function lookInDrill({
  operation,
  context,
  input,
}: Work): Promise<Exclude<Progress<JsonObject>, { status: 'in_progress' }>> {
  const { findings, resources } = await operation.assess(context, input);
  const outcomes = resources.map(({ resourceId }): ResourceOutcome => ({
    resourceId,
    status: 'assessed',
    detail: 'a drill looks and does not touch',
  }));
  const results: JsonObject = { drill: 'assess', findings: findings as unknown as Json };
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length === 0) return { status: 'completed', outcomes, results };
  const error = { code: errors[0]!.rule, message: errors.map(({ message }) => message).join('; ') };
  return { status: 'failed', outcomes, results, error };
}
