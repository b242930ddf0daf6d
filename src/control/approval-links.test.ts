import { beforeEach, expect, test } from 'vitest';
import { BreakwaterError } from '#core/errors.ts';
import type { Principal } from '#core/permissions.ts';
import type { Approvals } from './approvals.ts';
import { approvalsBench, type ApprovalsBench } from './testing/approvals-bench.ts';

let own: ApprovalsBench;
let approvals: Approvals;

beforeEach(() => {
  own = approvalsBench();
  ({ approvals } = own);
});

const admin: Principal = { id: 'oidc:admin', kind: 'oidc', name: 'admin', roles: ['Admin'] };
const make = (executionId: string) =>
  approvals.createLink({
    executionId,
    gateId: 'w0-approval',
    maker: admin,
    forPrincipal: { id: 'oidc:ben', name: 'ben', roles: ['RecoveryManager'] },
    expiresIn: 'PT1H',
  });

test('a one-time link whose use was killed before it had an effect can be used again, for the same', async () => {
  const id = await own.waiting();
  const { token } = await make(id);
  const { change } = own.bench.services.executions;
  const killed = Promise.withResolvers<void>();
  own.bench.services.executions.change = () => (killed.resolve(), new Promise<never>(() => {}));
  void approvals.useLink(token, { action: 'approve' });
  await killed.promise;
  own.bench.services.executions.change = change;
  await expect(approvals.useLink(token, { action: 'reject', reason: 'no' })).rejects.toThrow(
    'the link has been used already',
  );
  expect(await approvals.useLink(token, { action: 'approve' })).toMatchObject({ approvals: 1 });
});

test('a one-time link whose use had its effect, and failed behind it, is not used for another', async () => {
  const id = await own.waiting();
  const { token } = await make(id);
  const { append } = own.audit;
  own.audit.append = async () => {
    throw new BreakwaterError('AwsUnreachable', 'no answer');
  };
  await expect(approvals.useLink(token, { action: 'approve' })).rejects.toThrow('no answer');
  own.audit.append = append;
  await expect(approvals.useLink(token, { action: 'reject', reason: 'no' })).rejects.toThrow(
    'the link has been used already',
  );
  await expect(approvals.useLink(token, { action: 'approve' })).rejects.toThrow('nobody counts twice');
});
