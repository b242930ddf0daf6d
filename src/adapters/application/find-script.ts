import { hasCode } from '#core/errors.ts';
import { Script } from '#core/plan.ts';
import { DR_TAGS } from '#core/tags.ts';
import type { OperationContext } from '../contract.ts';
import { placeOf, targetAt } from '../shared/place.ts';

/**
 * The script of a name: the plan's own, else, by convention, the SSM document of that name, run on the instances that are tagged
 * `DR-Technology: application` and `DR-Wave: <number of this wave>`. `null`: there is neither.
 */
export async function findScript(context: OperationContext, name: string): Promise<Script | null> {
  const own = context.scripts[name];
  if (own !== undefined) return own;
  const { ssm } = targetAt(context, placeOf(context));
  try {
    await ssm.describeDocument({ Name: name }, context.signal);
  } catch (error) {
    // A name that no document can have is refused as such.
    if (hasCode(error, 'AwsNotFound') || hasCode(error, 'AwsRejected')) return null;
    throw error;
  }
  const tags = { [DR_TAGS.technology]: 'application', [DR_TAGS.wave]: String(context.waveNumber) };
  return Script.parse({ type: 'document', document: name, targets: { tags } });
}

/** What to say when there is no such script. */
export function describeMissing(name: string): string {
  return `there is no script ${name}: neither in the plan's scripts, nor an SSM document of that name`;
}
