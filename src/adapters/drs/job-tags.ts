import type { Job } from '@aws-sdk/client-drs';
import type { OperationContext } from '../contract.ts';

const KEYS = {
  execution: 'breakwater:execution',
  wave: 'breakwater:wave',
  technology: 'breakwater:technology',
  attempt: 'breakwater:attempt',
  batch: 'breakwater:batch',
} as const;

/** Tags that name the piece of work for ever: by them a job is found again after a crash or a lost answer. */
export function jobTags(context: OperationContext, batch: number): Record<string, string> {
  return {
    [KEYS.execution]: context.executionId,
    [KEYS.wave]: String(context.waveNumber),
    [KEYS.technology]: String(context.technologyIndex),
    [KEYS.attempt]: String(context.attempt),
    [KEYS.batch]: String(batch),
  };
}

/** True for a launch job that this piece of work has started, in this attempt or in an earlier one. */
export function isOwnJob(context: OperationContext, job: Job): boolean {
  const tags = job.tags ?? {};
  return (
    job.type !== 'TERMINATE' &&
    tags[KEYS.execution] === context.executionId &&
    tags[KEYS.wave] === String(context.waveNumber) &&
    tags[KEYS.technology] === String(context.technologyIndex)
  );
}

/** True for a job of this attempt. */
export function isOfAttempt(context: OperationContext, job: Job): boolean {
  return job.tags?.[KEYS.attempt] === String(context.attempt);
}

export function isActive(job: Job): boolean {
  return job.status !== 'COMPLETED';
}

export function serversOf(job: Job): string[] {
  return (job.participatingServers ?? []).flatMap((server) => server.sourceServerID ?? []);
}

/** The servers that a job has launched. */
export function launchedIn(job: Job): string[] {
  return (job.participatingServers ?? [])
    .filter(({ launchStatus }) => launchStatus === 'LAUNCHED')
    .flatMap(({ sourceServerID }) => sourceServerID ?? []);
}
