import type { z } from 'zod';
import type { Aws } from '#aws/aws.ts';
import type { JsonObject } from '#core/json.ts';
import type { Failure, Finding, RecoveredServer, ResourceOutcome } from '#core/outcome.ts';
import type { ProtectionGroup, Script } from '#core/plan.ts';
import type { SolutionDoor } from './drs/solution-door.ts';

/** What an operation may use. Everything that it does to the world goes through here. */
export interface OperationContext {
  readonly executionId: string;
  readonly mode: 'drill' | 'recovery';
  readonly waveNumber: number;
  /** Place in `wave.technologies`, from 0. With `executionId` and `waveNumber` it names this piece of work for ever. */
  readonly technologyIndex: number;
  /** From 1; rises with each retry of this technology. */
  readonly attempt: number;
  /** When the first attempt began, in ms since 1970: what earlier attempts have done lies behind it. */
  readonly firstStartedAt: number;
  /** True when a plan is assessed before it runs: what earlier waves will bring forth does not exist yet. */
  readonly planning: boolean;
  /** On a retry: the ids of the resources that failed before. Only these are worked on. `null`: all. */
  readonly only: readonly string[] | null;
  /** Where to work when the resource does not say: the technology's, else the plan's. `undefined`: the caller's own. */
  readonly accountId: string | undefined;
  readonly region: string | undefined;
  readonly aws: Aws;
  /** Milliseconds since 1970 in the time of this execution. */
  now(): number;
  /** Aborts when the process stops. Pass it to every AWS call. */
  readonly signal: AbortSignal;
  /** The script library of the plan. */
  readonly scripts: Readonly<Record<string, Script>>;
  /** The plan's protection group, else the stored one, else `null`. */
  protectionGroup(groupId: string): Promise<ProtectionGroup | null>;
  /** A DRS solution that exists already, as the settings name it; `null`: they do not. */
  solution(name: string): Promise<SolutionDoor | null>;
  /** Servers that this execution has launched so far, in this wave and in earlier ones. */
  recoveredServers(): Promise<readonly RecoveredServer[]>;
  /** A durable note of this attempt: what it is about to do. Written before the AWS call that it announces. At most 64 KiB. */
  readonly intent: {
    /** Of an earlier attempt, if one is named. */
    read(attempt?: number): Promise<JsonObject | null>;
    write(value: JsonObject): Promise<void>;
  };
}

/** Actions that a service of AWS takes in the caller's name when it is called: no call of ours shows that they are needed. */
export interface DependentActions {
  /** One of the operation's `iamActions`. */
  readonly calledWith: string;
  readonly actions: readonly string[];
  /** Where it is written that they are needed. */
  readonly source: string;
}

/** `technology.resources` and `technology.parameters`, parsed by the operation's schemas. */
export interface OperationInput<R, P> {
  readonly resources: R;
  readonly parameters: P;
}

/** One call that the operation would make. `iamAction` such as `drs:StartRecovery`; missing: it is not made to AWS. */
export interface PlannedCall {
  readonly iamAction?: string;
  readonly accountId?: string;
  readonly region?: string;
  readonly count: number;
  readonly summary: string;
}

export interface QuotaUse {
  readonly name: string;
  readonly code: string;
  readonly limit: number;
  readonly used: number;
  readonly needed: number;
}

/** The dry run, the validation against the estate and the pre-wave validation in one. Reads only. */
export interface Assessment {
  /** Paths relative to the technology, such as `resources.clusters[0]`. Any `error` means: do not start. */
  readonly findings: readonly Finding[];
  /** What the references resolve to, one entry a resource; `lock` is the name that no two executions may hold at once. */
  readonly resources: readonly {
    readonly resourceId: string;
    /** What people call it, where that is not the id: a server's host name. */
    readonly name?: string;
    readonly description: string;
    readonly lock: string;
  }[];
  readonly calls: readonly PlannedCall[];
  readonly quotas: readonly QuotaUse[];
  /** Expected duration in ms, and on what ground it is expected. */
  readonly estimatedMs: number;
  readonly estimateBasis: string;
}

/** What `start` and `poll` report. `outcomes` holds the rows that are new or changed; the workflow stores them. */
export type Progress<S extends JsonObject> =
  | {
      readonly status: 'in_progress';
      /** At most 64 KiB; comes back in the next poll. */
      readonly state: S;
      /** How long to wait before the next poll. */
      readonly waitMs: number;
      readonly outcomes: readonly ResourceOutcome[];
      readonly detail?: string;
    }
  | {
      readonly status: 'completed' | 'failed';
      readonly outcomes: readonly ResourceOutcome[];
      /** The operation's own part of the export (`results`): ids of jobs, commands, changes; before-images. */
      readonly results: JsonObject;
      readonly error?: Failure;
    };

/**
 * One thing an adapter can do. Every function is re-runnable: a call repeated after a crash, with the same input and
 * the same or an older state, ends the same and does nothing twice. `start` looks for what an earlier try has begun,
 * and adopts it, before it calls.
 *
 * An AWS error that is retryable is thrown as it is (the workflow repeats the call later); one that means that the
 * operation has failed becomes an outcome.
 */
export interface Operation<R = unknown, P = unknown, S extends JsonObject = JsonObject> {
  readonly technology: string;
  readonly operation: string;
  readonly summary: string;
  readonly resources: z.ZodType<R>;
  readonly parameters: z.ZodType<P>;
  /** What a drill does unless the plan says otherwise: `assess` for whatever would move production. */
  readonly drillDefault: 'perform' | 'assess';
  /** IAM actions of the calls that the operation makes: each of them, and no other (`iam-actions.test.ts`). */
  readonly iamActions: readonly string[];
  /** What AWS itself does with the rights of whoever calls. */
  readonly dependentActions?: readonly DependentActions[];
  assess(context: OperationContext, input: OperationInput<R, P>): Promise<Assessment>;
  start(context: OperationContext, input: OperationInput<R, P>): Promise<Progress<S>>;
  poll(context: OperationContext, input: OperationInput<R, P>, state: S): Promise<Progress<S>>;
  /**
   * Stops what runs, where that is possible, and answers in words what was told to whom. Absent, or `null`: what runs, runs on, and
   * the outcome says so.
   */
  cancel?(context: OperationContext, input: OperationInput<R, P>, state: S): Promise<string | null>;
  readonly undo:
    | { readonly irreversible: string }
    | {
        readonly summary: string;
        /** Puts the before-image back, from the `results` of the completed operation. Re-runnable. */
        run(
          context: OperationContext,
          input: OperationInput<R, P>,
          results: JsonObject,
        ): Promise<Progress<S>>;
      };
}
