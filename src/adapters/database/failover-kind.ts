import type { AwsTarget } from '#aws/aws.ts';
import type { PlannedCall } from '../contract.ts';

/** What a look at a database shows. `primary` is who writes: an instance, a cluster ARN, an Availability Zone. */
export interface Sight {
  readonly primary: string | null;
  /** True if it is at rest: `available`, and no failover under way. */
  readonly isSettled: boolean;
  /** In the words of AWS. */
  readonly status: string;
  readonly description: string;
  readonly lock: string;
}

/** Why it cannot be said who is to write. */
export interface NoTarget {
  readonly rule: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Who is to write. `isExact: false`: any change of the primary will do. `warning`: what a person should know of the choice. */
export type Target = { readonly id: string; readonly isExact: boolean; readonly warning?: string } | NoTarget;

/** The last that RDS has said of a failover since a time. `silent` proves nothing. */
export type Report = 'silent' | 'started' | 'completed' | 'failed';

/** One database and the way in which its kind fails over. Everything is read anew at each call. */
export interface FailoverKind {
  readonly kind: 'cluster' | 'globalCluster' | 'instance';
  readonly id: string;
  /** Such as `resources.clusters[0]`. */
  readonly path: string;
  /** `null`: there is no such database. `target`: who is to become the primary, once that is decided. */
  look(target?: string): Promise<Sight | null>;
  /** Asked once, before anything is done. */
  choose(): Promise<Target>;
  /** Not idempotent: look first. */
  failOver(target: string): Promise<unknown>;
  /** The events of RDS since a time (ms since 1970). `target` as in the note. */
  report(since: number, target: string): Promise<Report>;
  readonly call: PlannedCall;
  readonly estimatedMs: number;
  readonly estimateBasis: string;
}

export function notFound(kind: string, id: string): NoTarget {
  const problem = `there is no ${kind} ${id} in this account and Region`;
  return { rule: 'ResourceUnresolved', problem, remedy: 'Check the name, the account and the Region.' };
}

export function plannedCall(
  { accountId, region }: Pick<AwsTarget, 'accountId' | 'region'>,
  iamAction: string,
  summary: string,
): PlannedCall {
  return { iamAction, ...(accountId === undefined ? {} : { accountId }), region, count: 1, summary };
}
