/** A quota of DRS: its code and name in Service Quotas, and its value unless the account says otherwise. */
export interface DrsQuota {
  readonly code: string;
  readonly name: string;
  readonly published: number;
}

/** Values: https://docs.aws.amazon.com/drs/latest/userguide/drs-at-scale.html, and Service Quotas. */
export const DRS_QUOTAS = {
  jobs: { code: 'L-D88FAC3A', name: 'Concurrent jobs in progress', published: 20 },
  perJob: { code: 'L-B827C881', name: 'Source servers in a single job', published: 100 },
  inAllJobs: { code: 'L-05AFA8C6', name: 'Source servers in all active jobs', published: 500 },
  replicating: { code: 'L-C1D14A2B', name: 'Concurrently replicating source servers', published: 300 },
  servers: { code: 'L-E28BE5E0', name: 'Source servers', published: 4_000 },
} as const satisfies Readonly<Record<string, DrsQuota>>;
