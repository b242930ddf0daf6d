import { describe, expect, test } from 'vitest';
import { checkHistory, masterEvents } from '#core/history-size.ts';
import type { Json } from '#core/json.ts';
import { memoryStore } from '#store/memory-store.ts';
import type { Store } from '#store/port.ts';
import { perform, type Performed, type Play } from './support/perform.ts';
import { longWave, manyServers, manyWaves } from './support/long-plays.ts';
import { embeddedStage } from './support/stages.ts';

/**
 * What Step Functions would count: `workflow.test.ts` holds the embedded engine's histories against those of an interpreter that we did
 * not write, number by number of each type of event.
 *
 * A technology has 9 events a poll, and hands over after 500. If every poll were throttled as often as its Retry allows (6 times, 3
 * events each), that would be 13,500: still far below.
 */
const MOST_EVENTS = 25_000;
const BUDGET = { technologyEvents: 5_000, payloadBytes: 64 * 1_024, stateBytes: 64 * 1_024 };

describe('the history of an execution', () => {
  test('of a wave that takes 12 hours goes on in fresh executions', { timeout: 120_000 }, async () => {
    const { hours, pieces, ...measured } = await measure('12 hours', longWave());
    expect(hours).toBeGreaterThan(12);
    // The launch, the failover, the script.
    expect(pieces).toEqual([1, 3, 3]);
    expect(measured.master).toBe(87);
    expect(measured.largestTechnology).toBe(4_521);
    expect(measured.largestTechnology).toBeLessThan(BUDGET.technologyEvents);
    expect(measured.largestPayload).toBeLessThan(2_048);
  });

  test('of 4,000 servers in one wave is no larger', { timeout: 120_000 }, async () => {
    const { rows, ...measured } = await measure('4,000 servers', manyServers(2_000));
    expect(rows).toBeGreaterThan(4_000);
    expect(measured.largestTechnology).toBeLessThan(BUDGET.technologyEvents);
    expect(measured.largestPayload).toBeLessThan(2_048);
    expect(measured.largestState).toBeLessThan(BUDGET.stateBytes);
  });

  test.each([
    { waves: 443, technologies: 1, events: 19_957 },
    { waves: 45, technologies: 40, events: 19_597 },
  ])(
    'of the largest plans that may run is within the limit: $waves waves of $technologies',
    { timeout: 120_000 },
    async ({ waves, technologies, events }) => {
      const largest = manyWaves(waves, technologies);
      const measured = await measure(`${waves} waves of ${technologies}`, largest);
      expect(measured.master).toBe(events);
      expect(masterEvents(largest.plan)).toBe(events);
      expect(measured.largestPayload).toBeLessThan(BUDGET.payloadBytes);
      expect(checkHistory(largest.plan, MOST_EVENTS)).toEqual([]);
      expect(checkHistory(manyWaves(waves + 1, technologies).plan, MOST_EVENTS)).toMatchObject([
        { level: 'error', rule: 'PlanTooLarge' },
      ]);
    },
  );
});

test('a plan that the engine cannot take to its end is not begun', async () => {
  const limited: typeof embeddedStage = async (cast) => {
    const stage = await embeddedStage(cast);
    return { ...stage, engine: { ...stage.engine, mostEvents: MOST_EVENTS } };
  };
  await expect(perform(manyWaves(444, 1), limited)).rejects.toMatchObject({
    code: 'ValidationFailed',
    message: expect.stringContaining('waves: 444 waves make a history of 20002 events'),
  });
});

test('a wave of as many technologies as a plan may have is decided when all of them fail', async () => {
  const actions = ['retry', 'skip'] as const;
  let decisions = 0;
  const { end } = await perform(
    {
      ...manyWaves(1, 40, { error: { type: 'CacheError', message: 'no cache' } }),
      people: async ({ executionId, code, data }, { control }) => {
        if (code !== 'GateOpened') return;
        const [gateId, action] = [String(data['gateId']), actions[decisions++]!];
        await control.decide({ executionId, gateId, action, by: 'ana', reason: 'the cache can wait' });
      },
    },
    embeddedStage,
  );
  expect(end).toEqual({ status: 'completed', outcome: 'with_exceptions' });
  expect(decisions).toBe(2);
});

async function measure(name: string, play: Play) {
  const { store, largest } = measuringStore();
  const { end, tookMs, events, largestPayload, rows } = await perform(play, embeddedStage, () => store);
  expect(end).toEqual({ status: 'completed', outcome: 'clean' });
  const [master, ...technologies] = Object.values(events).map((counts) =>
    Object.values(counts).reduce((sum, count) => sum + count),
  );
  const measured = {
    hours: tookMs / 3_600_000,
    master: master!,
    /** By technology: the executions that it took. */
    pieces: piecesOf(events),
    largestTechnology: Math.max(...technologies),
    largestPayload,
    largestState: largest.state,
    rows: (rows as Json[]).length,
  };
  const { pieces, ...shown } = measured;
  console.log(`${name}: ${JSON.stringify({ ...shown, pieces: pieces.slice(0, 3) })}`);
  return measured;
}

/** Records in memory, and the most bytes that the state of an operation has had. */
function measuringStore(): { store: Store; largest: { state: number } } {
  const inner = memoryStore();
  const largest = { state: 0 };
  const write: Store['write'] = (writes) => {
    for (const one of writes) {
      const { state } = (one.kind === 'put' ? one.value : {}) as { state?: Json };
      largest.state = Math.max(largest.state, Buffer.byteLength(JSON.stringify(state ?? null)));
    }
    return inner.write(writes);
  };
  return { store: { ...inner, write }, largest };
}

function piecesOf(events: Performed['events']): number[] {
  const pieces: Record<string, number> = {};
  for (const name of Object.keys(events).slice(1)) {
    const base = name.replace(/-c\d+$/, '');
    pieces[base] = (pieces[base] ?? 0) + 1;
  }
  return Object.values(pieces);
}
