import { virtualClock } from '#clocks/virtual.ts';
import type { Json } from '#core/json.ts';
import { hasEnded } from '#core/states.ts';
import { executionIdOf } from '#engine/embedded/executions.ts';
import { simulatedEstate } from '#hosts/local/estate.ts';
import { openPlatform, type Platform } from '#hosts/local/platform.ts';
import { memoryStore } from '#store/memory-store.ts';
import type { Row, Store } from '#store/port.ts';
import { coreBanking, generated, type RehearsalCase } from './rehearsal-cases.ts';

/**
 * What a drill would cost on AWS: counted in a rehearsal, multiplied by list prices. Prints one JSON line a case; `docs/on-aws.md` has
 * the arithmetic.
 *
 *   node bench/cloud-cost.ts
 */

/** US dollars, us-east-1, list prices as of 2026-11 without any free tier: look at AWS's pages before you rely on them. */
const PRICES = {
  /** https://aws.amazon.com/step-functions/pricing/ (Standard) */
  transition: 0.025 / 1_000,
  /** https://aws.amazon.com/lambda/pricing/ (arm64) */
  request: 0.2 / 1_000_000,
  gbSecond: 0.0000133334,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  writeUnit: 0.625 / 1_000_000,
  readUnit: 0.125 / 1_000_000,
} as const;

/** Assumed, not measured: what a call takes on Lambda, most of it waiting for AWS. */
const CALL_SECONDS = 0.5;
const MEMORY_GB = 0.5;

interface Units {
  writes: number;
  reads: number;
}

/** What a function takes besides to have its turn, which one process does without. Counted for all, though only technologies' take turns. */
const TURN: Units = { writes: 4, reads: 2 };

const SIZES = [
  { servers: 100, accounts: 2, waves: 5 },
  { servers: 1_000, accounts: 4, waves: 10 },
  { servers: 4_000, accounts: 8, waves: 10 },
];

for (const one of [coreBanking(), ...SIZES.map(generated)])
  process.stdout.write(`${JSON.stringify(await priced(one))}\n`);

async function priced({ name, plan, scenario }: RehearsalCase): Promise<object> {
  const clock = virtualClock({ startsAt: scenario.startsAt });
  const estate = simulatedEstate({ scenario, clock, path: null });
  const units: Units = { writes: 0, reads: 0 };
  const store = metered(memoryStore(), units);
  const platform = await openPlatform({
    recordsPath: '',
    store,
    enginePath: ':memory:',
    clock,
    estate,
    seed: 7,
  });
  const order = { plan, mode: 'drill', initiatedBy: 'bench', autoResume: true } as const;
  const { executionId } = await platform.control.startExecution(order);
  while (!hasEnded((await platform.control.getExecution({ executionId })).status))
    await new Promise((resolve) => setTimeout(resolve, 50));
  const { transitions, invocations } = await countStates(platform, executionId);
  const turns = Object.entries(TURN).map(([kind, each]) => [
    kind,
    units[kind as keyof Units] + each * invocations,
  ]);
  const counted = Object.fromEntries(turns) as unknown as Units;
  await platform.close();
  await estate.close();
  const dollars = {
    stepFunctions: transitions * PRICES.transition,
    lambda: invocations * (PRICES.request + CALL_SECONDS * MEMORY_GB * PRICES.gbSecond),
    dynamoDb: counted.writes * PRICES.writeUnit + counted.reads * PRICES.readUnit,
  };
  const total = Object.values(dollars).reduce((sum, one) => sum + one);
  const rounded = Object.entries({ ...dollars, total }).map(([key, value]) => [
    key,
    Number(value.toFixed(4)),
  ]);
  return { name, transitions, invocations, ...counted, dollars: Object.fromEntries(rounded) as object };
}

/** Step Functions counts a transition for each state that is entered. */
async function countStates({ deps: { engine } }: Platform, executionId: string) {
  const left = [executionIdOf('recovery', executionId)];
  const counts = { transitions: 0, invocations: 0 };
  for (const id of left) {
    let cursor: string | undefined;
    do {
      const page = await engine.history({ executionId: id, ...(cursor === undefined ? {} : { cursor }) });
      for (const { type, state, details } of page.events) {
        if (type.endsWith('StateEntered')) counts.transitions++;
        if (type === 'TaskScheduled' && state !== 'RunTechnology') counts.invocations++;
        if (type === 'TaskStateEntered' && state === 'RunTechnology')
          left.push(executionIdOf('technology', (details as { input: { name: string } }).input.name));
      }
      ({ cursor } = page);
    } while (cursor !== undefined);
  }
  return counts;
}

/** A transaction costs twice a write; an index is written besides. Reads are consistent ones. */
function metered(store: Store, units: Units): Store {
  const read = (rows: readonly Row[]): void => {
    units.reads += Math.max(1, Math.ceil(rows.reduce((sum, row) => sum + bytesOf(row.value), 0) / 4_096));
  };
  return {
    ...store,
    get: async (params) => {
      const row = await store.get(params);
      read(row === null ? [] : [row]);
      return row;
    },
    query: async (params) => {
      const page = await store.query(params);
      read(page.rows);
      return page;
    },
    write: (writes) => {
      for (const write of writes) {
        const kilobytes = write.kind === 'put' ? Math.ceil(bytesOf(write.value) / 1_024) : 1;
        units.writes += 2 * kilobytes + (write.kind === 'put' && write.index !== undefined ? kilobytes : 0);
      }
      return store.write(writes);
    },
  };
}

function bytesOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value)) + 100;
}
