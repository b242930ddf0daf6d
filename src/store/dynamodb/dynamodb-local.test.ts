import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#clocks/system.ts';
import { perform, step, type Step } from '../conformance/random-steps.ts';
import { testStore } from '../conformance.ts';
import { memoryStore } from '../memory-store.ts';
import type { Page, Store } from '../port.ts';
import { carryTo, type Carried } from './testing/carry.ts';
import { startDynamoDbLocal, whyNoDynamoDbLocal, type DynamoDbLocal } from './testing/dynamodb-local.ts';

const missing = whyNoDynamoDbLocal();

describe.skipIf(missing !== null)(`on DynamoDB Local${missing === null ? '' : ` (${missing})`}`, () => {
  let local: DynamoDbLocal;
  beforeAll(async () => {
    local = await startDynamoDbLocal();
  });
  afterAll(() => local.stop());
  const close = (store: Store): Promise<void> => store.close();

  describe('conformance', () => testStore({ open: () => local.open(), close }));

  describe('conformance while the first answer to every write is lost', () => {
    let losses = 0;
    const openLossy = (): Promise<Store> => {
      const seen = new Set<string>();
      const lose = ({ operation, body }: Carried): void => {
        if (operation !== 'TransactWriteItems') return;
        const { ClientRequestToken } = JSON.parse(body) as { ClientRequestToken: string };
        if (seen.has(ClientRequestToken)) return;
        seen.add(ClientRequestToken);
        losses++;
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      };
      const requestHandler = carryTo(local.endpoint, systemClock(), lose);
      return local.open({ aws: { requestHandler, random: () => 0 } });
    };
    testStore({ open: openLossy, close });
    afterAll(() => expect(losses).toBeGreaterThan(100));
  });

  test('it answers every sequence of writes, queries and scans as memory does, also another store on the same tables', async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.nat(11), async (steps, reopenAt) => {
        const memory = memoryStore();
        const prefix = `same-${++runs}-`;
        let store = await local.open({ prefix });
        for (const [i, each] of steps.entries()) {
          if (i === reopenAt) store = await local.open({ prefix, isNew: false });
          const [answer, expected] = [await perform(store, each), await perform(memory, each)];
          expect(comparable(each, answer)).toEqual(comparable(each, expected));
        }
      }),
      { numRuns: 30 },
    );
  });

  test('pages of rows that are larger together than an answer of DynamoDB are whole', async () => {
    const store = await local.open();
    const names = Array.from({ length: 9 }, (_, i) => `n-${i}`);
    for (const sort of names) {
      const key = { partition: 'e', sort };
      const value = 'x'.repeat(390_000);
      await store.write([{ kind: 'put', table: 'execution-records', key, value, expect: 'absent' }]);
    }
    const page = await store.query({ table: 'execution-records', partition: 'e', limit: 8 });
    expect(page.rows.map(({ key }) => key.sort)).toEqual(names.slice(0, 8));
    const { rows } = await store.scan({ table: 'execution-records' });
    expect(rows).toHaveLength(9);
  });
});

/** A scan has no order, nor have rows at the same place of an index; nor then do its pages begin and end alike. */
function comparable(done: Step, answer: unknown): unknown {
  if ('writes' in done || ('query' in done && !done.query.byIndex)) return answer;
  const rows = (answer as Page[]).flatMap((page) => page.rows);
  return rows.toSorted((a, b) => (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1));
}
