import { expect, test } from 'vitest';
import { approvalsBench } from '#control/testing/approvals-bench.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Principal } from '#core/permissions.ts';
import { STARTS_AT } from '#workflow/testing/bench.ts';
import { createApp } from '../app.ts';
import { approvalsRoutes } from './approvals.ts';

const PEOPLE: Record<string, Principal> = {
  ben: { id: 'oidc:ben', kind: 'oidc', name: 'ben', roles: ['RecoveryManager'] },
  admin: { id: 'oidc:admin', kind: 'oidc', name: 'admin', roles: ['Admin'] },
  eve: { id: 'oidc:eve', kind: 'oidc', name: 'eve', roles: ['Operator'] },
};

/** A server with one execution that waits for one approval. */
async function setUp() {
  const { approvals, waiting } = approvalsBench();
  const executionId = await waiting({ required: 1 });
  const app = await createApp({
    routes: approvalsRoutes(approvals, () => STARTS_AT),
    checkAnswers: true,
    onError: () => {},
    authenticator: {
      authenticate: async ({ headers }) => {
        const found = PEOPLE[String(headers['authorization'])];
        if (found === undefined) throw new BreakwaterError('Unauthenticated', 'no token');
        return found;
      },
    },
  });
  const ask = async (method: 'GET' | 'POST', url: string, authorization?: string, payload?: object) => {
    const headers = authorization === undefined ? {} : { authorization };
    const answer = (await app.inject({ method, url, headers, ...(payload && { payload }) } as never)) as {
      statusCode: number;
      body: string;
      headers: Record<string, string>;
    };
    return { status: answer.statusCode, body: JSON.parse(answer.body), headers: answer.headers };
  };
  const link = {
    executionId,
    gateId: 'w0-approval',
    forPrincipal: { id: 'oidc:ben', roles: ['RecoveryManager'] },
  };
  return { ask, executionId, link };
}

test('who may approve sees what waits for them, others may not ask', async () => {
  const { ask, executionId } = await setUp();
  const { status, body } = await ask('GET', '/approvals', 'ben');
  expect([status, body.approvals[0].executionId, body.approvals[0].gate.approval.required]).toEqual([
    200,
    executionId,
    1,
  ]);
  expect((await ask('GET', '/approvals', 'eve')).status).toBe(403);
  expect((await ask('GET', '/approvals')).status).toBe(401);
});

test('a link is made by an Admin, works without login, and only once', async () => {
  const { ask, executionId, link } = await setUp();
  const made = await ask('POST', '/approvals/links', 'admin', link);
  expect([made.status, made.body.expiresAt]).toEqual([201, '2026-01-08T10:00:00.000Z']);
  const use = () =>
    ask('POST', '/approvals/links/use', undefined, { token: made.body.token, action: 'approve' });
  expect((await use()).body).toEqual({
    executionId,
    gateId: 'w0-approval',
    status: 'closed',
    approvals: 1,
    required: 1,
  });
  const again = await use();
  expect([again.status, again.body.code, again.body.detail]).toEqual([
    409,
    'ApprovalRefused',
    'the link has been used already',
  ]);
});

test('a link for others is refused to who cannot make tokens, and bad input is named', async () => {
  const { ask, link } = await setUp();
  const other = { ...link, forPrincipal: { id: 'oidc:carl', roles: ['Admin'] } };
  expect((await ask('POST', '/approvals/links', 'ben', other)).body.code).toBe('Forbidden');
  expect((await ask('POST', '/approvals/links', 'eve', link)).status).toBe(403);
  expect((await ask('POST', '/approvals/links', 'ben', link)).status).toBe(201);
  const bad = await ask('POST', '/approvals/links', 'admin', { ...link, expiresIn: 'soon' });
  expect([bad.status, bad.body.findings[0].path]).toEqual([400, 'expiresIn']);
  const missing = await ask('POST', '/approvals/links', 'admin', { ...link, executionId: 'exec-none' });
  expect([missing.status, missing.body.code]).toEqual([404, 'ExecutionNotFound']);
});

test('an address that presents forged links is slowed down', async () => {
  const { ask } = await setUp();
  const forge = () => ask('POST', '/approvals/links/use', undefined, { token: 'bwl_x.y', action: 'approve' });
  for (let tries = 0; tries < 10; tries++) expect((await forge()).status).toBe(401);
  const braked = await forge();
  expect([braked.status, braked.headers['retry-after']]).toEqual([429, '1']);
  expect((await ask('POST', '/approvals/links/use', undefined, { token: 'x', action: 'skip' })).status).toBe(
    400,
  );
});
