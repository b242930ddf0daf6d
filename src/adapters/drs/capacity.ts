import type { Job } from '@aws-sdk/client-drs';
import type { DrsQuotas } from './drs-quotas.ts';
import { isActive, serversOf } from './job-tags.ts';

/** What all active jobs of the account and Region leave free, ours and others'. */
export interface Capacity {
  readonly jobs: number;
  readonly servers: number;
  /** Servers that are in an active job: DRS refuses a second (one job a server). */
  readonly held: ReadonlySet<string>;
}

export function capacityOf(jobs: readonly Job[], quotas: DrsQuotas): Capacity {
  const active = jobs.filter(isActive);
  const held = new Set(active.flatMap(serversOf));
  const inJobs = active.reduce((sum, job) => sum + serversOf(job).length, 0);
  return { jobs: quotas.jobs - active.length, servers: quotas.inAllJobs - inJobs, held };
}

/**
 * The next servers to launch, or none: as many as the quotas allow, in order. A small rest of capacity is left alone
 * while more will come: small batches use up the number of jobs, and the servers behind them would wait.
 */
export function nextBatch(params: {
  readonly pending: readonly string[];
  readonly capacity: Capacity;
  readonly quotas: DrsQuotas;
  readonly batchSize: number | undefined;
  readonly othersRunning: boolean;
}): string[] {
  const { pending, capacity, quotas } = params;
  if (capacity.jobs <= 0 || capacity.servers <= 0) return [];
  const free = pending.filter((id) => !capacity.held.has(id));
  const most = Math.min(params.batchSize ?? quotas.perJob, quotas.perJob);
  const size = Math.min(most, capacity.servers, free.length);
  const worthwhile = Math.min(most, free.length, Math.ceil(quotas.inAllJobs / quotas.jobs));
  return size < worthwhile && params.othersRunning ? [] : free.slice(0, size);
}
