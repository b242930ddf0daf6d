import { createHash } from 'node:crypto';
import type { ChainedRecord } from '#core/audit-chain.ts';
import type { Json } from '#core/json.ts';
import { expect, test } from 'vitest';
import type { NewAuditRecord } from './audit-rows.ts';
import { AuditRepository } from './audit.ts';
import { memoryStore } from './memory-store.ts';
import type { Store } from './port.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const entry = (n: number, executionId?: string): NewAuditRecord => ({
  action: 'test.act',
  by: 'token:a',
  target: `thing/${n}`,
  data: { n },
  ...(executionId === undefined ? {} : { executionId }),
});

function trail(store: Store = memoryStore()) {
  return { store, audit: new AuditRepository({ store, hash, serverId: 's1', now: () => 0 }) };
}

const keyAt = (sequence: number) => ({
  partition: `audit/${Math.floor((sequence - 1) / 10_000)}`,
  sort: String(sequence).padStart(12, '0'),
});

async function tamper(
  store: Store,
  sequence: number,
  change: (link: ChainedRecord) => unknown,
): Promise<void> {
  const key = keyAt(sequence);
  const row = await store.get({ table: 'platform-records', key });
  const value = change(row!.value as unknown as ChainedRecord) as Json;
  await store.write([{ kind: 'put', table: 'platform-records', key, value, expect: 'any' }]);
}

test('a thousand appends at once give one unbroken chain in the order of the calls', async () => {
  const { audit } = trail();
  await Promise.all(Array.from({ length: 1_000 }, (_, n) => audit.append(entry(n))));
  expect(await audit.verify()).toMatchObject({ records: 1_000, broken: null });
  const records = await audit.list({ limit: 1_000 });
  expect(records.map(({ record }) => record.data['n'])).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
});

test('two processes that append to the same store share one chain', async () => {
  const { store, audit } = trail();
  const other = trail(store).audit;
  await Promise.all([1, 2, 3, 4].flatMap((n) => [audit.append(entry(n)), other.append(entry(n + 10))]));
  expect(await audit.verify()).toMatchObject({ records: 8, broken: null });
});

test('a changed, a removed and a cut-off record are found and named', async () => {
  const begin = async () => {
    const made = trail();
    for (let n = 1; n <= 5; n++) await made.audit.append(entry(n));
    return made;
  };
  const changed = await begin();
  await tamper(changed.store, 3, (link) => ({ ...link, record: { ...link.record, by: 'token:b' } }));
  expect((await changed.audit.verify()).broken).toEqual({ sequence: 3, why: 'record changed' });

  const removed = await begin();
  await removed.store.write([{ kind: 'remove', table: 'platform-records', key: keyAt(2), expect: 'any' }]);
  expect((await removed.audit.verify()).broken).toEqual({ sequence: 2, why: 'record missing' });

  const cut = await begin();
  await cut.store.write([{ kind: 'remove', table: 'platform-records', key: keyAt(5), expect: 'any' }]);
  expect((await cut.audit.verify()).broken).toEqual({ sequence: 5, why: 'record missing' });
});

test('a head that was put back does not hide what came after it', async () => {
  const { store, audit } = trail();
  await audit.append(entry(1));
  const head = { table: 'platform-records', key: { partition: 'audit-head', sort: '' } } as const;
  const early = (await store.get(head))!.value;
  await audit.append(entry(2));
  await store.write([{ kind: 'put', ...head, value: early, expect: 'any' }]);
  expect((await audit.verify()).broken).toEqual({ sequence: 1, why: 'head does not match' });
});

test('the chain of one server is none of another', async () => {
  const { store, audit } = trail();
  await audit.append(entry(1));
  const other = new AuditRepository({ store, hash, serverId: 's2', now: () => 0 });
  expect((await other.verify()).broken).toEqual({ sequence: 1, why: 'link changed' });
});

/** Sequence numbers of an execution's records, by pages of two. */
async function sequencesOf(audit: AuditRepository, executionId: string): Promise<number[]> {
  const found: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await audit.page({ executionId, limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.records.map(({ sequence }) => sequence));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

test('the records of one execution are found without the others', async () => {
  const { audit } = trail();
  for (let n = 1; n <= 6; n++) await audit.append(entry(n, n % 2 === 0 ? 'exec-1' : 'exec-2'));
  expect(await sequencesOf(audit, 'exec-1')).toEqual([2, 4, 6]);
});

test('the newest records of an execution are found, although the index does not show them yet', async () => {
  const memory = memoryStore();
  const store: Store = {
    ...memory,
    query: async (params) => (params.byIndex ? { rows: [] } : memory.query(params)),
  };
  const { audit } = trail(store);
  await Promise.all([1, 2, 3].map((n) => audit.append(entry(n, n === 2 ? 'exec-2' : 'exec-1'))));
  expect(await sequencesOf(audit, 'exec-1')).toEqual([1, 3]);
});

test('the records of an execution come once each and in order, however many others are in between and behind', async () => {
  const { audit } = trail();
  const add = (n: number, executionId?: string) => audit.append(entry(n, executionId));
  await Promise.all([1, 2, 3, 4, 5].map((n) => add(n, 'exec-1')));
  await Promise.all(Array.from({ length: 300 }, (_, n) => add(n)));
  await add(306, 'exec-1');
  await Promise.all(Array.from({ length: 300 }, (_, n) => add(n)));
  await add(607, 'exec-1');
  expect(await sequencesOf(audit, 'exec-1')).toEqual([1, 2, 3, 4, 5, 306, 607]);
});

test('a list goes on from one block of the chain into the next', async () => {
  const { audit } = trail();
  await Promise.all(Array.from({ length: 10_003 }, (_, n) => audit.append(entry(n))));
  const sequences = async (after: number) =>
    (await audit.list({ after, limit: 5 })).map(({ sequence }) => sequence);
  expect(await sequences(9_998)).toEqual([9_999, 10_000, 10_001, 10_002, 10_003]);
  expect(await sequences(10_001)).toEqual([10_002, 10_003]);
  expect(await sequences(10_003)).toEqual([]);
});
