import { expect, test } from 'vitest';
import type { AuditEntry } from './audit-log.ts';
import { createDenials } from './denials.ts';

function world() {
  const time = { now: 0 };
  const trail: AuditEntry[] = [];
  const audit = { append: async (entry: AuditEntry) => void trail.push(entry) };
  const denials = createDenials({ audit, now: () => time.now });
  let requests = 0;
  const deny = (by: string, route = 'POST /tokens') =>
    denials.note({ by, route, why: 'no permission', address: '192.0.2.1', requestId: `r${++requests}` });
  const seen = () => trail.map(({ by, requestId, data }) => [by, requestId, data['count']]);
  return { time, trail, denials, deny, seen };
}

test('a refusal is recorded at once, with who, where, why and from where', async () => {
  const { deny, trail } = world();
  await deny('token:t1');
  expect(trail).toEqual([
    {
      action: 'auth.forbidden',
      by: 'token:t1',
      target: 'route/POST /tokens',
      requestId: 'r1',
      data: { why: 'no permission', address: '192.0.2.1', count: 1 },
    },
  ]);
});

test('a thousand more within the minute are one record, which comes with the next refusal of anybody', async () => {
  const { deny, seen, time } = world();
  for (let i = 0; i < 1_001; i++) await deny('token:t1');
  expect(seen()).toEqual([['token:t1', 'r1', 1]]);
  time.now = 60_000;
  await deny('token:t2');
  expect(seen()).toEqual([
    ['token:t1', 'r1', 1],
    ['token:t1', 'r1001', 1_000],
    ['token:t2', 'r1002', 1],
  ]);
});

test('a thousand at once are one record as well, and none is lost', async () => {
  const { deny, denials, seen } = world();
  await Promise.all(Array.from({ length: 1_000 }, () => deny('token:t1')));
  expect(seen()).toEqual([['token:t1', 'r1', 1]]);
  await Promise.all([denials.flush(), denials.flush()]);
  expect(seen().slice(1)).toEqual([['token:t1', 'r1000', 999]]);
});

test('each principal and each route has a record of its own, and the next minute another', async () => {
  const { deny, seen, time } = world();
  await deny('token:t1');
  await deny('token:t2');
  await deny('token:t1', 'GET /audit');
  time.now = 60_000;
  await deny('token:t1');
  expect(seen()).toEqual([
    ['token:t1', 'r1', 1],
    ['token:t2', 'r2', 1],
    ['token:t1', 'r3', 1],
    ['token:t1', 'r4', 1],
  ]);
});
