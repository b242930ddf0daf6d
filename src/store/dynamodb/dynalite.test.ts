import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testStore } from '../conformance.ts';
import type { Store, Write } from '../port.ts';
import { startDynalite, type Dynalite } from './testing/dynalite.ts';

/** What is proven of it, and what is not, stands in `testing/transactions-on-dynalite.ts`. */
describe('on dynalite, with transactions of our own beside it', () => {
  let dynalite: Dynalite;
  beforeAll(async () => {
    dynalite = await startDynalite();
  });
  afterAll(() => dynalite.stop());
  const close = (store: Store): Promise<void> => store.close();

  describe('conformance', () => testStore({ open: () => dynalite.open(), close }));

  describe('conformance while the first answer to every write is lost', () => {
    let losses = 0;
    const openLossy = (): Promise<Store> => {
      const seen = new Set<string>();
      return dynalite.open((operation, input) => {
        const { ClientRequestToken: token } = input as { ClientRequestToken?: string };
        if (operation !== 'TransactWriteItems' || seen.has(token!)) return;
        seen.add(token!);
        losses++;
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      });
    };
    testStore({ open: openLossy, close });
    afterAll(() => expect(losses).toBeGreaterThan(100));
  });

  test('what was written before a refusal in the same transaction is taken back', async () => {
    const store = await dynalite.open();
    const row = (sort: string, value: number, expect: 'absent' | 'any' | number): Write => ({
      kind: 'put',
      table: 'execution-records',
      key: { partition: 'e', sort },
      value,
      expect: expect as 'any',
    });
    await store.write([row('kept', 1, 'absent'), row('in-the-way', 1, 'absent')]);
    const writes = [row('kept', 2, 'any'), row('new', 2, 'absent'), row('in-the-way', 2, 'absent')];
    await expect(store.write(writes)).rejects.toMatchObject({ code: 'RevisionConflict' });
    const { rows } = await store.scan({ table: 'execution-records' });
    expect(rows.map(({ key, value, revision }) => [key.sort, value, revision])).toEqual([
      ['in-the-way', 1, 1],
      ['kept', 1, 1],
    ]);
  });
});
