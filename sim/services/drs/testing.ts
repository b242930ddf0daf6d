import type { Job, RecoveryInstance, SourceServer } from '@aws-sdk/client-drs';
import { service as ec2 } from '#sim/services/ec2/index.ts';
import { testWorld, type TestWorld } from '#sim/services/testing.ts';
import { service as drs } from './index.ts';

/** Timings without chance: a job of n small Linux servers ends 0.4 + 0.2 + 0.2 n + 51 + 185 + 0.65 + 295 + 2.5 s after its call. */
export const EXACT = { sigma: 0, windowsSigma: 0 };

/** A world with DRS and EC2 in `eu-west-1`, and the calls that most tests make. */
export interface DrsWorld extends TestWorld {
  start(ids: readonly string[], more?: object): Job;
  job(jobID: string): Job | undefined;
  server(id: string): SourceServer;
  serverIds(): string[];
  recoveryInstances(filters?: object): RecoveryInstance[];
  /** Events of a job's log in order of time. */
  events(jobID: string): string[];
}

export function drsWorld(section: object, ec2Section: object = {}): DrsWorld {
  const world = testWorld([drs, ec2], { drs: { 'eu-west-1': section }, ec2: { 'eu-west-1': ec2Section } });
  const { invoke } = world;
  const items = <T>(operation: string, input: object): T[] =>
    invoke<{ items: T[] }>(operation, { maxResults: 1000, ...input }).items;
  return {
    ...world,
    start: (ids, more = {}) =>
      invoke<{ job: Job }>('StartRecovery', {
        sourceServers: ids.map((sourceServerID) => ({ sourceServerID })),
        isDrill: true,
        ...more,
      }).job,
    job: (jobID) => items<Job>('DescribeJobs', { filters: { jobIDs: [jobID] } })[0],
    server: (id) => items<SourceServer>('DescribeSourceServers', { filters: { sourceServerIDs: [id] } })[0]!,
    serverIds: () => items<SourceServer>('DescribeSourceServers', {}).map((server) => server.sourceServerID!),
    recoveryInstances: (filters = {}) => items<RecoveryInstance>('DescribeRecoveryInstances', { filters }),
    events: (jobID) =>
      items<{ logDateTime: string; event: string }>('DescribeJobLogItems', { jobID })
        .sort((a, b) => Date.parse(a.logDateTime) - Date.parse(b.logDateTime))
        .map(({ event }) => event),
  };
}
