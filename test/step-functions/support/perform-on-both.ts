import { expect } from 'vitest';
import type { VirtualClock } from '#clocks/virtual.ts';
import type { Store } from '#store/port.ts';
import type { Independent } from './independent.ts';
import { perform, type Performed, type Play } from './perform.ts';
import { embeddedStage, stepFunctionsStage } from './stages.ts';

/** Step Functions allows 262,144 bytes and 25,000 events. Seen: 1,307 bytes; 500 polls and their hand-over have 4,521 events. */
const BUDGET = { payloadBytes: 4_096, events: 5_000 };

/** Plays it on both engines and compares: states entered, ends and all records are the same, ids and times included. */
export async function performOnBoth(
  play: Play,
  where: Independent,
  /** The records of the independent one; in memory unless told. */
  openStore?: (clock: VirtualClock) => Promise<Store>,
): Promise<Performed> {
  const embedded = await perform(play, embeddedStage);
  const independent = await perform(play, (cast) => stepFunctionsStage(where, cast), openStore);
  expect(independent.states).toEqual(embedded.states);
  expect(independent.tasks).toEqual(embedded.tasks);
  expect(independent.ends).toEqual(embedded.ends);
  expect(independent.rows).toEqual(embedded.rows);
  expect(independent.events).toEqual(embedded.events);
  expect(independent.tookMs).toBe(embedded.tookMs);
  for (const { largestPayload, events } of [embedded, independent]) {
    expect(largestPayload).toBeLessThan(BUDGET.payloadBytes);
    const lengths = Object.values(events).map((counts) => Object.values(counts).reduce((sum, n) => sum + n));
    expect(Math.max(...lengths)).toBeLessThan(BUDGET.events);
  }
  return embedded;
}
