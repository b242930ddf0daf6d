import type { AwsTarget } from '#aws/aws.ts';
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

interface KnownQuota {
  readonly code: string;
  readonly name: string;
  readonly published: number;
  readonly used: (counted: Counted) => number;
}

/** Published values: https://docs.aws.amazon.com/drs/latest/userguide/drs-at-scale.html, and Service Quotas. */
const QUOTAS: readonly KnownQuota[] = [
  {
    code: 'L-D88FAC3A',
    name: 'Concurrent jobs in progress',
    published: 20,
    used: ({ active }) => active.length,
  },
  {
    code: 'L-B827C881',
    name: 'Source servers in a single job',
    published: 100,
    used: ({ active }) => Math.max(0, ...active.map(sizeOf)),
  },
  {
    code: 'L-05AFA8C6',
    name: 'Source servers in all active jobs',
    published: 500,
    used: ({ active }) => active.reduce((sum, job) => sum + sizeOf(job), 0),
  },
  {
    code: 'L-C1D14A2B',
    name: 'Concurrently replicating source servers',
    published: 300,
    used: ({ servers }) => servers.filter(isReplicating).length,
  },
  {
    code: 'L-E28BE5E0',
    name: 'Source servers',
    published: 4_000,
    used: ({ servers }) => servers.length,
  },
];

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
  return QUOTAS.map(({ code, name, published, used }) => {
    const limit = applied.find(({ QuotaCode }) => QuotaCode === code)?.Value;
    return {
      code,
      name,
      limit: limit ?? published,
      source: limit === undefined ? 'published' : 'account',
      used: used({ active, servers }),
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
