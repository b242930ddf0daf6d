import { expect, test } from 'vitest';
import { openSolution } from './open-solution.ts';
import { placeAt, serveAnswers, type Answered, type Received } from './testing/answering-server.ts';

const { signal } = new AbortController();
const MARK = 'breakwater/exec-1/w1/t0/a1';
const ORDER = { planId: 'app', mode: 'drill', mark: MARK } as const;

/** A Breakwater that gives these answers, by `METHOD /path`. */
async function open(answers: Readonly<Record<string, Answered>>) {
  const received: Received[] = [];
  const url = await serveAnswers((request) => {
    received.push(request);
    return answers[`${request.method} ${request.path}`] ?? { status: 404, body: { code: 'NotFound' } };
  });
  return { received, door: openSolution('breakwater', placeAt(url)) };
}

const VIEW = {
  executionId: 'exec-9',
  status: 'in_progress',
  startedAt: '2026-03-01T10:00:00.000Z',
  gates: [],
  waves: [],
};

test('a start carries the mark as key and as parent', async () => {
  const answer = { status: 202, body: { executionId: 'exec-9', joined: false } };
  const { received, door } = await open({ 'POST /executions': answer });
  expect(await door.start(ORDER, signal)).toBe('exec-9');
  expect(received).toMatchObject([
    { headers: { 'idempotency-key': MARK }, body: { planId: 'app', mode: 'drill', parentExecutionId: MARK } },
  ]);
});

test('what stands against a start there is told', async () => {
  const findings = [{ message: 'server s-1 lags 3 hours' }, { message: 'server s-2 is disconnected' }];
  const body = { code: 'ValidationFailed', detail: 'the plan has 2 errors', findings };
  const { door } = await open({ 'POST /executions': { status: 422, body } });
  await expect(door.start(ORDER, signal)).rejects.toMatchObject({
    code: 'SolutionRefused',
    message:
      'core-dr refuses (422): the plan has 2 errors; server s-1 lags 3 hours; server s-2 is disconnected',
  });
});

test('only what has our mark as parent was started by us', async () => {
  const { door } = await open({
    'GET /executions': {
      status: 200,
      body: { executions: [{ executionId: 'exec-8' }, { executionId: 'exec-9' }] },
    },
    'GET /executions/exec-8': {
      status: 200,
      body: { ...VIEW, enterpriseContext: { initiatedBy: 'token:1' } },
    },
    'GET /executions/exec-9': {
      status: 200,
      body: { ...VIEW, enterpriseContext: { parentExecutionId: MARK } },
    },
  });
  expect(await door.find(ORDER, signal)).toBe('exec-9');
});

test('a plan is found with whether we may start it, and how long it took', async () => {
  const last = {
    executionId: 'exec-1',
    startedAt: '2026-03-01T10:00:00Z',
    completedAt: '2026-03-01T10:12:00Z',
  };
  const { received, door } = await open({
    'GET /recovery-plans/app': { status: 200, body: { planId: 'app' } },
    'GET /me': { status: 200, body: { permissions: ['execution:start-drill'] } },
    'GET /executions': { status: 200, body: { executions: [last] } },
  });
  expect(await door.findPlan(ORDER, signal)).toEqual({ mayStart: true, lastTookMs: 720_000 });
  expect(received.at(-1)?.query).toEqual({ planId: 'app', mode: 'drill', status: 'completed', limit: '1' });
  expect(await door.findPlan({ ...ORDER, mode: 'recovery' }, signal)).toMatchObject({ mayStart: false });
  expect(await door.findPlan({ ...ORDER, planId: 'other' }, signal)).toBeNull();
});

test('an open gate there is waited for by a person, although another wave is at work', async () => {
  const gate = { gateId: 'w1-decision', kind: 'decision', status: 'open', reason: 'servers: one failed' };
  const { door } = await open({
    'GET /executions/exec-9': { status: 200, body: { ...VIEW, gates: [gate] } },
  });
  expect(await door.read('exec-9', signal)).toMatchObject({
    status: 'waiting',
    statusThere: 'in_progress',
    message: 'gate w1-decision: servers: one failed',
  });
});

test('servers are those of the waves that launch any', async () => {
  const result = { sourceServerId: 's-1', recoveryInstanceId: 'i-1' };
  const drs = {
    type: 'drs',
    operation: 'recovery',
    status: 'failed',
    outcomes: [
      { resourceId: 's-1', status: 'completed', result },
      { resourceId: 's-2', status: 'failed', error: { code: 'drs:LAUNCH_FAILED', message: 'no capacity' } },
      { resourceId: 's-3', status: 'in_progress' },
      { resourceId: 's-4', status: 'assessed' },
      // Of a plan that it drives in its turn.
      { resourceId: 'plan-1', status: 'completed' },
    ],
  };
  const database = {
    type: 'database',
    operation: 'failover',
    status: 'completed',
    outcomes: [{ resourceId: 'db' }],
  };
  const waves = [
    { name: 'Data', technologies: [database] },
    { name: 'App', technologies: [drs] },
  ];
  const view = {
    ...VIEW,
    status: 'failed',
    completedAt: '2026-03-01T10:20:00.000Z',
    error: { message: 'App failed' },
    waves,
  };
  const { door } = await open({
    'GET /executions/exec-9/export': { status: 200, body: { execution: view, technologies: [] } },
  });
  const { execution, data } = await door.export('exec-9', signal);
  expect(execution).toEqual({
    executionId: 'exec-9',
    status: 'failed',
    statusThere: 'failed',
    isKnown: true,
    message: 'App failed',
    startedAt: '2026-03-01T10:00:00.000Z',
    completedAt: '2026-03-01T10:20:00.000Z',
    waves: [
      {
        name: 'App',
        statusThere: 'failed',
        servers: [
          { sourceServerId: 's-1', status: 'launched', statusThere: 'completed', recovered: result },
          { sourceServerId: 's-2', status: 'failed', statusThere: 'failed', message: 'no capacity' },
          { sourceServerId: 's-3', status: 'pending', statusThere: 'in_progress' },
          { sourceServerId: 's-4', status: 'failed', statusThere: 'assessed' },
        ],
      },
    ],
  });
  expect(data).toEqual({ execution: view, technologies: [] });
});

test('a cancel of what has ended already is none', async () => {
  const { door } = await open({
    'POST /executions/exec-9/cancel': {
      status: 409,
      body: { code: 'ExecutionNotRunning', detail: 'it is completed' },
    },
    'POST /executions/exec-8/cancel': { status: 200, body: VIEW },
  });
  expect([await door.cancel('exec-9', signal), await door.cancel('exec-8', signal)]).toEqual([false, true]);
});

test.each([
  { status: 'in_progress', is: 'under_way' },
  { status: 'completed', is: 'done' },
])('a clean-up there that is $status is $is', async ({ status, is }) => {
  const { received, door } = await open({
    'POST /executions/exec-9/terminate-instances': { status: 202, body: { executionId: 'exec-10' } },
    'GET /executions/exec-10': { status: 200, body: { ...VIEW, executionId: 'exec-10', status } },
  });
  expect(await door.terminate('exec-9', signal)).toBe(is);
  expect(received[0]?.headers['idempotency-key']).toBe('terminate/exec-9');
});

test('a clean-up there that failed is an error', async () => {
  const { door } = await open({
    'POST /executions/exec-9/terminate-instances': { status: 202, body: { executionId: 'exec-10' } },
    'GET /executions/exec-10': { status: 200, body: { ...VIEW, executionId: 'exec-10', status: 'failed' } },
  });
  await expect(door.terminate('exec-9', signal)).rejects.toMatchObject({
    code: 'SolutionRefused',
    message: 'core-dr: its clean-up exec-10 ended failed',
  });
});
