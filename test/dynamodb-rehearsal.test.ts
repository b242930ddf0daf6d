import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { virtualClock } from '#clocks/virtual.ts';
import { readPlanFile } from '#control/plan-file.ts';
import type { Clock } from '#core/clock.ts';
import { simulatedEstate } from '#hosts/local/estate.ts';
import { openPlatform } from '#hosts/local/platform.ts';
import { readScenario } from '#sim/index.ts';
import {
  startDynamoDbLocal,
  hasDynamoDbLocal,
  type DynamoDbLocal,
} from '#store/dynamodb/testing/dynamodb-local.ts';
import type { Store } from '#store/port.ts';
import { EXAMPLE } from './support/estates.ts';

describe.skipIf(!hasDynamoDbLocal())('records on DynamoDB Local', () => {
  let local: DynamoDbLocal;
  beforeAll(async () => {
    local = await startDynamoDbLocal();
  });
  afterAll(() => local.stop());

  test('a drill of the example leaves the same export, events and audit trail as with records in SQLite', async () => {
    const onDynamoDb = await drill((clock) => local.open({ aws: { clock } }));
    const onSqlite = await drill(async () => undefined);
    expect(onDynamoDb).toMatchObject({ status: 'completed', outcome: 'clean', audit: { ok: true } });
    expect(onDynamoDb).toEqual(onSqlite);
  });
});

/** Drills the example in virtual time, and answers what is left of it. */
async function drill(openStore: (clock: Clock) => Promise<Store | undefined>) {
  const scenario = readScenario(readFileSync(EXAMPLE.estate, 'utf8'));
  const clock = virtualClock({ startsAt: scenario.startsAt });
  const store = await openStore(clock);
  const { control, deps, audit, close } = await openPlatform({
    recordsPath: ':memory:',
    enginePath: ':memory:',
    clock,
    estate: simulatedEstate({ scenario, clock, path: null }),
    seed: 7,
    ...(store !== undefined && { store }),
  });
  const hasEnded = Promise.withResolvers<void>();
  deps.events.subscribe(({ code }) => {
    if (code === 'ExecutionCompleted') hasEnded.resolve();
  });
  const { plan } = await readPlanFile(EXAMPLE.plan);
  const start = { plan, mode: 'drill', autoResume: true, initiatedBy: 'ana' } as const;
  const { executionId } = await control.startExecution(start);
  await hasEnded.promise;
  await audit.settled();
  const { status, outcome } = await control.getExecution({ executionId });
  const exported = await control.exportExecution({ executionId });
  const events = await control.listEvents({ executionId });
  const { ok, records } = await audit.verify();
  await close();
  // What happens at one moment may be written in either order.
  const times = events.map(({ at, code }) => `${at} ${code}`).toSorted();
  return { status, outcome, exported, times, audit: { ok, records } };
}
