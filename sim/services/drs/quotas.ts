import { ServiceError, type Call, type Quota } from '#sim/kernel/contract.ts';
import { conflict } from './errors.ts';
import { findSettings, listActive, type SourceServerRow } from './rows.ts';
import { Settings } from './settings.ts';

const QUOTAS = {
  jobs: { code: 'L-D88FAC3A', name: 'Concurrent jobs in progress' },
  serversPerJob: { code: 'L-B827C881', name: 'Max number of source servers in a single job' },
  serversInJobs: { code: 'L-05AFA8C6', name: 'Max number of source servers in all jobs' },
} as const;

/** For Service Quotas. The scenario's overrides are what counts. */
export function appliedQuotas(call: Call): Quota[] {
  const values = (findSettings(call) ?? Settings.parse({})).quotas;
  return Object.entries(QUOTAS).map(([key, { code, name }]) => ({
    serviceCode: 'drs',
    code,
    name,
    value: values[key as keyof typeof QUOTAS],
    adjustable: false,
  }));
}

/** Refuses a job of too many servers. */
export function checkServersPerJob({ quotas }: Settings, servers: number): void {
  if (servers > quotas.serversPerJob) {
    throw exceeded(
      'serversPerJob',
      `Maximum number of source servers in a single Job (${quotas.serversPerJob}) exceeded`,
    );
  }
}

/** Refuses one job too many, and servers beyond what all active jobs may hold. Jobs that terminate count as well. */
export function checkActiveJobs(call: Call, { quotas }: Settings, servers: number): void {
  const active = listActive(call);
  if (active.length >= quotas.jobs) {
    throw exceeded('jobs', `Maximum number of concurrent Jobs in progress (${quotas.jobs}) exceeded`);
  }
  const busy = active.reduce((sum, job) => sum + job.servers, 0);
  if (busy + servers > quotas.serversInJobs) {
    throw exceeded(
      'serversInJobs',
      `Maximum number of source servers in all active Jobs (${quotas.serversInJobs}) exceeded`,
    );
  }
}

/** A server can be in one active job, whether it launches or terminates. */
export function checkFree(call: Call, servers: readonly SourceServerRow[]): void {
  if (servers.some(({ busyUntil }) => call.now < busyUntil)) {
    throw conflict(
      'One or more of the Source Servers included in API call are currently being processed by a Job',
    );
  }
}

function exceeded(quota: keyof typeof QUOTAS, message: string): ServiceError {
  return new ServiceError('ServiceQuotaExceededException', message, {
    quotaCode: QUOTAS[quota].code,
    serviceCode: 'drs',
  });
}
