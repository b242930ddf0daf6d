import { expect, test } from 'vitest';
import { memoryStore } from '#store/memory-store.ts';
import { lambdaApi } from './testing/lambda-world.ts';

test('processes that begin at once on the same records are one server', async () => {
  const store = memoryStore();
  const apis = await Promise.all([lambdaApi({ store }), lambdaApi({ store }), lambdaApi({ store })]);
  expect(new Set(apis.map(({ platform }) => platform.serverId)).size).toBe(1);
});

test('what several processes record at once is one trail, whoever asks for it', async () => {
  const store = memoryStore();
  const apis = await Promise.all(Array.from({ length: 4 }, () => lambdaApi({ store })));
  const entry = { action: 'test', by: 'ana', target: 'x', data: {} };
  await Promise.all(apis.map(({ platform }) => platform.audit.append(entry)));
  const [verdicts, trails] = await Promise.all([
    Promise.all(apis.map(({ platform }) => platform.audit.verify())),
    Promise.all(apis.map(({ platform }) => platform.audit.list({}))),
  ]);
  expect(verdicts.map(({ ok, records }) => [ok, records])).toEqual([
    [true, 4],
    [true, 4],
    [true, 4],
    [true, 4],
  ]);
  expect(trails.map(({ records }) => records.length)).toEqual([4, 4, 4, 4]);
});

test('a start makes no token and prints nothing', async () => {
  const store = memoryStore();
  const api = await lambdaApi({ store });
  await api.settled();
  const { rows } = await store.scan({ table: 'platform-records' });
  expect(rows.map(({ key }) => key.partition)).toEqual(['server']);
});
