import type { OperationContext } from '../contract.ts';

/** Where the work on a remote plan stands. About 27 bytes a server: 64 KiB hold 2,000. Times are ms since 1970. */
export type RemoteState = {
  /** Under which it is started there. */
  readonly mark: string;
  /** Of the execution there; `null`: not known to have begun. */
  readonly executionId: string | null;
  /** What an earlier attempt has started there: it is looked at before another one is. */
  readonly earlier: string | null;
  /** Since when the solution does not know the execution any more. */
  readonly missingSince: number | null;
  /** When it was first seen to have ended. */
  readonly endedAt: number | null;
  /** What was last reported of each server. */
  readonly servers: Readonly<Record<string, 'p' | 'l' | 'f'>>;
};

/** An attempt's note of intent. */
export type RemoteNote = {
  readonly mark: string;
  /** When a start was last sent of which nobody knows what came; `null`: none was. */
  readonly sentAt: number | null;
  readonly executionId: string | null;
};

/** Of more servers only the end is reported. */
export const MOST_TRACKED = 2_000;

/** The name of a start: of this attempt of this piece of work of this execution, and of no other. */
export function markOf({ executionId, waveNumber, technologyIndex, attempt }: OperationContext): string {
  return `breakwater/${executionId}/w${waveNumber}/t${technologyIndex}/a${attempt}`;
}

export function beginState(mark: string, more: Partial<RemoteState> = {}): RemoteState {
  return { mark, executionId: null, earlier: null, missingSince: null, endedAt: null, servers: {}, ...more };
}
