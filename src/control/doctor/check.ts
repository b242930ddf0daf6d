import { isBreakwaterError, messageOf } from '#core/errors.ts';
import type { Clock } from '#core/clock.ts';

/** `not_simulated`: it cannot be looked at, since a simulated AWS has no such thing. */
export type CheckStatus = 'ok' | 'warning' | 'failed' | 'not_simulated';

/** What was found of one thing. */
export interface Found {
  readonly status: CheckStatus;
  readonly found: string;
  /** What to do; empty when there is nothing to do. */
  readonly remedy: string;
}

/** One thing to look at. Whatever goes wrong on the way is what was found. */
export interface Check {
  /** What it belongs to, such as `records`. */
  readonly group: string;
  readonly name: string;
  readonly look: (signal: AbortSignal) => Promise<Found>;
}

export interface CheckResult extends Found {
  readonly group: string;
  readonly name: string;
  readonly durationMs: number;
}

export interface Checking {
  readonly clock: Clock;
  /** For each check; one that takes longer has failed, and holds nothing else up but for its place. */
  readonly timeoutMs: number;
  readonly atOnce: number;
  /** Hears what is begun and what has ended. */
  readonly onChange?: (waiting: readonly string[], done: number) => void;
}

/**
 * Looks at everything, some at a time, and answers in the order of the checks. A check that does not even end when it is told to is left
 * behind: nobody waits for it.
 */
export async function runChecks(checks: readonly Check[], checking: Checking): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const waiting = new Map<number, string>();
  let next = 0;
  let done = 0;
  const tell = (): void => checking.onChange?.([...waiting.values()], done);
  const work = async (): Promise<void> => {
    for (let index = next++; index < checks.length; index = next++) {
      const check = checks[index]!;
      waiting.set(index, `${check.group}: ${check.name}`);
      tell();
      results[index] = await runCheck(check, checking);
      waiting.delete(index);
      done++;
      tell();
    }
  };
  await Promise.all(Array.from({ length: Math.min(checking.atOnce, checks.length) }, work));
  return results;
}

async function runCheck({ group, name, look }: Check, { clock, timeoutMs }: Checking): Promise<CheckResult> {
  const startedAt = clock.now();
  const late = new AbortController();
  const over = new AbortController();
  const timeout = clock.sleep(timeoutMs, over.signal).then(
    () => {
      late.abort();
      return failed(`no answer in ${timeoutMs / 1_000} s`, 'Check network, proxy and endpoint.');
    },
    // It has ended in time.
    () => failed('', ''),
  );
  const looked = Promise.resolve()
    .then(() => look(late.signal))
    .catch(foundOf);
  const found = await Promise.race([looked, timeout]);
  over.abort();
  return { group, name, ...found, durationMs: clock.now() - startedAt };
}

const CONFIGURE = 'Configure AWS credentials: environment, profile or role.';

/** What an error says of the thing that was looked at. */
function foundOf(error: unknown): Found {
  if (isNotSimulated(error)) return NOT_SIMULATED;
  if (!isBreakwaterError(error)) return failed(messageOf(error), 'Try again.');
  // The remedy of the code speaks of scenarios, which the doctor does not look at.
  const remedy = error.code === 'AwsCredentialsMissing' ? CONFIGURE : error.remedy;
  return failed(error.message, remedy);
}

/** A simulated AWS says so of what it does not know. */
function isNotSimulated(error: unknown): boolean {
  const said = isBreakwaterError(error) ? error.details['awsMessage'] : undefined;
  return typeof said === 'string' && said.endsWith(' is not simulated.');
}

export const NOT_SIMULATED: Found = {
  status: 'not_simulated',
  found: 'not simulated',
  remedy: '',
};

export const ok = (found: string): Found => ({ status: 'ok', found, remedy: '' });
export const warning = (found: string, remedy: string): Found => ({ status: 'warning', found, remedy });
export const failed = (found: string, remedy: string): Found => ({ status: 'failed', found, remedy });
