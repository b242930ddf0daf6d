import type { AwsTarget } from '#aws/aws.ts';
import { DRS_QUOTAS, type DrsQuota } from '#aws/drs-quotas.ts';
import { isBreakwaterError, type BreakwaterError } from '#core/errors.ts';

/** Quotas of an account and Region that decide how fast servers can be launched. */
export type DrsQuotas = {
  /** Servers in one job. */
  readonly perJob: number;
  /** Jobs in progress. */
  readonly jobs: number;
  /** Servers in all active jobs. */
  readonly inAllJobs: number;
};

/** StartRecovery and TerminateRecoveryInstances take at most 200 ids, whatever the quota (service model). */
const MOST_IN_CALL = 200;

/** Reads the quotas; where they cannot be read (no permission, no answer), the published values hold. */
export async function readQuotas(
  { quotas }: AwsTarget,
  signal: AbortSignal,
): Promise<{ quotas: DrsQuotas; read: boolean }> {
  const applied = await quotas.listServiceQuotas({ ServiceCode: 'drs' }, signal).catch((error: unknown) => {
    if (isBreakwaterError(error)) return null;
    throw error;
  });
  const valueOf = ({ code, published }: DrsQuota): number =>
    Math.max(1, Math.floor(applied?.find((quota) => quota.QuotaCode === code)?.Value ?? published));
  return {
    read: applied !== null,
    quotas: {
      perJob: Math.min(valueOf(DRS_QUOTAS.perJob), MOST_IN_CALL),
      jobs: valueOf(DRS_QUOTAS.jobs),
      inAllJobs: valueOf(DRS_QUOTAS.inAllJobs),
    },
  };
}

/**
 * What to believe after AWS has refused a job for a quota: what Service Quotas says now, but never that a job of as many
 * servers as were just refused for their number is allowed.
 */
export async function correctQuotas(
  target: AwsTarget,
  { known, servers, error }: { known: DrsQuotas; servers: number; error: BreakwaterError },
  signal: AbortSignal,
): Promise<DrsQuotas> {
  const { quotas, read } = await readQuotas(target, signal);
  const believed = read ? quotas : known;
  const tooMany = error.details['quotaCode'] === DRS_QUOTAS.perJob.code && believed.perJob >= servers;
  return tooMany ? { ...believed, perJob: Math.max(1, Math.floor(servers / 2)) } : believed;
}
