import { createApp } from '#api/app.ts';
import { BreakwaterError } from '#core/errors.ts';
import { isAllowed, ROLES, type Permission, type Role } from '#core/permissions.ts';
import { virtualClock } from '#clocks/virtual.ts';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readScenario } from '#sim/index.ts';
import { apiOf, type Api } from './api-of.ts';
import { simulatedEstate } from './local/estate.ts';
import { openPlatform, type Platform } from './local/platform.ts';

/** What each route asks, written down a second time on purpose: a route that asks less shows here. */
const NEEDS: Readonly<Record<string, Permission | readonly Permission[] | 'public' | 'authenticated'>> = {
  'POST /executions': ['execution:start-drill', 'execution:start-recovery'],
  'GET /executions': 'execution:read',
  'GET /executions/{executionId}': 'execution:read',
  'GET /executions/{executionId}/gates': 'execution:read',
  'GET /executions/{executionId}/resources': 'execution:read',
  'GET /executions/{executionId}/export': 'execution:read',
  'GET /executions/{executionId}/report': 'execution:read',
  'GET /executions/{executionId}/events': 'execution:read',
  'GET /executions/{executionId}/junit': 'execution:read',
  'GET /executions/{executionId}/evidence': 'audit:read',
  'POST /executions/{executionId}/pause': 'execution:control',
  'POST /executions/{executionId}/resume': 'execution:control',
  'POST /executions/{executionId}/cancel': 'execution:control',
  'POST /executions/{executionId}/terminate-instances': 'execution:terminate',
  'POST /executions/{executionId}/gates/{gateId}': ['gate:decide', 'gate:approve'],
  'GET /approvals': 'gate:approve',
  'POST /approvals/links': ['gate:approve', 'token:write'],
  'POST /approvals/links/use': 'public',
  'GET /recovery-plans': 'plan:read',
  'POST /recovery-plans': 'plan:write',
  'GET /recovery-plans/{planId}': 'plan:read',
  'PUT /recovery-plans/{planId}': 'plan:write',
  'DELETE /recovery-plans/{planId}': 'plan:write',
  'GET /recovery-plans/{planId}/versions': 'plan:read',
  'GET /recovery-plans/{planId}/versions/{version}': 'plan:read',
  'GET /recovery-plans/{planId}/diff': 'plan:read',
  'POST /recovery-plans/validate': 'plan:read',
  'POST /recovery-plans/{planId}/validate': 'plan:read',
  'POST /recovery-plans/{planId}/dry-run': 'plan:read',
  'GET /protection-groups': 'group:read',
  'POST /protection-groups': 'group:write',
  'GET /protection-groups/{groupId}': 'group:read',
  'PUT /protection-groups/{groupId}': 'group:write',
  'DELETE /protection-groups/{groupId}': 'group:write',
  'POST /protection-groups/resolve': 'group:read',
  'GET /target-accounts': 'account:read',
  'POST /target-accounts': 'account:write',
  'GET /target-accounts/{accountId}': 'account:read',
  'PUT /target-accounts/{accountId}': 'account:write',
  'DELETE /target-accounts/{accountId}': 'account:write',
  'POST /target-accounts/{accountId}/validate': 'account:read',
  'GET /configuration/settings': 'configuration:read',
  'PUT /configuration/settings': 'configuration:write',
  'GET /configuration/export': 'configuration:read',
  'POST /configuration/import': 'configuration:write',
  'POST /discovery': 'discovery:read',
  'GET /drs/source-servers': 'drs:read',
  'GET /drs/source-servers/{sourceServerId}': 'drs:read',
  'GET /drs/source-servers/{sourceServerId}/launch-configuration': 'drs:read',
  'PUT /drs/source-servers/{sourceServerId}/launch-configuration': 'drs:write',
  'GET /drs/jobs': 'drs:read',
  'GET /drs/jobs/{jobId}': 'drs:read',
  'GET /drs/jobs/{jobId}/log': 'drs:read',
  'GET /drs/recovery-instances': 'drs:read',
  'POST /drs/recovery-instances/terminate': 'execution:terminate',
  'POST /drs/tag-sync': 'drs:write',
  'GET /drs/tag-sync/{runId}': 'drs:read',
  'GET /drs/quotas': 'drs:read',
  'GET /schedules': 'schedule:read',
  'POST /schedules': 'schedule:write',
  'GET /schedules/{scheduleId}': 'schedule:read',
  'PUT /schedules/{scheduleId}': 'schedule:write',
  'DELETE /schedules/{scheduleId}': 'schedule:write',
  'GET /triggers': 'trigger:read',
  'POST /triggers': 'trigger:write',
  'GET /triggers/{triggerId}': 'trigger:read',
  'PUT /triggers/{triggerId}': 'trigger:write',
  'DELETE /triggers/{triggerId}': 'trigger:write',
  'POST /triggers/{triggerId}/events': 'trigger:fire',
  'GET /subscriptions': 'configuration:read',
  'POST /subscriptions': 'configuration:write',
  'GET /subscriptions/{subscriptionId}': 'configuration:read',
  'PUT /subscriptions/{subscriptionId}': 'configuration:write',
  'DELETE /subscriptions/{subscriptionId}': 'configuration:write',
  'POST /subscriptions/{subscriptionId}/test': 'configuration:write',
  'GET /audit': 'audit:read',
  'POST /audit/verify': 'audit:read',
  'GET /tokens': 'token:read',
  'POST /tokens': 'token:write',
  'DELETE /tokens/{tokenId}': 'token:write',
  'GET /me': 'authenticated',
  'GET /health': 'public',
  'GET /ready': 'public',
  'GET /metrics': 'execution:read',
};

let platform: Platform;
let api: Api;
let app: Awaited<ReturnType<typeof createApp>>;

beforeAll(async () => {
  const scenario = readScenario(readFileSync('examples/core-banking/estate.yaml', 'utf8'));
  const clock = virtualClock({ startsAt: scenario.startsAt });
  const estate = simulatedEstate({ scenario, clock, path: null });
  platform = await openPlatform({ recordsPath: ':memory:', enginePath: ':memory:', clock, estate, seed: 1 });
  api = apiOf({
    platform,
    askSts: async () => {
      throw new BreakwaterError('Unauthenticated', 'no STS here');
    },
    fetch: async () => new Response(null, { status: 500 }),
  });
  app = await createApp({
    routes: api.routes,
    onError: () => {},
    authenticator: {
      authenticate: async ({ headers }) => {
        const role = headers['x-role'];
        if (role === undefined) throw new BreakwaterError('Unauthenticated', 'no token');
        const roles = role === 'none' ? [] : [role as Role];
        return { id: `token:${String(role)}`, kind: 'token', name: String(role), roles };
      },
    },
  });
});

afterAll(async () => {
  await app.close();
  await platform.close();
});

async function statusOf(what: string, role: string | undefined): Promise<number> {
  const [method, path] = what.split(' ') as ['GET', string];
  const { statusCode } = await app.inject({
    method,
    url: path.replaceAll(/\{\w+\}/g, '1'),
    headers: role === undefined ? {} : { 'x-role': role },
    // Wrong on purpose: whoever may ask hears that it is wrong, and nothing is changed.
    ...(method === 'GET' ? {} : { payload: { wrong: true } }),
  });
  return statusCode;
}

test('the table of permissions names every route, and nothing else', () => {
  const routes = api.routes.map(({ method, path }) => `${method} ${path}`);
  expect(routes.toSorted()).toEqual(Object.keys(NEEDS).toSorted());
  for (const { method, path, permission } of api.routes)
    expect([method, path, permission]).toEqual([method, path, NEEDS[`${method} ${path}`]]);
});

describe.each(Object.keys(NEEDS))('%s', (what) => {
  const need = NEEDS[what]!;

  test(need === 'public' ? 'asks for no identity' : 'answers 401 without an identity', async () => {
    expect((await statusOf(what, undefined)) === 401).toBe(need !== 'public');
  });

  test.each([...ROLES, 'none'])('answers 403 to %s exactly when the permission is missing', async (role) => {
    const roles = role === 'none' ? [] : [role as Role];
    const principal = { id: 'x', kind: 'token', name: 'x', roles } as const;
    const mayAsk =
      need === 'public' || need === 'authenticated' || [need].flat().some((one) => isAllowed(principal, one));
    expect((await statusOf(what, role)) !== 403).toBe(mayAsk);
  });
});

test('a plan of one’s own is only for those who may write plans, since it runs commands of one’s own', async () => {
  const waves = [{ waveNumber: 1, name: 'A', technologies: [{ type: 'application', operation: 'scripts' }] }];
  const start = async (role: Role, body: object): Promise<number> => {
    const headers = { 'x-role': role };
    const { statusCode } = await app.inject({ method: 'POST', url: '/executions', headers, payload: body });
    return statusCode;
  };
  expect(await start('Operator', { plan: { waves }, mode: 'drill' })).toBe(403);
  expect(await start('RecoveryManager', { plan: { waves }, mode: 'recovery' })).toBe(403);
  expect(await start('Operator', { planId: 'nothing', mode: 'drill' })).toBe(404);
  expect(await start('Operator', { planId: 'nothing', mode: 'recovery' })).toBe(403);
});

test('a request whose id looks like an execution leaves nothing in the evidence of that execution', async () => {
  const headers = { 'x-role': 'Admin', 'x-request-id': 'exec-0123456789abcdef0' };
  const query = { tags: { ProtectionGroup: 'pg-app-servers' } };
  const asked = await app.inject({
    method: 'POST',
    url: '/protection-groups/resolve',
    headers,
    payload: query,
  });
  expect(asked.statusCode).toBe(200);
  await platform.audit.settled();
  const calls = await platform.audit.list({ action: 'aws.call', limit: 1_000 });
  const seen = calls.records.map(({ record }) => record);
  expect(seen.map(({ target }) => target)).toContain('drs:DescribeSourceServers');
  expect(seen.filter(({ executionId }) => executionId !== undefined)).toEqual([]);
});
