import type { DrsQuotas } from './drs-quotas.ts';
import type { Place } from '../shared/place.ts';

/** A job that was started, or found. `servers` empties when its outcomes are known. Times are ms since 1970. */
export type BatchState = {
  readonly jobId: string;
  readonly servers: readonly string[];
  readonly startedAt: number;
  /** When DescribeJobs first did not list it; `null`: it does. */
  readonly missingSince: number | null;
  /** When it was first seen completed; `null`: not yet. */
  readonly completedAt: number | null;
  readonly launched: number;
  readonly failed: number;
};

/**
 * Where one account and Region stands. `pending`: servers in no job yet, in order; of them, the first `configured` have
 * their launch configuration.
 */
export type LaneState = {
  readonly place: Place;
  readonly quotas: DrsQuotas;
  readonly pending: readonly string[];
  readonly configured: number;
  readonly batches: readonly BatchState[];
  /** Servers that failed before they were launched. */
  readonly refused: number;
  /** After an error that may pass: not to be stepped before this time (ms since 1970). */
  readonly pausedUntil: number;
  /** How long a job is expected to take here, in ms; the last finished one teaches. */
  readonly expectedMs: number;
};

/** About 25 bytes a server while it waits or is launched: 64 KiB hold 2,500. */
export type RecoveryState = {
  readonly startedAt: number;
  readonly lanes: readonly LaneState[];
  /** Servers, groups and tags that could not be found. */
  readonly unresolved: number;
};

/** More would not fit into the state of one technology. */
export const MOST_SERVERS = 2_500;

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };
