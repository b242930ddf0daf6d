import type { TargetAccount as RoleOfAccount } from '#aws/role-credentials.ts';
import { AccountId, Region, Tags } from '#core/plan.ts';
import { DocumentRepository } from '#store/documents.ts';
import type { Store } from '#store/port.ts';
import { z } from 'zod';
import { checkAccount, type AccountChecks } from './account-checks.ts';
import type { Actor } from './audit-log.ts';
import { keptDocuments, type KeptDocuments } from './kept-documents.ts';
import type { PlaneDeps } from './plane-deps.ts';

/** An account that adapters work in, and the role that lets them in. The external id is no secret. */
export const TargetAccount = z
  .strictObject({
    accountId: AccountId,
    name: z.string().min(1).max(128),
    roleArn: z
      .string()
      .max(2_048)
      .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'expected the ARN of an IAM role'),
    /** As STS allows it: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
    externalId: z
      .string()
      .min(2)
      .max(1_224)
      .regex(/^[\w+=,.@:/-]*$/, 'expected letters, digits and +=,.@:/-')
      .optional(),
    regions: z
      .array(Region)
      .min(1)
      .max(40)
      .refine((regions) => new Set(regions).size === regions.length, { message: 'a Region stands twice' }),
    tags: Tags.optional(),
  })
  .refine(({ accountId, roleArn }) => roleArn.split(':')[4] === accountId, {
    message: 'the role is of another account than accountId',
    path: ['roleArn'],
  });
export type TargetAccount = z.infer<typeof TargetAccount>;

export interface TargetAccounts extends KeptDocuments<TargetAccount> {
  /** Tries role, external id, permissions and DRS in every Region of it. A check that fails is an answer, never an error. */
  validate(accountId: string, actor: Actor): Promise<AccountChecks>;
}

const WHERE = { table: 'target-accounts', noun: 'target account' } as const;

export function targetAccountDocuments(store: Store): DocumentRepository<TargetAccount> {
  return new DocumentRepository<TargetAccount>({ ...WHERE, store });
}

/** The stored accounts as the door to AWS asks for them; `null`: not stored. */
export function targetAccountSource(store: Store): (accountId: string) => Promise<RoleOfAccount | null> {
  const documents = targetAccountDocuments(store);
  return async (accountId) => {
    const found = /^\d{12}$/.test(accountId) ? await documents.find(accountId) : null;
    if (found === null) return null;
    const { roleArn, externalId } = found.value;
    return { roleArn, externalId };
  };
}

export function createTargetAccounts(deps: PlaneDeps): TargetAccounts {
  const documents = keptDocuments<TargetAccount>(deps, { ...WHERE, kind: 'account', idField: 'accountId' });
  return {
    ...documents,
    async validate(accountId, { requestId }) {
      const { value } = await documents.get(accountId);
      // A door of its own: it must not hold credentials of a role that was entered before.
      const door = deps.services.awsFor(deps.newId(`request-${requestId ?? ''}-`));
      return checkAccount(door, value, deps.services.signal);
    },
  };
}
