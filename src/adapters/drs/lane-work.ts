import type { Job } from '@aws-sdk/client-drs';
import type { AwsTarget } from '#aws/aws.ts';
import type { Failure, ResourceOutcome } from '#core/outcome.ts';
import type { OperationContext } from '../contract.ts';
import type { IntentBook } from './intent-book.ts';
import { nextLookMs } from './poll-pace.ts';
import type { RecoveryParameters } from './recovery-schema.ts';
import type { LaneState, Mutable } from './recovery-state.ts';

/** One lane under work: `state` changes as AWS does, so that nothing is lost when a later call fails. */
export interface LaneWork {
  readonly context: OperationContext;
  readonly parameters: RecoveryParameters;
  readonly intent: IntentBook;
  readonly target: AwsTarget;
  readonly state: Mutable<LaneState>;
  readonly outcomes: ResourceOutcome[];
  /** Reasons to come back, in ms from now; the least counts. */
  readonly waits: number[];
}

/** Takes servers out of the waiting ones into a job. */
export function addBatch(
  { state, context, outcomes, waits }: LaneWork,
  job: Job,
  servers: readonly string[],
): void {
  const startedAt = Date.parse(job.creationDateTime ?? '') || context.now();
  const taken = new Set(servers);
  const firstConfigured = state.pending.slice(0, state.configured);
  state.configured = firstConfigured.filter((id) => !taken.has(id)).length;
  state.pending = state.pending.filter((id) => !taken.has(id));
  state.batches = [
    ...state.batches,
    {
      jobId: job.jobID ?? '',
      servers,
      startedAt,
      missingSince: null,
      completedAt: null,
      launched: 0,
      failed: 0,
    },
  ];
  const since = new Date(startedAt).toISOString();
  for (const resourceId of servers) {
    outcomes.push({ resourceId, status: 'in_progress', startedAt: since, detail: `job ${job.jobID}` });
  }
  waits.push(
    nextLookMs({ elapsedMs: context.now() - startedAt, expectedMs: state.expectedMs, decided: 'none' }),
  );
}

/** Fails servers that have not been launched. */
export function failPending(
  { state, context, outcomes }: LaneWork,
  servers: readonly string[],
  error: Failure,
): void {
  const completedAt = new Date(context.now()).toISOString();
  const failed = new Set(servers);
  for (const resourceId of servers) outcomes.push({ resourceId, status: 'failed', completedAt, error });
  state.configured = state.pending.slice(0, state.configured).filter((id) => !failed.has(id)).length;
  state.pending = state.pending.filter((id) => !failed.has(id));
  state.refused += servers.length;
}
