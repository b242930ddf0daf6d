import { createHash } from 'node:crypto';
import type { AwsCallRecord } from '#aws/options.ts';
import { Plan } from '#core/plan.ts';
import { verifyBundle, type EvidenceBundle } from '#core/evidence-bundle.ts';
import type { Engine } from '#engine/port.ts';
import { unchained } from '#store/audit-progress.ts';
import { planOf, workbench } from '#workflow/testing/bench.ts';
import { expect, test } from 'vitest';
import { createAudit, type Audit } from './audit.ts';
import { createControl } from './create-control.ts';
import { createEvidence } from './evidence.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const NOON = Date.parse('2026-01-07T12:00:00Z');

/** An execution with some events; what is chained is up to the test. */
async function bench() {
  const {
    services,
    deps: { store },
  } = workbench();
  const failures: unknown[] = [];
  const time = { now: NOON };
  let ids = 0;
  const openAudit = (): Audit =>
    createAudit({
      store,
      executions: services.executions,
      hash,
      serverId: 'bw-1',
      realNow: () => time.now,
      newId: () => `id-${++ids}`,
      onFailure: (error) => failures.push(error),
    });
  const engine = { start: async ({ name }) => ({ executionId: name }) } as Engine;
  const newId = (prefix: string): string => `${prefix}${++ids}`;
  const control = createControl({ engine, store, services, simulated: true, newId, hash });
  const start = async (): Promise<string> => {
    const plan = Plan.parse(planOf([{}], [{}]));
    return (await control.startExecution({ plan, mode: 'drill', initiatedBy: 'ana' })).executionId;
  };
  const emit = async (executionId: string, times: number): Promise<void> => {
    for (let i = 0; i < times; i++)
      await services.executions.change(executionId, (change) =>
        change.emit('ExecutionPauseRequested', { by: 'ada' }),
      );
  };
  const eventsOf = (executionId: string) => services.executions.events(executionId);
  const audit = openAudit();
  const evidence = createEvidence({ control, executions: services.executions, audit, serverId: 'bw-1' });
  return { audit, openAudit, services, control, evidence, start, emit, eventsOf, failures, time, store };
}

async function chainedEvents(audit: Audit, executionId: string): Promise<unknown[]> {
  const { records } = await audit.list({ executionId, action: 'execution.event', limit: 1_000 });
  return records.map(({ record }) => record.data['sequence']);
}

function call(part: Partial<AwsCallRecord> = {}): AwsCallRecord {
  return {
    service: 'drs',
    operation: 'startRecovery',
    iamAction: 'drs:StartRecovery',
    accountId: '111122223333',
    region: 'eu-west-1',
    attempt: 1,
    startedAt: NOON,
    durationMs: 120,
    error: null,
    requestId: 'aws-1',
    simulated: false,
    ...part,
  };
}

test('an event says who acted, else breakwater', async () => {
  const { audit, start, emit } = await bench();
  const executionId = await start();
  await emit(executionId, 1);
  await audit.catchUp(executionId);
  const { records } = await audit.list({ executionId });
  expect(records.map(({ record }) => [record.action, record.by, record.target, record.data['code']])).toEqual(
    [
      ['execution.event', 'breakwater', 'execution/exec-1', 'ExecutionStarted'],
      ['execution.event', 'ada', 'execution/exec-1', 'ExecutionPauseRequested'],
    ],
  );
});

test('after a crash between events and chain, catching up chains what lacks, in order and once', async () => {
  const { audit, openAudit, start, emit, eventsOf } = await bench();
  const executionId = await start();
  await emit(executionId, 3);
  for (const event of (await eventsOf(executionId)).slice(0, 2)) audit.recordEvent(event);
  await audit.settled();
  const next = openAudit();
  await next.catchUp();
  await next.catchUp();
  expect(await chainedEvents(next, executionId)).toEqual([1, 2, 3, 4]);
  expect(await next.verify()).toMatchObject({ ok: true, records: 4 });
});

test('events that are told twice, late, or with a gap are in the chain once and whole', async () => {
  const { audit, openAudit, start, emit, eventsOf } = await bench();
  const executionId = await start();
  await emit(executionId, 9);
  const events = await eventsOf(executionId);
  const tell = (...sequences: number[]) => sequences.forEach((n) => audit.recordEvent(events[n - 1]!));
  tell(3, 3, 4);
  const catching = audit.catchUp(executionId);
  tell(8, 5, 8, 10);
  await catching;
  await audit.settled();
  expect(await chainedEvents(audit, executionId)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const next = openAudit();
  next.recordEvent(events[9]!);
  await next.settled();
  expect(await chainedEvents(next, executionId)).toHaveLength(10);
});

test('an execution that ended before all was chained is found at the next start, without reading those that are whole', async () => {
  const { audit, openAudit, start, eventsOf, services, store } = await bench();
  const [whole, cut] = [await start(), await start()];
  for (const id of [whole, cut])
    await services.executions.change(id, (change) => {
      change.putHead({ ...change.head(), status: 'completed', completedAt: '2026-01-07T11:00:00Z' });
      change.emit('ExecutionCompleted', { outcome: 'clean' });
    });
  for (const event of await eventsOf(whole)) audit.recordEvent(event);
  audit.recordEvent((await eventsOf(cut))[0]!);
  await audit.settled();
  expect(await unchained(store)).toEqual([cut]);
  const next = openAudit();
  await next.catchUp();
  expect(await chainedEvents(next, cut)).toEqual([1, 2]);
  expect(await unchained(store)).toEqual([]);
});

test('what has not changed since costs one read each, and what has is chained together', async () => {
  const { audit, start, emit, store } = await bench();
  const ids: string[] = [];
  for (let i = 0; i < 40; i++) ids.push(await start());
  const counts = { get: 0, write: 0 };
  const { get, write } = store;
  store.get = (params) => (counts.get++, get(params));
  store.write = (writes) => (counts.write++, write(writes));
  await audit.catchUp();
  // One piece of work begins at once; what comes meanwhile goes together, 33 executions a transaction at most.
  expect(counts.write).toBeLessThan(6);
  counts.get = 0;
  await audit.catchUp();
  // The fortieth and first is where the round before has stopped.
  expect(counts.get).toBe(41);
  await emit(ids[7]!, 1);
  await audit.catchUp();
  expect(await chainedEvents(audit, ids[7]!)).toEqual([1, 2]);
});

test('catching up that has no time for all is gone on with by the next, in whatever process', async () => {
  const { audit, openAudit, start, store } = await bench();
  for (let i = 0; i < 120; i++) await start();
  let chained = 0;
  const rounds: number[] = [];
  for (let i = 0; i < 3; i++) {
    await openAudit().catchUpUntil(() => true);
    let looks = 0;
    await openAudit().catchUpUntil(() => looks++ >= 50);
    const { sequence } = await audit.chain.head();
    rounds.push(sequence - chained);
    chained = sequence;
  }
  expect(rounds).toEqual([50, 50, 20]);
  expect(await unchained(store)).toHaveLength(120);
  expect(await audit.verify()).toMatchObject({ ok: true, records: 120 });
});

test('a call that changes something is written at once, reading calls together with what comes next', async () => {
  const { audit } = await bench();
  audit.recordAwsCall('exec-1', call({ operation: 'describeJobs', iamAction: 'drs:DescribeJobs' }));
  await new Promise(setImmediate);
  expect((await audit.list({})).records).toEqual([]);
  audit.recordAwsCall('exec-1', call({ error: 'ConflictException' }));
  await audit.settled();
  const { records } = await audit.list({ executionId: 'exec-1' });
  expect(records.map(({ record }) => record.target)).toEqual(['drs:DescribeJobs', 'drs:StartRecovery']);
  expect(records[1]!.record.data).toEqual({
    service: 'drs',
    operation: 'startRecovery',
    accountId: '111122223333',
    region: 'eu-west-1',
    attempt: 1,
    at: '2026-01-07T12:00:00.000Z',
    durationMs: 120,
    outcome: 'ConflictException',
    awsRequestId: 'aws-1',
  });
});

test('lists are filtered by execution, action, person and time, page by page', async () => {
  const { audit, time } = await bench();
  for (let n = 0; n < 30; n++) {
    time.now = NOON + n * 60_000;
    const by = n % 10 === 9 ? 'token:b' : 'token:a';
    await audit.append({ action: n % 2 ? 'plan.update' : 'plan.create', by, target: `plan/${n}`, data: {} });
  }
  const targets = async (query: object): Promise<string[]> => {
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await audit.list({ limit: 4, ...query, ...(cursor === undefined ? {} : { cursor }) });
      expect(page.records.length).toBeLessThanOrEqual(4);
      found.push(...page.records.map(({ record }) => record.target));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  };
  expect(await targets({ by: 'token:b' })).toEqual(['plan/9', 'plan/19', 'plan/29']);
  expect(await targets({ action: 'plan.create', from: '2026-01-07T12:24:00Z' })).toEqual([
    'plan/24',
    'plan/26',
    'plan/28',
  ]);
  expect(await targets({ to: '2026-01-07T12:02:00Z' })).toEqual(['plan/0', 'plan/1']);
  expect(await targets({})).toHaveLength(30);
  for (const query of [{ cursor: 'x' }, { cursor: 'x', executionId: 'exec-1' }])
    await expect(audit.list(query)).rejects.toMatchObject({ code: 'RequestInvalid' });
});

const planCreated = { action: 'plan.create', by: 'token:z', target: 'plan/z', data: {} };
const planRow = { table: 'platform-records', key: { partition: 'plans-here', sort: 'z' } } as const;
const putPlan = { kind: 'put', ...planRow, value: {}, expect: 'absent' } as const;
const ANNOUNCED = { table: 'platform-records', partition: 'audit-announced' } as const;

test('a change and its record are one: the announcement goes when the record is chained', async () => {
  const { audit, store } = await bench();
  await audit.change(planCreated, (announcement) => store.write([putPlan, announcement]));
  expect((await audit.list({})).records.map(({ record }) => record.action)).toEqual(['plan.create']);
  expect((await store.query(ANNOUNCED)).rows).toEqual([]);
  expect(await audit.verify()).toMatchObject({ ok: true, records: 1 });
});

test('a change that fails leaves no record', async () => {
  const { audit, store } = await bench();
  await store.write([putPlan]);
  await expect(
    audit.change(planCreated, (announcement) => store.write([putPlan, announcement])),
  ).rejects.toMatchObject({ code: 'RevisionConflict' });
  expect((await audit.list({})).records).toEqual([]);
  expect((await store.query(ANNOUNCED)).rows).toEqual([]);
});

test('changes whose records a kill kept out of the chain are chained at the next start, in order and once', async () => {
  const { audit, openAudit, store, time } = await bench();
  const write = store.write.bind(store);
  for (const target of ['plan/b', 'plan/a']) {
    const killed = audit.change({ ...planCreated, target }, async (announcement) => {
      await write([announcement]);
      store.write = async () => Promise.reject(new RangeError('killed'));
    });
    await expect(killed).rejects.toThrow('killed');
    store.write = write;
    time.now += 1_000;
  }
  const next = openAudit();
  await next.catchUp();
  await openAudit().catchUp();
  const { records } = await next.list({ action: 'plan.create' });
  expect(records.map(({ record }) => record.target)).toEqual(['plan/b', 'plan/a']);
  expect((await store.query(ANNOUNCED)).rows).toEqual([]);
  expect(await next.verify()).toMatchObject({ ok: true, records: 2 });
});

test('a hundred changes at once are all chained', async () => {
  const { audit, store } = await bench();
  await Promise.all(
    Array.from({ length: 100 }, () =>
      audit.change(planCreated, (announcement) => store.write([announcement])),
    ),
  );
  expect(await audit.verify()).toMatchObject({ ok: true, records: 100 });
  expect((await store.query(ANNOUNCED)).rows).toEqual([]);
});

test('what cannot be written is told, and the next attempt goes on without a gap', async () => {
  const { audit, start, emit, eventsOf, failures, store } = await bench();
  const executionId = await start();
  await emit(executionId, 2);
  const events = await eventsOf(executionId);
  const write = store.write.bind(store);
  store.write = async () => Promise.reject(new RangeError('disk full'));
  audit.recordEvent(events[0]!);
  await audit.settled();
  expect(failures).toHaveLength(1);
  store.write = write;
  audit.recordEvent(events[2]!);
  await audit.settled();
  expect(await chainedEvents(audit, executionId)).toEqual([1, 2, 3]);
});

async function bundleOf(): Promise<EvidenceBundle> {
  const { audit, evidence, start, emit } = await bench();
  await audit.append({ action: 'plan.create', by: 'token:z', target: 'plan/z', data: { secretive: 1 } });
  const executionId = await start();
  await audit.catchUp(executionId);
  await audit.append({ action: 'plan.update', by: 'token:z', target: 'plan/z', data: { secretive: 2 } });
  await emit(executionId, 2);
  const bundle = await evidence.bundle(executionId, { by: 'token:auditor', requestId: 'req-7' });
  return JSON.parse(JSON.stringify(bundle)) as EvidenceBundle;
}

test('a bundle proves itself, tells nobody else’s records, and says who took it', async () => {
  const bundle = await bundleOf();
  expect(verifyBundle(bundle, hash)).toBeNull();
  expect(bundle.links.map(({ sequence, record }) => [sequence, record?.action])).toEqual([
    [2, 'execution.event'],
    [3, undefined],
    [4, 'execution.event'],
    [5, 'execution.event'],
    [6, 'evidence.export'],
  ]);
  expect(bundle.links[4]!.record).toMatchObject({ by: 'token:auditor', requestId: 'req-7' });
  expect(JSON.stringify(bundle)).not.toContain('secretive');
});

test('a bundle of an execution that goes on meanwhile is whole', async () => {
  const { audit, evidence, start, emit, eventsOf } = await bench();
  const executionId = await start();
  const making = evidence.bundle(executionId);
  await emit(executionId, 30);
  for (const event of await eventsOf(executionId)) audit.recordEvent(event);
  expect(verifyBundle(JSON.parse(JSON.stringify(await making)), hash)).toBeNull();
});

test('a bundle can be taken again; the one before stays provable', async () => {
  const { evidence, start } = await bench();
  const executionId = await start();
  const [first, second] = [await evidence.bundle(executionId), await evidence.bundle(executionId)];
  const check = (bundle: EvidenceBundle) => verifyBundle(JSON.parse(JSON.stringify(bundle)), hash);
  expect([check(first), check(second)]).toEqual([null, null]);
});

const TAMPERINGS: { name: string; change: (bundle: EvidenceBundle) => object; why: object }[] = [
  {
    name: 'the plan',
    change: (b) => ({ ...b, plan: { ...b.plan, name: 'another' } }),
    why: { sequence: 2, why: 'record changed' },
  },
  {
    name: 'an outcome in the export',
    change: (b) => ({
      ...b,
      export: { ...b.export, execution: { ...b.export.execution, status: 'completed' } },
    }),
    why: { sequence: 6, why: 'record changed' },
  },
  {
    name: 'who is said to have acted',
    change: (b) => ({
      ...b,
      timeline: b.timeline.with(1, { ...b.timeline[1]!, data: { by: 'eve' } }),
    }),
    why: { sequence: 4, why: 'record changed' },
  },
  {
    name: 'the timeline, by cutting its end',
    change: (b) => ({ ...b, timeline: b.timeline.slice(0, 2) }),
    why: { sequence: 5, why: 'record changed' },
  },
  {
    name: 'a record, by leaving only its hashes',
    change: (b) => ({
      ...b,
      links: b.links.map(({ record, ...link }, i) => (i === 2 ? link : { ...link, record })),
    }),
    why: { sequence: 5, why: 'record missing' },
  },
  {
    name: 'the links, by leaving one out',
    change: (b) => ({ ...b, links: b.links.toSpliced(1, 1) }),
    why: { sequence: 3, why: 'record missing' },
  },
  {
    name: 'the end, by cutting it off',
    change: (b) => ({ ...b, links: b.links.slice(0, 4), last: b.links[3] }),
    why: { sequence: 5, why: 'record missing' },
  },
];

test.each(TAMPERINGS)('a bundle in which someone has changed $name is found', async ({ change, why }) => {
  expect(verifyBundle(change(await bundleOf()), hash)).toEqual(why);
});

test('parts of any length prove what one read does, and a change in any of them, or before them, is found', async () => {
  const { audit, store } = await bench();
  for (let i = 0; i < 12; i++)
    await audit.append({ action: 'test.act', by: 'ana', target: `thing/${i}`, data: {} });
  const whole = await audit.verify();
  const verifyIn = async (limit: number, from?: string) => {
    const verdicts = [];
    let cursor = from;
    do {
      const verdict = await audit.verify({ limit, ...(cursor === undefined ? {} : { cursor }) });
      verdicts.push(verdict);
      cursor = verdict.nextCursor;
    } while (cursor !== undefined);
    return verdicts;
  };
  for (const limit of [1, 5, 11, 12, 99]) expect((await verifyIn(limit)).at(-1)).toEqual(whole);
  const [first] = await verifyIn(5);
  expect(first).toMatchObject({ ok: true, records: 5, total: 12 });
  const key = { partition: 'audit/0', sort: '000000000009' };
  const row = (await store.get({ table: 'platform-records', key }))!;
  const { index: _, ...value } = { ...(row.value as object), hash: 'changed' } as never as { index: never };
  await store.write([{ kind: 'put', table: 'platform-records', key, value, expect: 'any' }]);
  for (const limit of [1, 5, 99])
    expect((await verifyIn(limit)).at(-1)).toMatchObject({ ok: false, records: 8, broken: { sequence: 9 } });
  // What was made anew behind a part that was looked at does not go on from its end.
  const other = first!.nextCursor!.replace(/[0-9a-f]{4}$/, '0000');
  expect(await verifyIn(5, other)).toMatchObject([{ ok: false, broken: { sequence: 6 } }]);
  await expect(audit.verify({ limit: 5, cursor: 'no' })).rejects.toMatchObject({ code: 'RequestInvalid' });
});

test('a part ends when it has taken fifteen seconds', async () => {
  const { audit, time, store } = await bench();
  for (let i = 0; i < 3; i++)
    await audit.append({ action: 'test.act', by: 'ana', target: `thing/${i}`, data: {} });
  const { query } = store;
  store.query = (params) => ((time.now += 15_000), query(params));
  const part = await audit.verify({ limit: 1_000 });
  expect(part).toMatchObject({ ok: true, records: 1, total: 3 });
  expect(part.nextCursor).toMatch(/^1-[0-9a-f]{64}$/);
});
