import type { DeleteJobCommandInput, DescribeJobsCommandInput } from '@aws-sdk/client-drs';
import type { Call } from '#sim/kernel/contract.ts';
import { conflict, invalid, notFound } from './errors.ts';
import { jobView } from './job-views.ts';
import { pageOf } from './pages.ts';
import { getSettings, jobs, type JobRow } from './rows.ts';
import { timeOf } from './snapshots.ts';

/** Newest first. Ids that no job has are left out, without an error. */
export function describeJobs(call: Call, input: DescribeJobsCommandInput) {
  getSettings(call);
  const { jobIDs = [], fromDate, toDate } = input.filters ?? {};
  if (jobIDs.length > 1000)
    throw invalid("Value at 'jobIDs' failed to satisfy constraint: at most 1000 members");
  const from = timeOf(fromDate, -Infinity);
  const to = timeOf(toDate, Infinity);
  const candidates =
    jobIDs.length === 0
      ? jobs(call).all()
      : [...new Set(jobIDs)]
          .flatMap((id) => jobs(call).get(id) ?? [])
          .sort((a, b) => a.createdAt - b.createdAt);
  const found = candidates
    .filter((job) => isKnown(call, job) && job.createdAt >= from && job.createdAt <= to)
    .reverse();
  const { items, ...more } = pageOf(found, input);
  return { items: items.map((job) => jobView(call, job)), ...more };
}

/** Removes the record of a job that has ended. */
export function deleteJob(call: Call, input: DeleteJobCommandInput) {
  getSettings(call);
  const job = getJob(call, input.jobID);
  if (call.now < job.endsAt) throw conflict(`Job ${job.id} is in progress`);
  jobs(call).remove(job.id);
  return {};
}

/** The job, or `ResourceNotFoundException`, also for one that has vanished. */
export function getJob(call: Call, id: string | undefined): JobRow {
  const job = id === undefined ? undefined : jobs(call).get(id);
  if (job === undefined || !isKnown(call, job)) throw notFound('job', id ?? '');
  return job;
}

function isKnown(call: Call, { vanishesAt }: JobRow): boolean {
  return vanishesAt === null || call.now < vanishesAt;
}
