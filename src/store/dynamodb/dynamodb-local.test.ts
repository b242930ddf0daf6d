import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#clocks/system.ts';
import { AuditRepository } from '../audit.ts';
import { perform, step, type Step } from '../conformance/random-steps.ts';
import { testStore } from '../conformance.ts';
import { LockRepository } from '../locks.ts';
import { memoryStore } from '../memory-store.ts';
import type { Page, Store, Write } from '../port.ts';
import { carryTo, type Carried } from './testing/carry.ts';
import { startDynamoDbLocal, hasDynamoDbLocal, type DynamoDbLocal } from './testing/dynamodb-local.ts';

describe.skipIf(!hasDynamoDbLocal())('on DynamoDB Local', () => {
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

  describe('two processes', () => {
    const openTwo = async (prefix: string): Promise<[Store, Store]> => [
      await local.open({ prefix }),
      await local.open({ prefix, isNew: false }),
    ];

    test('that put the same row at once, whatever it is, make every revision once', async () => {
      const stores = await openTwo('revisions-');
      const put: Write = {
        kind: 'put',
        table: 'platform-records',
        key: { partition: 'p', sort: '' },
        value: null,
        expect: 'any',
      };
      const tries = Array.from({ length: 20 }, (_, i) => stores[i % 2]!.write([put]));
      const revisions = (await Promise.all(tries)).flat();
      expect(revisions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    });

    test('that append to the audit trail share one chain', async () => {
      const stores = await openTwo('audit-');
      const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
      const trails = stores.map((store) => new AuditRepository({ store, hash, serverId: 's', now: () => 0 }));
      const entry = { action: 'test.act', by: 'token:a', target: 'thing/1', data: {} };
      const appends = Array.from({ length: 30 }, (_, i) => trails[i % 2]!.append(entry));
      expect((await Promise.all(appends)).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 30 }, (_, i) => i + 1),
      );
      expect(await trails[0]!.verify()).toMatchObject({ records: 30, broken: null });
    });

    test('that want the same servers get all of them, or none', async () => {
      const stores = await openTwo('locks-');
      const [one, two] = stores.map((store) => new LockRepository(store));
      const names = Array.from({ length: 40 }, (_, i) => `drs:s-${i}`);
      const held = await Promise.all([one!.take('exec-1', names), two!.take('exec-2', names.toReversed())]);
      const winner = held[0].length === 0 ? 'exec-1' : 'exec-2';
      // Who lost may have looked while the other's locks were being written.
      expect(held.filter((some) => some.length === 0)).toHaveLength(1);
      expect(new Set(held.flat().map(({ heldBy }) => heldBy))).toEqual(new Set([winner]));
      const rows = await stores[0].query({ table: 'platform-records', partition: 'lock' });
      expect(rows.rows.map(({ value }) => value)).toEqual(
        names.toSorted().map((name) => ({ owner: winner, name })),
      );
      await Promise.all([one!.release('exec-1'), two!.release('exec-2')]);
      expect(await one!.take('exec-3', names)).toEqual([]);
    });
  });

  test('writes that are within our limits and above those of DynamoDB, for their long keys, are told to be too large', async () => {
    const store = await local.open();
    const long = 'k'.repeat(1_000);
    const writes = Array.from({ length: 100 }, (_, i): Write => ({
      kind: 'put',
      table: 'platform-records',
      key: { partition: long + long, sort: `${long}${i}` },
      value: 'x'.repeat(39_990),
      index: { partition: long + long, sort: long },
      expect: 'absent',
    }));
    await expect(store.write(writes)).rejects.toMatchObject({ code: 'RecordTooLarge' });
    expect((await store.query({ table: 'platform-records', partition: long + long })).rows).toEqual([]);
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
