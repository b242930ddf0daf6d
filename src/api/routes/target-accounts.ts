import { TargetAccount, type TargetAccounts } from '#control/target-accounts.ts';
import { z } from 'zod';
import { actorOf } from '../actor.ts';
import { defineRoute, type AnyRoute } from '../route.ts';
import { AccountChecksShape } from '../shapes/target-accounts.ts';
import { documentRoutes } from './document-routes.ts';

const tag = 'Target accounts';

/** The accounts that adapters work in, and the roles that let them in. */
export function targetAccountsRoutes(accounts: TargetAccounts): AnyRoute[] {
  return [
    ...documentRoutes({
      documents: accounts,
      tag,
      path: '/target-accounts',
      idName: 'accountId',
      plural: 'targetAccounts',
      name: 'TargetAccount',
      noun: 'target account',
      read: 'account:read',
      write: 'account:write',
      body: TargetAccount,
      shape: TargetAccount,
    }),
    defineRoute({
      method: 'POST',
      path: '/target-accounts/{accountId}/validate',
      permission: 'account:read',
      operationId: 'validateTargetAccount',
      tag,
      summary: 'Tries its role, external id, permissions and DRS in every Region of it',
      description:
        'A check that fails is part of the answer. Only reads are tried: what would change something is not.',
      params: z.strictObject({ accountId: z.string().min(1).max(128) }),
      responses: { 200: AccountChecksShape },
      handle: async (asked) => ({
        status: 200,
        body: await accounts.validate(asked.params.accountId, actorOf(asked)),
      }),
    }),
  ];
}
