import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { AwsCallRecord } from '#aws/options.ts';
import { memoryStore } from '#store/memory-store.ts';
import type { Store } from '#store/port.ts';
import { planOf, workbench } from '#workflow/testing/bench.ts';
import { createAnnouncingAudit, createAudit, type Audit } from './audit.ts';
import { createAuditOutbox } from './audit-outbox.ts';
import { createEvidence } from './evidence.ts';

const NOON = Date.parse('2026-01-07T12:00:00Z');
const ANNOUNCED = { table: 'platform-records', partition: 'audit-announced' } as const;
const act = (target: string) => ({ action: 'plan.update', by: 'ana', target, data: {} });

const call = (iamAction: string): AwsCallRecord => ({
  service: 'drs',
  operation: 'op',
  iamAction,
  accountId: '111122223333',
  region: 'eu-west-1',
  attempt: 1,
  startedAt: NOON,
  durationMs: 120,
  error: null,
  requestId: 'aws-1',
  simulated: false,
});

/** Each way to write the trail, of processes that have nothing but a store in common. */
function stage(store: Store = memoryStore(), executions = workbench().services.executions) {
  const failures: unknown[] = [];
  const time = { now: NOON };
  let ids = 0;
  const params = {
    store,
    executions,
    hash: (text: string): string => createHash('sha256').update(text).digest('hex'),
    serverId: 'bw-1',
    realNow: () => time.now,
    newId: () => `id-${++ids}`,
    onFailure: (error: unknown) => void failures.push(error),
  };
  return {
    store,
    time,
    failures,
    outbox: createAuditOutbox(params),
    announcing: (): Audit => createAnnouncingAudit(params),
    chaining: (): Audit => createAudit(params),
  };
}

const announced = async (store: Store): Promise<number> => (await store.query(ANNOUNCED)).rows.length;

async function targetsIn(audit: Audit): Promise<string[]> {
  return (await audit.list({})).records.map(({ record }) => record.target);
}

test('what a function records is announced, and chained by whoever comes, in order and with its time', async () => {
  const { outbox, chaining, store, time } = stage();
  for (const target of ['plan/b', 'plan/a', 'plan/c']) await outbox.append(act(target));
  expect([await targetsIn(chaining()), await announced(store)]).toEqual([[], 3]);
  time.now += 60_000;
  await chaining().catchUp();
  const { records } = await chaining().list({});
  expect(records.map(({ record }) => [record.sequence, record.target, record.at])).toEqual([
    [1, 'plan/b', '2026-01-07T12:00:00.000Z'],
    [2, 'plan/a', '2026-01-07T12:00:00.000Z'],
    [3, 'plan/c', '2026-01-07T12:00:00.000Z'],
  ]);
  expect(await announced(store)).toBe(0);
});

test('a change and its announcement are one; a change that fails announces nothing', async () => {
  const { outbox, announcing, store } = stage();
  const put = { kind: 'put', table: 'platform-records', key: { partition: 'x', sort: '' } } as const;
  const create = () =>
    outbox.change(act('plan/a'), (announcement) =>
      store.write([{ ...put, value: 1, expect: 'absent' }, announcement]),
    );
  expect(await create()).toEqual([1, 1]);
  await expect(create()).rejects.toMatchObject({ code: 'RevisionConflict' });
  expect(await targetsIn(announcing())).toEqual(['plan/a']);
});

test('a call that changes something is announced at once, those that only read together with it or when all is settled', async () => {
  const { outbox, announcing, store } = stage();
  outbox.recordAwsCall('exec-1', call('drs:DescribeJobs'));
  await new Promise(setImmediate);
  expect(await announced(store)).toBe(0);
  outbox.recordAwsCall('exec-1', call('drs:StartRecovery'));
  await new Promise(setImmediate);
  expect(await announced(store)).toBe(2);
  outbox.recordAwsCall(null, call('drs:DescribeSourceServers'));
  await outbox.settled();
  expect(await announced(store)).toBe(3);
  expect(await targetsIn(announcing())).toEqual([
    'drs:DescribeJobs',
    'drs:StartRecovery',
    'drs:DescribeSourceServers',
  ]);
});

test('a call that cannot be written down is told', async () => {
  const { outbox, failures, store } = stage();
  store.write = async () => Promise.reject(new RangeError('disk full'));
  outbox.recordAwsCall('exec-1', call('drs:StartRecovery'));
  await outbox.settled();
  expect(failures).toEqual([new RangeError('disk full')]);
});

test('a record that would not fit into the chain is refused, and stands in the way of none', async () => {
  const { outbox, chaining, store } = stage();
  const ofSize = (bytes: number) => ({ ...act('plan/a'), data: { text: 'x'.repeat(bytes) } });
  const refused = { code: 'RecordTooLarge' };
  await expect(outbox.append(ofSize(399_800))).rejects.toMatchObject(refused);
  await expect(outbox.change(ofSize(399_800), async () => {})).rejects.toMatchObject(refused);
  await outbox.append(ofSize(398_800));
  const audit = chaining();
  await audit.catchUp();
  expect([await targetsIn(audit), await announced(store)]).toEqual([['plan/a'], 0]);
});

test('more than a transaction holds is announced, and chained', async () => {
  const { outbox, announcing } = stage();
  for (let n = 0; n < 250; n++) outbox.recordAwsCall('exec-1', call('drs:DescribeJobs'));
  await outbox.settled();
  expect(await announcing().verify()).toMatchObject({ ok: true, records: 250 });
});

test('a trail that is asked of a function that does not chain is whole: acts, calls and events', async () => {
  const bench = workbench();
  const { store } = bench.deps;
  const { announcing, outbox } = stage(store, bench.services.executions);
  const executionId = await bench.start(planOf([{}]));
  const audit = announcing();
  audit.recordAwsCall(executionId, call('drs:StartRecovery'));
  await outbox.append(act('plan/a'));
  expect(await audit.verify()).toMatchObject({ ok: true, records: 3 });
  const told = (await audit.list({ executionId })).records.map(({ record }) => record.action);
  expect(told).toEqual(['aws.call', 'execution.event']);
});

test('a bundle that is asked of a function that does not chain has the calls of the execution', async () => {
  const bench = workbench();
  const { store } = bench.deps;
  const { executions } = bench.services;
  const { announcing } = stage(store, executions);
  const executionId = await bench.start(planOf([{}]));
  const [one, other] = [announcing(), announcing()];
  one.recordAwsCall(executionId, call('drs:StartRecovery'));
  await one.settled();
  const evidence = createEvidence({ control: bench.control, executions, audit: other, serverId: 'bw-1' });
  const { links } = await evidence.bundle(executionId);
  expect(links.map(({ record }) => record?.action)).toEqual([
    'aws.call',
    'execution.event',
    'evidence.export',
  ]);
});

test('the first part of a verification waits for no backlog that takes long; a whole one has all in the trail', async () => {
  const store = memoryStore();
  const { outbox, announcing, time } = stage(store);
  for (let i = 0; i < 1_500; i++) await outbox.append(act(`plan/${i}`));
  const { query } = store;
  store.query = (params) => {
    if (params.partition === ANNOUNCED.partition) time.now += 9_000;
    return query(params);
  };
  expect(await announcing().verify({ limit: 10 })).toMatchObject({ ok: true, records: 10, total: 1_000 });
  expect(await announcing().verify()).toMatchObject({ ok: true, records: 1_500, total: 1_500 });
});
