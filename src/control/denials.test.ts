import { createHash, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { BreakwaterError } from '#core/errors.ts';
import { ExecutionRepository } from '#store/executions.ts';
import { memoryStore } from '#store/memory-store.ts';
import type { Store } from '#store/port.ts';
import { createAnnouncingAudit, createAudit } from './audit.ts';
import { createDenials, type Denials } from './denials.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Processes that refuse on the same records; `trail` is what is chained. */
function world() {
  const store = memoryStore();
  const time = { now: 0 };
  const auditParams = (records: Store) => ({
    store: records,
    executions: new ExecutionRepository({ store: records, now: () => time.now }),
    hash,
    serverId: 's1',
    realNow: () => time.now,
    newId: randomUUID,
    onFailure: (error: unknown) => expect.fail(String(error)),
  });
  /** A server; or a function of Lambda, which announces. */
  const open = (records: Store = store, create = createAudit): Denials =>
    createDenials({ store: records, audit: create(auditParams(records)), hash, now: () => time.now });
  const trail = async () => {
    const audit = createAudit(auditParams(store));
    await audit.catchUp();
    expect(await audit.verify()).toMatchObject({ ok: true });
    return (await audit.list({ limit: 1_000 })).records.map(({ record }) => record);
  };
  const seen = async () =>
    (await trail()).map(({ by, requestId, data }) => `${by} ${requestId} ${Number(data['count'])}`);
  let requests = 0;
  const deny = (denials: Denials, by = 'token:t1', route = 'POST /tokens') =>
    denials.note({ by, route, why: 'no permission', address: '192.0.2.1', requestId: `r${++requests}` });
  const fail = (denials: Denials, address = '192.0.2.1') =>
    denials.noteFailure({ why: 'the local token is unknown', address, requestId: `r${++requests}` });
  return { store, time, open, trail, seen, deny, fail };
}

const times = (count: number) => Array.from({ length: count }, (_, i) => i);

test('a refusal is recorded at once, with who, where, why and from where', async () => {
  const { open, deny, trail } = world();
  await deny(open());
  expect(await trail()).toMatchObject([
    {
      action: 'auth.forbidden',
      by: 'token:t1',
      target: 'route/POST /tokens',
      requestId: 'r1',
      data: { why: 'no permission', address: '192.0.2.1', count: 1 },
    },
  ]);
});

test('so is a failure to prove an identity', async () => {
  const { open, fail, trail } = world();
  await fail(open());
  expect(await trail()).toMatchObject([
    {
      action: 'auth.failed',
      by: 'anonymous',
      target: 'address/192.0.2.1',
      requestId: 'r1',
      data: { why: 'the local token is unknown', address: '192.0.2.1', count: 1 },
    },
  ]);
});

test('a thousand more within the minute are one record, which comes with the next refusal of anybody', async () => {
  const { open, deny, seen, time } = world();
  const denials = open();
  for (const _ of times(1_001)) await deny(denials);
  expect(await seen()).toEqual(['token:t1 r1 1']);
  time.now = 60_000;
  await deny(denials, 'token:t2');
  expect(await seen()).toEqual(['token:t1 r1 1', 'token:t1 r1001 1000', 'token:t2 r1002 1']);
});

test('a thousand at once are one record as well, and few writes', async () => {
  const { open, fail, seen, store } = world();
  const denials = open();
  let writes = 0;
  const { write } = store;
  store.write = (some) => (writes++, write(some));
  await Promise.all(times(1_000).map(() => fail(denials)));
  expect(writes).toBeLessThan(5);
  await Promise.all([denials.flush(), denials.flush()]);
  expect(await seen()).toEqual(['anonymous r1 1', 'anonymous r1000 999']);
});

test('each principal, route and address has a record of its own, and the next minute another', async () => {
  const { open, deny, fail, seen, time } = world();
  const denials = open();
  await deny(denials, 'token:t1');
  await deny(denials, 'token:t2');
  await deny(denials, 'token:t1', 'GET /audit');
  await fail(denials);
  await fail(denials, '198.51.100.2');
  time.now = 60_000;
  await deny(denials, 'token:t1');
  expect(await seen()).toEqual([
    'token:t1 r1 1',
    'token:t2 r2 1',
    'token:t1 r3 1',
    'anonymous r4 1',
    'anonymous r5 1',
    'token:t1 r6 1',
  ]);
});

test('addresses of one IPv6 network are one source, and whoever has many networks makes a bounded trail', async () => {
  const { open, fail, seen, trail } = world();
  const denials = open();
  for (const i of times(5)) await fail(denials, `2001:db8::${i}`);
  expect(await seen()).toEqual(['anonymous r1 1']);
  for (const i of times(5_000)) await fail(denials, `2001:db8:1:${i.toString(16)}::1`);
  await denials.flush();
  const all = await trail();
  expect(all.reduce((sum, { data }) => sum + Number(data['count']), 0)).toBe(5_005);
  // A hundred sources, one for all others, and what was counted of that one and of the first.
  expect(all).toHaveLength(103);
  expect(all.filter(({ target }) => target === 'many').map(({ data }) => data['count'])).toEqual([1, 4_900]);
});

test.each([
  { host: 'servers', create: createAudit },
  { host: 'functions that announce', create: createAnnouncingAudit },
])('two $host share the record of a source, and lose none', async ({ create }) => {
  const { open, fail, trail, time, store } = world();
  const both = [open(store, create), open(store, create)];
  await Promise.all(times(400).map((i) => fail(both[i % 2]!)));
  time.now = 60_000;
  await Promise.all([...both.map((denials) => denials.recordDue()), fail(both[0]!), fail(both[1]!)]);
  await Promise.all(both.map((denials) => denials.flush()));
  const counts = (await trail()).map(({ data }) => Number(data['count']));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(402);
  // In two minutes, the first of each and the rest of each.
  expect(counts.toSorted((a, b) => a - b)).toEqual([1, 1, 1, 399]);
});

test('wherever a process is killed, each refusal that was answered is in the trail once', async () => {
  for (const killedAt of times(12)) {
    const { open, fail, trail, time, store } = world();
    let writes = 0;
    const mortal: Store = {
      ...store,
      write: async (some) => {
        if (writes++ < killedAt) return store.write(some);
        throw new BreakwaterError('StoreCorrupt', 'killed');
      },
    };
    const denials = open(mortal);
    let answered = 0;
    for (const minute of times(3)) {
      time.now = minute * 60_000;
      for (const _ of times(3))
        answered += await fail(denials).then(
          () => 1,
          () => 0,
        );
    }
    time.now = 300_000;
    await open().recordDue();
    const total = (await trail()).reduce((sum, { data }) => sum + Number(data['count']), 0);
    // One more may have been written whose answer the kill came before.
    expect([answered, answered + 1]).toContain(total);
    expect(await store.query({ table: 'platform-records', partition: 'denials' })).toMatchObject({
      rows: [],
    });
  }
});
