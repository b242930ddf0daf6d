import { messageOf } from '#core/errors.ts';
import { Cron } from 'croner';

/** Times by a cron expression of five fields, in a time zone. */
export interface Rule {
  readonly cron: string;
  /** IANA: `Europe/Berlin`. */
  readonly timeZone: string;
}

/** The first time after `afterMs`; `null`: there is none. For a rule without a problem. Milliseconds since 1970. */
export function nextTime({ cron, timeZone }: Rule, afterMs: number): number | null {
  const next = new Cron(cron, { timezone: timeZone, mode: '5-part' }).nextRun(new Date(afterMs));
  return next === null ? null : next.getTime();
}

/** All times after `afterMs` up to and with `untilMs`, oldest first; no more than `limit`, and then the newest of them may be missing. */
export function timesBetween(rule: Rule, afterMs: number, untilMs: number, limit: number): number[] {
  const times: number[] = [];
  for (let at = nextTime(rule, afterMs); at !== null && at <= untilMs; at = nextTime(rule, at)) {
    times.push(at);
    if (times.length === limit) break;
  }
  return times;
}

/** What is wrong with a rule. */
export function ruleProblems({ cron, timeZone }: Rule): { field: keyof Rule; message: string }[] {
  const zone = isTimeZone(timeZone) ? timeZone : null;
  const cronProblem = problemOf(cron, zone ?? 'UTC');
  return [
    ...(cronProblem === null ? [] : [{ field: 'cron' as const, message: cronProblem }]),
    ...(zone === null
      ? [{ field: 'timeZone' as const, message: 'expected an IANA time zone such as Europe/Berlin' }]
      : []),
  ];
}

function problemOf(cron: string, timeZone: string): string | null {
  if (cron.trim().split(/\s+/).length !== 5)
    return 'expected five fields: minute, hour, day of month, month, day of week';
  try {
    return nextTime({ cron, timeZone }, Date.UTC(2024, 0, 1)) === null ? 'such a time never comes' : null;
  } catch (error) {
    return `is no cron expression: ${messageOf(error).replace(/^CronPattern: /, '')}`;
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
