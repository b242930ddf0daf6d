import type { Json, JsonObject } from '#core/json.ts';
import type { Performed } from '../../step-functions/support/perform.ts';

/** What is compared of a play, literally. */
export interface Comparable {
  readonly end: Performed['end'];
  /** Tasks of the master by wave, in order; and how many events of each type its history has. */
  readonly tasks: Performed['tasks'];
  readonly events: Performed['events'][string];
  /** States entered, by execution; of technologies in order. */
  readonly states: Performed['states'];
  readonly ends: Performed['ends'];
  /** Rows of the execution but its events: head, plan, waves, technologies, outcomes, gates, intents. */
  readonly rows: Json;
  /** What was told of each wave and each technology, in order. */
  readonly log: Readonly<Record<string, readonly string[]>>;
}

/**
 * A play without what may differ between two runs of the same plan on the same estate:
 * 1. ids of the execution and of requests; times, and lengths of time that were measured;
 * 2. how often a technology was polled, and whether it was: what is quick can be done when its start has been written down. What a poll
 *    saw on the way (`TechnologyProgressed`) is left out, with the number of all events.
 *    So is what `jobs` tells when it makes up for somebody (`ProcessRestarted`): a minute of the world is a second here, and it may
 *    well be the quicker one;
 * 3. the order of what waves and technologies that run side by side do: each is compared by itself.
 * Everything else stays as it is, the ids of what was made in the simulated AWS too.
 */
export function comparable(
  { end, tasks, events, states, ends, rows, log }: Omit<Performed, 'tookMs'>,
  executionId: string,
): Comparable {
  const same = sameOf(executionId);
  const told: Record<string, string[]> = {};
  for (const event of log) {
    const { code, level, message, data } = event as {
      code: string;
      level: string;
      message: string;
      data: JsonObject;
    };
    if (code === 'TechnologyProgressed' || code === 'ProcessRestarted') continue;
    const { waveNumber = 0, technology = '' } = data as { waveNumber?: number; technology?: string };
    (told[`${waveNumber} ${technology}`] ??= []).push(same(`${level} ${code}: ${message}`));
  }
  return {
    end,
    tasks,
    events: events[executionId]!,
    states: keyed(same, states, (each) => each.filter((state) => !ROUND.has(state))),
    ends: keyed(same, ends, (one) => JSON.parse(same(JSON.stringify(one))) as Performed['ends'][string]),
    rows: (rows as Json[][])
      .filter(([table]) => (table as string).startsWith('execution-'))
      .map((row) => JSON.parse(same(JSON.stringify(row))) as Json),
    log: told,
  };
}

/**
 * What must be the same although functions died. Besides:
 * 1. tasks and events of the master, where each try is told;
 * 2. intents, which say what an adapter knew of its calls when it was cut off.
 */
export function afterTroubles({ end, states, ends, rows, log }: Comparable) {
  const isIntent = ([, key]: Json[]): boolean => (key as { sort: string }).sort.startsWith('intent#');
  return {
    end,
    ends,
    log,
    states,
    rows: (rows as Json[][]).filter((row) => !isIntent(row)),
  };
}

function keyed<T, U>(
  same: (text: string) => string,
  values: Readonly<Record<string, T>>,
  change: (value: T) => U,
) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [same(name), change(value)]));
}

const ROUND: ReadonlySet<string> = new Set(['Wait', 'Poll', 'CheckProgress']);

function sameOf(executionId: string): (text: string) => string {
  return (text) =>
    text
      .replaceAll(executionId, '<execution>')
      // On one side people act by the API, and its log names the request.
      .replaceAll(/,"requestId":"[\w-]+"/g, '')
      .replaceAll('invoke:', '')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
      .replaceAll(/\b1[678]\d{11}\b/g, '0')
      .replaceAll(/"eventCount":\d+/g, '"eventCount":0');
}
