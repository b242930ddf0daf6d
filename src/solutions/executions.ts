import { BreakwaterError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { unreachable } from './ask-solution.ts';
import { textField } from './loose-fields.ts';

/** What both dialects have in common: `/executions`. */

export interface DialectPlace {
  readonly name: string;
  readonly url: string;
}

export function pathOf(executionId: string): string {
  return `/executions/${encodeURIComponent(executionId)}`;
}

export function urlOf({ url }: DialectPlace, executionId: string): string {
  return url.replace(/\/$/, '') + pathOf(executionId);
}

/** The id in the answer to a start. `null`: it answered 404. */
export function startedIn(place: DialectPlace, planId: string, answer: JsonObject | null): string {
  if (answer === null) {
    const message = `${place.name} has no recovery plan ${JSON.stringify(planId)}`;
    throw new BreakwaterError('SolutionRefused', message);
  }
  const executionId = textField(answer, 'executionId');
  if (executionId !== undefined) return executionId;
  throw unreachable(place, 'answers a start without an executionId', { ambiguous: true });
}

/** What is there of an execution that has to be there. */
export function known(place: DialectPlace, executionId: string, answer: JsonObject | null): JsonObject {
  if (answer !== null) return answer;
  const message = `${place.name} does not know execution ${executionId} (any more)`;
  throw new BreakwaterError('SolutionRefused', message);
}
