import type { AwsTarget } from '#aws/aws.ts';
import { DRS_QUOTAS } from '#aws/drs-quotas.ts';
import { isBreakwaterError } from '#core/errors.ts';
import type { Job, SourceServer } from './views.ts';

/** A limit of DRS in an account and Region, and how much of it is used now. */
export interface QuotaUse {
  readonly code: string;
  readonly name: string;
  readonly limit: number;
  /** `account`: as Service Quotas says it; `published`: what AWS publishes, since Service Quotas does not say. */
  readonly source: 'account' | 'published';
  readonly used: number;
}

/** What quotas are counted on. */
interface Counted {
  readonly active: readonly Job[];
  readonly servers: readonly SourceServer[];
}

/** How much of each is used. */
const USE: Readonly<Record<keyof typeof DRS_QUOTAS, (counted: Counted) => number>> = {
  jobs: ({ active }) => active.length,
  perJob: ({ active }) => Math.max(0, ...active.map(sizeOf)),
  inAllJobs: ({ active }) => active.reduce((sum, job) => sum + sizeOf(job), 0),
  replicating: ({ servers }) => servers.filter(isReplicating).length,
  servers: ({ servers }) => servers.length,
};

/** No job takes longer; older ones use no quota. */
const SINCE_MS = 24 * 3_600_000;

/** The limits that decide how fast servers can be launched, and their use. */
export async function readQuotaUse(
  { drs, quotas }: AwsTarget,
  now: number,
  signal: AbortSignal,
): Promise<QuotaUse[]> {
  const fromDate = new Date(now - SINCE_MS).toISOString();
  const [applied, jobs, servers] = await Promise.all([
    // Whoever may not read Service Quotas still sees the use.
    quotas.listServiceQuotas({ ServiceCode: 'drs' }, signal).catch((error: unknown) => {
      if (isBreakwaterError(error)) return [];
      throw error;
    }),
    drs.describeJobs({ filters: { fromDate } }, signal),
    drs.describeSourceServers({ filters: {} }, signal),
  ]);
  const active = jobs.filter(({ status }) => status !== 'COMPLETED');
  return Object.entries(DRS_QUOTAS).map(([key, { code, name, published }]) => {
    const limit = applied.find(({ QuotaCode }) => QuotaCode === code)?.Value;
    return {
      code,
      name,
      limit: limit ?? published,
      source: limit === undefined ? 'published' : 'account',
      used: USE[key as keyof typeof DRS_QUOTAS]({ active, servers }),
    };
  });
}

function sizeOf({ participatingServers = [] }: Job): number {
  return participatingServers.length;
}

function isReplicating({ dataReplicationInfo }: SourceServer): boolean {
  const state = dataReplicationInfo?.dataReplicationState;
  return state !== 'STOPPED' && state !== 'DISCONNECTED';
}
