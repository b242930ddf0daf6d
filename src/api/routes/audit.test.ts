import { createApp } from '#api/app.ts';
import { createMetrics } from '#api/metrics.ts';
import type { Audit, AuditQuery } from '#control/audit.ts';
import { createEventBus } from '#control/event-bus.ts';
import type { Evidence } from '#control/evidence.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Role } from '#core/permissions.ts';
import { Plan } from '#core/plan.ts';
import { expect, test } from 'vitest';
import { auditRoutes } from './audit.ts';
import { healthRoutes } from './health.ts';

const record = {
  sequence: 1,
  at: '2026-01-07T10:00:00.000Z',
  action: 'plan.update',
  by: 'token:a',
  target: 'plan/p',
  data: { revision: 2 },
};
const link = { sequence: 1, recordHash: 'r', hash: 'h' };

const execution = {
  executionId: 'exec-1',
  planId: 'p',
  planName: 'P',
  planHash: 'h',
  mode: 'drill',
  simulated: true,
  status: 'completed',
  currentWave: 1,
  startedAt: 'x',
  pauseRequested: false,
  cancelRequested: false,
  objectives: {},
  expectedDuration: 'PT1M',
  waves: [],
  gates: [],
  pauses: [],
  enterpriseContext: { initiatedBy: 'ada', tags: {} },
};
const bundle = {
  serverId: 's',
  plan: Plan.parse({
    waves: [{ waveNumber: 1, name: 'A', technologies: [{ type: 'drs', operation: 'recovery' }] }],
  }),
  export: { execution, technologies: [], rto: { waitedForPeople: 'PT0S' }, rpo: {} },
  timeline: [{ sequence: 1, at: 'x', code: 'ExecutionStarted', data: {} }],
  previous: 'g',
  links: [link],
  last: link,
};

async function appFor(...roles: Role[]) {
  const asked: unknown[] = [];
  const trouble: { why: string | null } = { why: null };
  const errors: unknown[] = [];
  const audit = {
    list: async (query: AuditQuery) => {
      asked.push(query);
      return { records: [{ ...link, record }], nextCursor: '1' };
    },
    verify: async () => ({
      ok: false,
      records: 4,
      total: 9,
      head: 'h',
      broken: { sequence: 5, why: 'record missing' },
    }),
  } as unknown as Audit;
  const evidence = {
    bundle: async (executionId: string, actor: unknown) => {
      if (executionId === 'none')
        throw new BreakwaterError('ExecutionNotFound', 'there is no execution "none"');
      asked.push([executionId, actor]);
      return { ...bundle, executionId };
    },
    junit: async () => '<testsuites/>',
  } as unknown as Evidence;
  const events = createEventBus();
  const metrics = createMetrics({
    events,
    running: async () => [{ status: 'paused', mode: 'drill' }],
    failing: async () => 2,
  });
  const app = await createApp({
    routes: [...auditRoutes(audit, evidence), ...healthRoutes({ metrics, trouble: async () => trouble.why })],
    checkAnswers: true,
    watch: metrics.watch,
    onError: (error) => void errors.push(error),
    authenticator: {
      authenticate: async ({ headers }) => {
        if (headers['authorization'] === undefined) throw new BreakwaterError('Unauthenticated', 'no token');
        return { id: 'token:t', kind: 'token', name: 't', roles };
      },
    },
  });
  const ask = async (url: string, { method = 'GET', token = true } = {}) => {
    const headers = { 'x-request-id': 'req-1', ...(token ? { authorization: 'Bearer x' } : {}) };
    const answer = await app.inject({ method, url, headers } as never);
    return answer as unknown as { statusCode: number; headers: Record<string, string>; body: string };
  };
  return { ask, asked, trouble, events, metrics, errors };
}

test('the trail is listed with its filters and the next cursor', async () => {
  const { ask, asked } = await appFor('RecoveryManager');
  const { statusCode, body } = await ask('/audit?action=plan.update&from=2026-01-07T00:00:00Z&limit=5');
  expect([statusCode, JSON.parse(body)]).toEqual([200, { records: [{ ...link, record }], nextCursor: '1' }]);
  expect(asked).toEqual([{ action: 'plan.update', from: '2026-01-07T00:00:00Z', limit: 5 }]);
});

test('filters that cannot be are refused and named', async () => {
  const { ask } = await appFor('Admin');
  for (const query of ['from=yesterday', 'limit=0', 'limit=1001', 'colour=red', 'action=']) {
    const { statusCode, body } = await ask(`/audit?${query}`);
    expect([query, statusCode, JSON.parse(body).code]).toEqual([query, 400, 'RequestInvalid']);
  }
});

test('a broken chain is an answer, not an error', async () => {
  const { ask } = await appFor('Admin');
  const { statusCode, body } = await ask('/audit/verify', { method: 'POST' });
  expect([statusCode, JSON.parse(body).broken]).toEqual([200, { sequence: 5, why: 'record missing' }]);
});

test('the evidence is a download, and says who took it under which request', async () => {
  const { ask, asked } = await appFor('Admin');
  const { statusCode, headers } = await ask('/executions/exec-1/evidence');
  expect([statusCode, headers['content-disposition']]).toEqual([200, 'attachment; filename="evidence.json"']);
  expect(asked).toEqual([['exec-1', { by: 'token:t', requestId: 'req-1' }]]);
  expect((await ask('/executions/none/evidence')).statusCode).toBe(404);
});

test('JUnit XML is XML', async () => {
  const { ask } = await appFor('ReadOnly');
  const { statusCode, headers, body } = await ask('/executions/exec-1/junit');
  expect([statusCode, headers['content-type'], body]).toEqual([200, 'application/xml', '<testsuites/>']);
});

test('the trail is only for those who may read it; junit and metrics for all who read executions', async () => {
  const { ask } = await appFor('Operator', 'PlanManager', 'ReadOnly');
  for (const [url, method] of [
    ['/audit'],
    ['/audit/verify', 'POST'],
    ['/executions/exec-1/evidence'],
  ] as const) {
    const { statusCode, body } = await ask(url, method === undefined ? {} : { method });
    expect([statusCode, JSON.parse(body).detail]).toEqual([403, expect.stringContaining('audit:read')]);
  }
  const nobody = await appFor();
  for (const url of ['/executions/exec-1/junit', '/metrics'])
    expect((await nobody.ask(url)).statusCode).toBe(403);
  expect((await nobody.ask('/metrics', { token: false })).statusCode).toBe(401);
});

test('health needs no identity; ready is 503 when the server cannot work, and the reason is for the log alone', async () => {
  const { ask, trouble, errors } = await appFor();
  const health = await ask('/health', { token: false });
  expect([health.statusCode, JSON.parse(health.body)]).toEqual([200, { status: 'ok' }]);
  expect((await ask('/ready', { token: false })).statusCode).toBe(200);
  trouble.why = 'the disk is full';
  const ready = await ask('/ready', { token: false });
  expect([ready.statusCode, JSON.parse(ready.body)]).toMatchObject([503, { code: 'NotReady' }]);
  expect(ready.body).not.toContain('disk');
  expect(errors).toMatchObject([{ code: 'NotReady', message: 'the disk is full' }]);
});

test('metrics count events, gates, calls and requests, by route and never by path', async () => {
  const { ask, events, metrics } = await appFor('ReadOnly');
  const event = { executionId: 'exec-1', sequence: 1, at: '', level: 'info', message: '' } as const;
  events.publish([
    { ...event, code: 'ExecutionStarted', data: { mode: 'drill' } },
    { ...event, code: 'GateOpened', data: { kind: 'decision' } },
  ]);
  metrics.awsCalled({ service: 'drs', operation: 'startRecovery', error: 'ConflictException' });
  await ask('/executions/exec-77/junit');
  await ask('/nothing/here');
  const { headers, body } = await ask('/metrics');
  expect(headers['content-type']).toContain('text/plain');
  for (const line of [
    'breakwater_execution_events_total{code="GateOpened"} 1',
    'breakwater_executions_started_total{mode="drill"} 1',
    'breakwater_gates_total{kind="decision",change="opened"} 1',
    'breakwater_executions_unfinished{status="paused",mode="drill"} 1',
    'breakwater_aws_calls_total{service="drs",operation="startRecovery",error="ConflictException"} 1',
    'breakwater_http_request_seconds_count{method="GET",route="/executions/:executionId/junit",status="200"} 1',
    'breakwater_http_request_seconds_count{method="GET",route="none",status="404"} 1',
  ])
    expect(body).toContain(line);
  expect(body).not.toContain('exec-77');
  expect(body).toContain('nodejs_eventloop_lag_seconds');
});
