import type { Job } from '@aws-sdk/client-drs';
import type { Clock } from '#core/clock.ts';
import type { DrsCalls } from './services/drs.ts';

/** Polls within this time of each other share a call. */
const WINDOW_MS = 100;
/** DescribeJobs takes at most this many job ids (service model). */
const MOST_IDS = 1_000;

interface Batch {
  readonly ids: Set<string>;
  readonly jobs: Promise<Map<string, Job>>;
}

/**
 * Makes one DescribeJobs out of all that ask for jobs by id at about the same time in one account and Region: ten
 * waves that poll cost as much as one. Any other use goes through as it is.
 */
export function shareJobs(calls: DrsCalls, clock: Clock): DrsCalls {
  let open: Batch | null = null;
  const join = (wanted: readonly string[]): Batch => {
    if (open === null || new Set([...open.ids, ...wanted]).size > MOST_IDS) {
      const ids = new Set<string>();
      const batch: Batch = { ids, jobs: collect(ids, () => open === batch && (open = null)) };
      open = batch;
    }
    for (const id of wanted) open.ids.add(id);
    return open;
  };
  const collect = async (ids: ReadonlySet<string>, close: () => void): Promise<Map<string, Job>> => {
    await clock.sleep(WINDOW_MS);
    close();
    const jobs = await calls.describeJobs({ filters: { jobIDs: [...ids] } });
    return new Map(jobs.map((job) => [job.jobID ?? '', job]));
  };
  return {
    ...calls,
    async describeJobs(input, signal) {
      const wanted = input.filters?.jobIDs;
      if (wanted === undefined || wanted.length === 0 || input.filters?.fromDate !== undefined) {
        return calls.describeJobs(input, signal);
      }
      const found = await join(wanted).jobs;
      return wanted.flatMap((id) => found.get(id) ?? []);
    },
  };
}
