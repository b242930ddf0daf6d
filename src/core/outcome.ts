import type { Json, JsonObject } from './json.ts';

/** States of a technology within a wave. */
export const TECHNOLOGY_STATUSES = [
  'pending',
  'in_progress',
  'completed',
  'failed',
  'skipped',
  'cancelled',
] as const;
export type TechnologyStatus = (typeof TECHNOLOGY_STATUSES)[number];

/** States of one server, cluster, record …; `assessed` means looked at and not touched (a drill that must not change it). */
export const RESOURCE_STATUSES = [...TECHNOLOGY_STATUSES, 'assessed'] as const;
export type ResourceStatus = (typeof RESOURCE_STATUSES)[number];

export const CRITICALITIES = ['critical', 'optional'] as const;
export type Criticality = (typeof CRITICALITIES)[number];

/** Why something failed: an error code (ours, or `drs:CONVERSION_FAIL` and the like) and words for a person. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/**
 * What became of one resource. `resourceId` is the id that people use (source server id, cluster id, record name);
 * `result` is operation-specific (see `RecoveredServer`). Times are ISO 8601.
 */
export interface ResourceOutcome {
  readonly resourceId: string;
  readonly status: ResourceStatus;
  readonly criticality?: Criticality;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly detail?: string;
  readonly error?: Failure;
  readonly result?: JsonObject;
}

/** The `result` of a server that `drs/recovery` has launched; in the export it stands under `recoveredInstances`. */
export interface RecoveredServer {
  readonly sourceServerId: string;
  readonly sourceInstanceId: string;
  readonly recoveryInstanceId: string;
  readonly ec2InstanceId: string;
  readonly privateIp: string | null;
  readonly status: string;
  readonly accountId: string;
  readonly region: string;
  readonly isDrill: boolean;
  /** The state of the source that it was launched from: its point in time, ISO 8601. */
  readonly pointInTime: string | null;
}

/** One thing that validation or an assessment has to say. Errors stop a start; warnings are shown and recorded. */
export interface Finding {
  readonly level: 'error' | 'warning' | 'info';
  /** A stable name such as `ReplicationUnhealthy` or `ResourceUnresolved`. */
  readonly rule: string;
  /** Path in the plan, such as `waves[1].technologies[0].resources.protectionGroups[0]`. Adapters give it relative to their technology. */
  readonly path: string;
  readonly value?: Json;
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}
