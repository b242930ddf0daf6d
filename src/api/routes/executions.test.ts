import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '#core/permissions.ts';
import { drillWorld, REGION, type DrillWorld } from '../testing/drill-world.ts';

let world: DrillWorld;
let ask: DrillWorld['ask'];
beforeEach(async () => {
  world = await drillWorld();
  ({ ask } = world);
});
afterEach(() => world.close());

const auditOf = async (executionId: string) => {
  await world.platform.audit.settled();
  const { records } = await world.platform.audit.list({ executionId, limit: 1_000 });
  return records
    .map(({ record }) => record)
    .filter(({ requestId }) => requestId !== undefined)
    .map(({ action, by, requestId }) => `${action} ${by} ${requestId}`);
};

/** A drill that waits at its pause gate, and one that is through it. */
async function paused(): Promise<string> {
  const executionId = await world.start();
  await world.waiting(executionId, 'w1-pause');
  return executionId;
}

async function finished(): Promise<string> {
  const executionId = await paused();
  await ask(`POST /executions/${executionId}/gates/w1-pause`, { body: { action: 'resume' } });
  await world.ended(executionId);
  return executionId;
}

describe('a start', () => {
  const drill = { planId: 'web', mode: 'drill' };

  test('of a stored plan is accepted, and says where to look', async () => {
    const answer = await ask('POST /executions', { as: 'Operator', body: drill });
    const { executionId } = answer.body;
    expect([answer.status, answer.body, answer.headers['location']]).toEqual([
      202,
      { executionId: expect.stringMatching(/^exec-/) as string, joined: false },
      `/executions/${executionId}`,
    ]);
    const { body } = await ask(`GET /executions/${executionId}`, { as: 'ReadOnly' });
    expect([body.planId, body.mode, body.enterpriseContext.initiatedBy]).toEqual([
      'web',
      'drill',
      'token:Operator',
    ]);
  });

  test.each<{ name: string; as: Role; body: object; status: number; code: string }>([
    {
      name: 'a recovery by who may only drill',
      as: 'Operator',
      body: { ...drill, mode: 'recovery' },
      status: 403,
      code: 'Forbidden',
    },
    { name: 'a drill by who may only look', as: 'ReadOnly', body: drill, status: 403, code: 'Forbidden' },
    {
      name: 'a plan that is not there',
      as: 'Admin',
      body: { ...drill, planId: 'x' },
      status: 404,
      code: 'NotFound',
    },
    { name: 'no plan at all', as: 'Admin', body: { mode: 'drill' }, status: 400, code: 'RequestInvalid' },
    {
      name: 'two plans at once',
      as: 'Admin',
      body: { ...drill, plan: { waves: [] } },
      status: 400,
      code: 'RequestInvalid',
    },
    {
      name: 'an unknown member',
      as: 'Admin',
      body: { ...drill, force: true },
      status: 400,
      code: 'RequestInvalid',
    },
  ])('of $name is refused, and starts nothing', async ({ as, body, status, code }) => {
    const answer = await ask('POST /executions', { as, body });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect((await ask('GET /executions')).body).toEqual({ executions: [] });
  });

  test('of a plan that the estate cannot run says what is wrong', async () => {
    const plan = { ...world.plan, waves: [{ ...world.plan.waves[0], technologies: [broken] }] };
    const { status, body } = await ask('POST /executions', { body: { plan, mode: 'drill' } });
    expect([status, body.code, body.findings[0].path]).toEqual([
      422,
      'ValidationFailed',
      'waves[0].technologies[0].resources.tags',
    ]);
  });

  test('that comes twice with its key is one execution, of each principal its own', async () => {
    const headers = { 'idempotency-key': 'nightly' };
    const [first, second] = await Promise.all([
      ask('POST /executions', { body: drill, headers }),
      ask('POST /executions', { body: drill, headers }),
    ]);
    expect(first.body.executionId).toBe(second.body.executionId);
    const third = await ask('POST /executions', { body: drill, headers });
    expect([third.status, third.body]).toEqual([202, { executionId: first.body.executionId, joined: true }]);
    const other = await ask('POST /executions', { as: 'Operator', body: { ...drill, reason: 'x' }, headers });
    expect(other.status).toBe(202);
    expect(other.body.executionId).not.toBe(first.body.executionId);
  });

  test('with a key of another request is refused', async () => {
    const headers = { 'idempotency-key': 'nightly' };
    await ask('POST /executions', { body: drill, headers });
    const { status, body } = await ask('POST /executions', {
      body: { ...drill, autoResume: true },
      headers,
    });
    expect([status, body.code]).toEqual([409, 'IdempotencyKeyReused']);
  });
});

const broken = { type: 'drs', operation: 'recovery', resources: { tags: { Tier: 'none' } } };

test('who acted, and under which request, is in the evidence', async () => {
  const executionId = await world.start(undefined, { 'x-request-id': 'r-start' });
  const act = (name: string, requestId: string) =>
    ask(`POST /executions/${executionId}/${name}`, { body: {}, headers: { 'x-request-id': requestId } });
  expect((await act('pause', 'r-pause')).body.pauseRequested).toBe(true);
  expect((await act('resume', 'r-resume')).body.pauseRequested).toBe(false);
  expect((await act('cancel', 'r-cancel')).body.cancelRequested).toBe(true);
  await world.ended(executionId);
  expect((await auditOf(executionId)).toSorted()).toEqual([
    'execution.cancel token:Admin r-cancel',
    'execution.pause token:Admin r-pause',
    'execution.resume token:Admin r-resume',
    'execution.start token:Admin r-start',
  ]);
  const late = await act('pause', 'r-late');
  expect([late.status, late.body.code]).toEqual([409, 'ExecutionNotRunning']);
});

test('executions are listed newest first, by status, plan and mode, in pages', async () => {
  const drills = [await world.start(), await world.start({ plan: world.plan, mode: 'drill', reason: 'b' })];
  const { planId: _, ...nameless } = world.plan;
  await world.start({ plan: nameless, mode: 'recovery' });
  const list = async (query: string) => (await ask(`GET /executions${query}`)).body;
  expect((await list('')).executions).toHaveLength(3);
  const ids = ({ executions }: { executions: { executionId: string }[] }) =>
    executions.map(({ executionId }) => executionId);
  expect(ids(await list('?planId=web'))).toEqual(drills.toReversed());
  expect(ids(await list('?planId=web&mode=recovery'))).toEqual([]);
  expect(await list('?mode=recovery')).toMatchObject({ executions: [{ mode: 'recovery' }] });
  const first = await list('?planId=web&limit=1');
  expect(ids(await list(`?planId=web&limit=1&cursor=${first.nextCursor}`))).toEqual([drills[0]]);
  expect((await list('?status=completed')).executions).toEqual([]);
  expect((await list('?status=done')).code).toBe('RequestInvalid');
});

describe('a gate', () => {
  test('is shown with what can be done, and opened by who may', async () => {
    const executionId = await paused();
    const { body } = await ask(`GET /executions/${executionId}/gates`);
    expect(body.gates).toMatchObject([{ gateId: 'w1-pause', actions: ['resume', 'cancel'] }]);
    const at = `POST /executions/${executionId}/gates/w1-pause`;
    expect((await ask(at, { as: 'ReadOnly', body: { action: 'resume' } })).status).toBe(403);
    const wrong = await ask(at, { body: { action: 'retry' } });
    expect([wrong.status, wrong.body.code]).toEqual([409, 'GateNotOpen']);
    const opened = await ask(at, { as: 'Operator', body: { action: 'resume', reason: 'seen' } });
    expect(opened.body.gates[0]).toMatchObject({
      status: 'closed',
      resolution: { action: 'resume', by: 'token:Operator', reason: 'seen' },
    });
    await world.ended(executionId);
  });

  test('hears an approval only from who may approve, with the change ticket', async () => {
    const executionId = await paused();
    const at = `POST /executions/${executionId}/gates/w0-approval`;
    const body = { action: 'approve', changeTicket: 'CHG-1' };
    expect((await ask(at, { as: 'Operator', body })).status).toBe(403);
    const headers = { 'x-request-id': 'r1' };
    expect((await ask(at, { as: 'RecoveryManager', body, headers })).status).toBe(200);
    expect(world.approved).toMatchObject([
      { executionId, gateId: 'w0-approval', action: 'approve', changeTicket: 'CHG-1', requestId: 'r1' },
    ]);
    expect(world.approved[0]!.principal.id).toBe('token:RecoveryManager');
  });
});

test('resources, export and report tell what became of a drill', async () => {
  const executionId = await finished();
  const { resources } = (await ask(`GET /executions/${executionId}/resources`)).body;
  expect(resources).toHaveLength(2);
  expect(resources[0]).toMatchObject({
    waveNumber: 1,
    technology: 'drs',
    operation: 'recovery',
    status: 'completed',
    name: expect.stringMatching(/^web-[12]$/) as string,
    result: { isDrill: true },
  });
  const exported = (await ask(`GET /executions/${executionId}/export`)).body;
  expect(exported.technologies[0]).toMatchObject({
    technology: 'drs',
    results: { nextPhaseReady: true, recoveredInstances: [{}, {}] },
  });
  const report = await ask(`GET /executions/${executionId}/report`);
  expect([report.headers['content-type'], report.text]).toEqual([
    'text/html; charset=utf-8',
    `<!doctype html><title>${executionId}</title>`,
  ]);
  for (const path of ['', '/gates', '/resources', '/export', '/events'])
    expect((await ask(`GET /executions/nothing${path}`)).body.code).toBe('ExecutionNotFound');
});

describe('events', () => {
  const sequencesIn = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  const live = (executionId: string, headers = {}) =>
    ask(`GET /executions/${executionId}/events`, { headers: { accept: 'text/event-stream', ...headers } });

  test('come in pages after the last one that is known', async () => {
    const executionId = await finished();
    const page = (query: string) => ask(`GET /executions/${executionId}/events${query}`);
    const sequences = async (query: string) =>
      (await page(query)).body.events.map(({ sequence }: { sequence: number }) => sequence);
    expect(await sequences('?limit=2')).toEqual([1, 2]);
    expect(await sequences('?after=2&limit=3')).toEqual([3, 4, 5]);
    expect((await page('?after=-1')).status).toBe(400);
  });

  test('come live, each once and in order, until the execution has ended', async () => {
    const executionId = await world.start({ planId: 'web', mode: 'drill', autoResume: true });
    const { headers, text } = await live(executionId);
    expect(headers['content-type']).toBe('text/event-stream');
    const { body } = await ask(`GET /executions/${executionId}/events`);
    expect(sequencesIn(text)).toEqual(body.events.map(({ sequence }: { sequence: number }) => sequence));
    expect(text).toContain('event: ExecutionCompleted\n');
  });

  test('go on where a client was cut off, and end at once for one that has them all', async () => {
    const executionId = await finished();
    const all = sequencesIn((await live(executionId)).text);
    expect(sequencesIn((await live(executionId, { 'last-event-id': '4' })).text)).toEqual(all.slice(4));
    expect((await live(executionId, { 'last-event-id': String(all.length) })).text).toBe(': breakwater\n\n');
    expect((await live(executionId, { 'last-event-id': 'x' })).body.code).toBe('RequestInvalid');
  });
});

describe('the clean-up of a drill', () => {
  const at = (executionId: string) => `POST /executions/${executionId}/terminate-instances`;

  test('terminates what the drill has launched, by an execution that names it', async () => {
    const executionId = await finished();
    const headers = { 'idempotency-key': 'clean', 'x-request-id': 'r-clean' };
    const answer = await ask(at(executionId), { as: 'RecoveryManager', body: {}, headers });
    expect(answer.status).toBe(202);
    expect(answer.body.instanceIds).toHaveLength(2);
    const again = await ask(at(executionId), { as: 'RecoveryManager', body: {}, headers });
    expect(again.body).toEqual(answer.body);
    await world.ended(answer.body.executionId);
    const { body } = await ask(`GET /executions/${answer.body.executionId}`);
    expect(body).toMatchObject({
      status: 'completed',
      mode: 'drill',
      enterpriseContext: { parentExecutionId: executionId },
      waves: [{ technologies: [{ results: { jobs: [expect.stringMatching(/^drsjob-/)] } }] }],
    });
    const { recoveryInstances } = (await ask(`GET /drs/recovery-instances?region=${REGION}`)).body;
    expect(recoveryInstances).toEqual([]);
    expect(await auditOf(executionId)).toContain('execution.terminate token:RecoveryManager r-clean');
    const jobs = (await ask(`GET /drs/jobs?region=${REGION}`)).body.jobs;
    expect(jobs.map(({ type }: { type: string }) => type)).toEqual(['TERMINATE', 'LAUNCH']);
    expect(jobs[1].executionId).toBe(executionId);
    const { jobLog } = (await ask(`GET /drs/jobs/${jobs[1].jobId}/log?region=${REGION}`)).body;
    expect([jobLog[0].event, jobLog.at(-1).event]).toEqual(['JOB_START', 'JOB_END']);
    const times = jobLog.map(({ at: time }: { at: string }) => time);
    expect(times).toEqual(times.toSorted());
  });

  test('is not for who may not, before the end, after a recovery, or without instances', async () => {
    const running = await paused();
    expect((await ask(at(running), { as: 'Operator', body: {} })).status).toBe(403);
    const early = await ask(at(running), { body: {} });
    expect([early.status, early.body.code]).toEqual([409, 'ExecutionNotRunning']);
    await ask(`POST /executions/${running}/cancel`, { body: {} });
    await world.ended(running);
    const recovery = await world.start({ planId: 'web', mode: 'recovery', autoResume: true });
    await world.ended(recovery);
    const real = await ask(at(recovery), { body: {} });
    expect([real.status, real.body.code]).toEqual([400, 'RequestInvalid']);
  });
});
