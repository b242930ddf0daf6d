import { DrsHint, takeHint } from '#control/measures/replication-hint.ts';
import { createSweep } from '#control/recover.ts';
import type { Json } from '#core/json.ts';
import { planeOf } from '../plane-of.ts';
import { once, type LambdaContext } from './function.ts';
import { logError, print } from './log.ts';
import { elsewhere } from './elsewhere.ts';
import type { LambdaPlatform } from './platform.ts';
import { runTick } from './tick.ts';

/** What Lambda tells this function about the call, as far as it is used. */
export interface JobsContext extends LambdaContext {
  getRemainingTimeInMillis(): number;
}

/**
 * An event of DRS is a hint (`replication-hint.ts`), and nothing else is done for it, so that many of them do not hold up the next
 * minute. Whatever else the function is invoked with counts as a minute: it does what is due (`tick.ts`), and that is never wrong.
 */
export function jobsFunction(
  open: () => Promise<LambdaPlatform>,
): (event: Json, context: JobsContext) => Promise<void> {
  const sweep = createSweep();
  const ready = once(async () => {
    const platform = await open();
    return { platform, jobs: planeOf(platform, { webhookRule: elsewhere(platform.place) }).jobs };
  });
  return async (event, context) => {
    const { platform, jobs } = await ready();
    const [, , , region = '', accountId = ''] = context.invokedFunctionArn.split(':');
    const own = { accountId, region };
    const hint = DrsHint.safeParse(event);
    if (!hint.success) {
      const remainingMs = (): number => context.getRemainingTimeInMillis();
      return runTick({
        platform,
        jobs,
        sweep,
        own,
        remainingMs,
        print,
        onFailure: logError,
      });
    }
    try {
      await takeHint(platform.deps, hint.data, own);
    } finally {
      // Lambda may stop the process once it has answered.
      await platform.audit.settled();
    }
  };
}
