import { z } from 'zod';

const CheckStatus = z.enum(['passed', 'failed', 'unknown']);

export const AccountChecksShape = z
  .object({
    accountId: z.string(),
    status: CheckStatus.describe('The worst of the checks'),
    checks: z.array(
      z.object({
        region: z.string(),
        check: z.string().describe('`role`, `externalId`, `drsInitialized`, `permissions:<service>`'),
        status: CheckStatus,
        detail: z.string(),
        remedy: z.string().describe('Empty when there is nothing to do'),
        missingActions: z.array(z.string()).optional().describe('IAM actions that the role lacks'),
      }),
    ),
  })
  .meta({ id: 'AccountChecks' });
