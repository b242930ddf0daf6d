import { beforeEach, expect, test } from 'vitest';
import type { Principal } from '#core/permissions.ts';
import { approvalsBench, type ApprovalsBench } from './testing/approvals-bench.ts';

/** Who counts as one person in approvals, and what outlives a token. */

let own: ApprovalsBench;

beforeEach(() => {
  own = approvalsBench();
});

const who = (name: string, ...roles: Principal['roles']): Principal => ({
  id: `oidc:${name}`,
  kind: 'oidc',
  name,
  roles: roles.length === 0 ? ['RecoveryManager'] : roles,
});
const ben = who('ben');
const act = (executionId: string, principal: Principal) =>
  own.approvals.decide({ executionId, gateId: 'w0-approval', action: 'approve', principal });
const refusal = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'not refused',
    ({ code, message }: { code: string; message: string }) => `${code}: ${message}`,
  );
const admin = who('admin', 'Admin');
const MANAGER = ['RecoveryManager'] as const;
/** A token that this principal issues, as the principal who presents it. */
const tokenOf = async (issuer: Principal, name: string, roles: Principal['roles'] = MANAGER) => {
  const { token, tokenId } = await own.tokens.create({ name, roles }, issuer);
  return { tokenId, principal: (await own.tokens.authenticate(token))! };
};
const startedBy = async (initiatedBy: string) => {
  const id = await own.waiting();
  await own.bench.services.executions.change(id, (change) =>
    change.putHead({ ...change.head(), initiatedBy }),
  );
  return id;
};

test('a local token of somebody else counts, and not together with whoever issued it', async () => {
  const id = await own.waiting();
  const { principal, tokenId } = await tokenOf(admin, 'second');
  await act(id, admin);
  expect(await refusal(act(id, principal))).toBe(
    'ApprovalRefused: second counts as the same person as oidc:admin, who has approved already, and nobody counts twice',
  );
  expect(await own.approvals.waitingFor(principal)).toEqual([]);
  expect(own.audited.at(-1)).toMatchObject({ action: 'approval.refused', by: `token:${tokenId}` });
  expect(await act(id, ben)).toMatchObject({ status: 'closed' });
});

test('a local token does not count for an execution that its issuer has started, nor for one of another token of theirs', async () => {
  const { principal } = await tokenOf(admin, 'second');
  expect(await refusal(act(await startedBy('oidc:admin'), principal))).toContain('who starts does not count');
  const starter = await tokenOf(admin, 'starter');
  expect(await refusal(act(await startedBy(starter.principal.id), principal))).toBe(
    `ApprovalRefused: second counts as the same person as ${starter.principal.id}, who has started the execution, and who starts does not count`,
  );
});

test('a local token counts as the person at the beginning, however many tokens are between, also when those are revoked', async () => {
  const first = await tokenOf(admin, 'first', ['Admin']);
  const second = await tokenOf(first.principal, 'second', ['Admin']);
  const third = await tokenOf(second.principal, 'third');
  for (const { tokenId } of [second, first]) await own.tokens.revoke(tokenId, { by: 'oidc:admin' });
  const id = await startedBy('oidc:admin');
  expect(await refusal(act(id, third.principal))).toContain('same person as oidc:admin, who has started');
});

test('a local token of the starter stays theirs when they revoke it before they approve', async () => {
  const { principal, tokenId } = await tokenOf(admin, 'starter');
  const id = await startedBy(principal.id);
  await own.tokens.revoke(tokenId, { by: 'oidc:admin' });
  expect(await refusal(act(id, admin))).toContain(`same person as token:${tokenId}, who has started`);
});

test('a local token that the server has made at its start is a person of its own: two of them can approve without any other login', async () => {
  const roots = [await own.tokens.ensureAdminToken(), await own.tokens.ensureAdminToken({ anew: true })];
  const [one, two] = await Promise.all(roots.map(async (text) => (await own.tokens.authenticate(text!))!));
  const id = await own.waiting();
  await act(id, one!);
  const of = async (issuer: Principal) => (await tokenOf(issuer, 'issued')).principal;
  expect(await refusal(act(id, await of(one!)))).toContain('has approved already');
  expect(await act(id, await of(two!))).toMatchObject({ status: 'closed' });
});

const link = (id: string, maker: Principal, forPrincipal: Principal) =>
  own.approvals.createLink({
    executionId: id,
    gateId: 'w0-approval',
    maker,
    forPrincipal,
    expiresIn: 'P2D',
  });

test('one Admin cannot approve as two by links for others, real or made up', async () => {
  const id = await own.waiting();
  const [one, two] = [await link(id, admin, who('made-up-1')), await link(id, admin, who('made-up-2'))];
  await own.approvals.useLink(one.token, { action: 'approve' });
  expect(await refusal(own.approvals.useLink(two.token, { action: 'approve' }))).toBe(
    'ApprovalRefused: oidc:admin, whose link it is, has made the link of an approval already, and nobody counts twice',
  );
  expect(await refusal(act(id, admin))).toContain('has made the link of an approval already');
  expect(await act(id, ben)).toMatchObject({ status: 'closed' });
});

test('a local token that is revoked takes with it the links made for it, to approve or to reject', async () => {
  const id = await own.waiting();
  const { principal, tokenId } = await tokenOf(who('other', 'Admin'), 'maria');
  const { token } = await link(id, admin, principal);
  await own.tokens.revoke(tokenId, { by: 'oidc:admin' });
  const why = 'ApprovalRefused: maria has no valid token: it was revoked, has expired, or never was';
  expect(await refusal(own.approvals.useLink(token, { action: 'approve' }))).toBe(why);
  expect(await refusal(own.approvals.useLink(token, { action: 'reject', reason: 'no' }))).toBe(why);
  const { gates } = await own.bench.control.getExecution({ executionId: id });
  expect(gates[0]!.approval!.approvals).toEqual([]);
});

test('a local token that expires takes its links with it, though they would last longer', async () => {
  const id = await own.waiting();
  const { tokens } = own;
  const { token: text } = await tokens.create({ name: 'maria', roles: MANAGER, expiresInDays: 1 }, admin);
  const { token } = await link(id, who('other', 'Admin'), (await tokens.authenticate(text))!);
  own.realNow += 86_400_000;
  expect(await refusal(own.approvals.useLink(token, { action: 'approve' }))).toContain(
    'maria has no valid token',
  );
});

test('a local token that is revoked takes with it the links that it has made', async () => {
  const id = await own.waiting();
  const maker = await tokenOf(admin, 'maker', ['Admin']);
  const { token } = await link(id, maker.principal, ben);
  await own.tokens.revoke(maker.tokenId, { by: 'oidc:admin' });
  expect(await refusal(own.approvals.useLink(token, { action: 'approve' }))).toBe(
    `ApprovalRefused: token:${maker.tokenId}, whose link it is, has no valid token: it was revoked, has expired, or never was`,
  );
});

test('a local token has no more roles by a link than it has, and one that never was has none', async () => {
  const id = await own.waiting();
  const { principal } = await tokenOf(who('other', 'Admin'), 'maria', ['Operator']);
  expect(await refusal(link(id, admin, { ...principal, roles: ['Admin'] }))).toBe(
    'ApprovalRefused: maria has none of the roles that count here: RecoveryManager, Admin',
  );
  const nobody = { ...ben, id: 'token:none', name: 'nobody' };
  expect(await refusal(link(id, admin, nobody))).toContain('nobody has no valid token');
});

test('whoever invokes a function directly is one person, whatever name they give', async () => {
  const invoker = (name: string): Principal => ({
    id: `invoke:${name}`,
    kind: 'iam',
    name,
    roles: ['Admin'],
  });
  const id = await own.waiting();
  await act(id, invoker('ana'));
  expect(await refusal(act(id, invoker('ben')))).toContain(
    'counts as the same person as invoke:ana, who has approved already',
  );
  expect(await refusal(act(await startedBy('invoke:ssm/automation-1'), invoker('ben')))).toContain(
    'counts as the same person as invoke:ssm/automation-1, who has started the execution',
  );
  expect(await act(id, ben)).toMatchObject({ status: 'closed' });
});
