import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { canonicalJson } from '#core/canonical-json.ts';
import { hasCode } from '#core/errors.ts';
import type { Json, JsonObject } from '#core/json.ts';
import { expect, test } from 'vitest';
import { AuditRepository } from './audit.ts';
import { memoryStore } from './memory-store.ts';
import type { Key, Row, Store } from './port.ts';

const table = 'platform-records';
const HEAD: Key = { partition: 'audit-head', sort: '' };
const RECORDS = 6;
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const at = (sequence: number): Key => ({ partition: 'audit/0', sort: String(sequence).padStart(12, '0') });

/** Six records, those with even numbers of an execution. */
async function written(): Promise<{ store: Store; audit: AuditRepository; rows: readonly Row[] }> {
  const store = memoryStore();
  const audit = new AuditRepository({ store, hash, serverId: 's1', now: () => 0 });
  for (let n = 1; n <= RECORDS; n++)
    await audit.append({
      action: 'plan.update',
      by: 'token:a',
      target: `plan/${n}`,
      requestId: `req-${n}`,
      data: { n, nested: { list: [n, null] } },
      ...(n % 2 === 0 ? { executionId: 'exec-1' } : {}),
    });
  const keys = [HEAD, ...Array.from({ length: RECORDS }, (_, index) => at(index + 1))];
  const rows = await Promise.all(keys.map(async (key) => (await store.get({ table, key }))!));
  return { store, audit, rows };
}

const put = (store: Store, { key, value, index }: Omit<Row, 'revision'>) =>
  store.write([{ kind: 'put', table, key, value, expect: 'any', ...(index === undefined ? {} : { index }) }]);

/** Paths of everything in a value, itself included. */
function pathsOf(value: Json, path: readonly string[] = []): (readonly string[])[] {
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [path, ...members.flatMap(([name, member]) => pathsOf(member, [...path, name]))];
}

/** The value with a part replaced, or left out (`undefined`). */
function replaced(
  value: Json,
  [first, ...rest]: readonly string[],
  part: Json | undefined,
): Json | undefined {
  if (first === undefined) return part;
  const member = replaced((value as JsonObject)[first]!, rest, part);
  if (Array.isArray(value))
    return value.flatMap((one: Json, i) =>
      String(i) !== first ? [one] : member === undefined ? [] : [member],
    );
  const { [first]: _, ...others } = value as JsonObject;
  return member === undefined ? others : { ...others, [first]: member };
}

test('any single change to any part of any row is found: replaced, left out, or added', async () => {
  const { rows } = await written();
  await fc.assert(
    fc.asyncProperty(
      fc.nat(RECORDS),
      fc.nat(),
      fc.oneof(fc.constant(undefined), fc.jsonValue({ maxDepth: 1 })),
      async (rowNumber, pathNumber, part) => {
        const row = rows[rowNumber]!;
        const paths = pathsOf(row.value);
        const path = paths[pathNumber % paths.length]!;
        const value = replaced(row.value, path, part as Json | undefined);
        fc.pre(value !== undefined && canonicalJson(value) !== canonicalJson(row.value));
        const { store, audit } = await written();
        await put(store, { ...row, value: value! });
        expect((await audit.verify()).broken).not.toBeNull();
      },
    ),
    { numRuns: 300 },
  );
});

test('a link whose record was taken out is found, for the store has no hidden records', async () => {
  const { store, audit, rows } = await written();
  const { record: _, ...link } = rows[3]!.value as JsonObject;
  await put(store, { ...rows[3]!, value: link });
  expect((await audit.verify()).broken).toEqual({ sequence: 3, why: 'record changed' });
});

test('a row that was made no object is named, not stumbled over', async () => {
  const { store, audit, rows } = await written();
  await put(store, { ...rows[2]!, value: null });
  expect((await audit.verify()).broken).toEqual({ sequence: 2, why: 'record changed' });
});

test('a record that was taken out of its execution’s list is found', async () => {
  const { store, audit, rows } = await written();
  const { key, value } = rows[4]!;
  await put(store, { key, value });
  expect((await audit.verify()).broken).toEqual({ sequence: 4, why: 'link changed' });
});

test('two swapped records are found at the first of them', async () => {
  const { store, audit, rows } = await written();
  await put(store, { ...rows[2]!, value: rows[5]!.value });
  await put(store, { ...rows[5]!, value: rows[2]!.value });
  expect((await audit.verify()).broken).toEqual({ sequence: 2, why: 'record missing' });
});

test('each removed record is named; a removed head is found', async () => {
  for (let sequence = 1; sequence <= RECORDS; sequence++) {
    const { store, audit } = await written();
    await store.write([{ kind: 'remove', table, key: at(sequence), expect: 'any' }]);
    expect((await audit.verify()).broken).toEqual({ sequence, why: 'record missing' });
  }
  const { store, audit } = await written();
  await store.write([{ kind: 'remove', table, key: HEAD, expect: 'any' }]);
  expect((await audit.verify()).broken).toEqual({ sequence: 0, why: 'head does not match' });
});

test('a tail that was cut off together with its head is sound, and only a head kept elsewhere tells', async () => {
  const { store, audit, rows } = await written();
  const kept = (await audit.verify()).head;
  const { hash: before } = rows[5]!.value as JsonObject;
  await store.write([{ kind: 'remove', table, key: at(6), expect: 'any' }]);
  await put(store, { key: HEAD, value: { sequence: 5, hash: before! } });
  const verdict = await audit.verify();
  expect([verdict.broken, verdict.head === kept]).toEqual([null, false]);
});

test('a fork that was written behind the head is found, near and far', async () => {
  for (const sequence of [7, 9, 10_001]) {
    const { store, audit, rows } = await written();
    const key = { ...at(sequence), partition: `audit/${Math.floor((sequence - 1) / 10_000)}` };
    await put(store, { key, value: rows[6]!.value });
    expect((await audit.verify()).broken).toEqual({ sequence: 6, why: 'head does not match' });
  }
});

test('a head that stands before its records, as a Region that was lost can leave it, moves behind the sound ones', async () => {
  const { store, audit, rows } = await written();
  const { hash: early } = rows[3]!.value as JsonObject;
  await put(store, { key: HEAD, value: { sequence: 3, hash: early! } });
  expect(await audit.append({ action: 'a', by: 'b', target: 'c', data: {} })).toBe(7);
  expect(await audit.verify()).toMatchObject({ records: 7, broken: null });
});

test('appending to a trail with a forged record behind its head is refused, and does not go on for ever', async () => {
  const { store, audit, rows } = await written();
  await put(store, { key: at(7), value: { ...(rows[6]!.value as JsonObject), sequence: 7 } });
  const append = audit.append({ action: 'a', by: 'b', target: 'c', data: {} });
  await expect(append).rejects.toSatisfy((error) => hasCode(error, 'AuditBroken'));
});

test('a record that is too large fails alone; those that were appended with it are written', async () => {
  const { audit } = await written();
  const append = (text: string) => audit.append({ action: 'a', by: 'b', target: 'c', data: { text } });
  const outcomes = await Promise.allSettled([
    append('x'),
    append('x'.repeat(500_000)),
    append('y'),
    append('z'),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(await audit.verify()).toMatchObject({ records: 9, broken: null });
});

test('a chain that goes over several blocks is verified as a whole, and in parts that end where a block ends', async () => {
  const { audit, store } = await written();
  const many = Array.from({ length: 10_100 }, (_, n) =>
    audit.append({ action: 'a', by: 'b', target: 'c', data: { n } }),
  );
  await Promise.all(many);
  expect(await audit.verify()).toMatchObject({ records: 10_106, broken: null });
  let looked = 0;
  const part = await audit.verify({ isOver: () => ++looked >= 10_000 });
  expect(part).toMatchObject({ records: 10_000, total: 10_106, next: { sequence: 10_000 } });
  const rest = { after: part.next!, isOver: () => false };
  expect(await audit.verify(rest)).toMatchObject({ records: 10_106, broken: null, next: null });
  // A row behind the last one of a block is found by the part that begins there too.
  const key = { partition: 'audit/0', sort: '000000010001' };
  await store.write([{ kind: 'put', table: 'platform-records', key, value: {}, expect: 'absent' }]);
  expect(await audit.verify(rest)).toMatchObject({ records: 10_000, broken: { sequence: 10_001 } });
});
