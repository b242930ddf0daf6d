import type { DiscoveryAnswer, DiscoveryQuery } from '#core/discovery.ts';
import type { ExecutionExport } from '#core/export.ts';
import type { ExecutionEventRecord } from '#core/events.ts';
import type { Finding } from '#core/outcome.ts';
import type { Principal } from '#core/permissions.ts';
import type { Plan } from '#core/plan.ts';
import type { ExecutionStatus } from '#core/states.ts';
import type { ExecutionMode, ExecutionView, GateAction } from '#core/view.ts';

/** What a person or a program can ask of Breakwater. The CLI and the REST API are thin clients of this. */
export interface Control {
  /** Checks a plan against itself and against the estate. All findings at once, worst first; expected duration by wave. */
  validatePlan(params: { readonly plan: Plan; readonly mode: ExecutionMode }): Promise<PlanAssessment>;
  /**
   * Validates, freezes the plan, writes the record and starts. Throws `ValidationFailed` with `details.findings`; then
   * nothing has been started or written. `joined`: an unfinished execution was there, and no other was started.
   */
  startExecution(params: StartParams): Promise<{ readonly executionId: string; readonly joined: boolean }>;
  listExecutions(params?: {
    readonly status?: ExecutionStatus;
    readonly limit?: number;
    readonly cursor?: string;
  }): Promise<{ readonly executions: readonly ExecutionSummary[]; readonly cursor?: string }>;
  /** Throws `ExecutionNotFound`, as all below. */
  getExecution(params: { readonly executionId: string }): Promise<ExecutionView>;
  /** Events after a sequence number, oldest first, at most `limit` (default 1,000). */
  listEvents(params: {
    readonly executionId: string;
    readonly after?: number;
    readonly limit?: number;
  }): Promise<readonly ExecutionEventRecord[]>;
  /** No wave begins until someone resumes; what runs, runs on. `ExecutionNotRunning` when it has ended. */
  pause(params: Act): Promise<void>;
  /** Takes back a pause and opens all `pause` gates that are open. `ExecutionNotRunning`. */
  resume(params: Act): Promise<void>;
  /**
   * Acts at one gate. `GateNotOpen` names the gates that are open. `skip` and `reject` need a reason. `approve` and `reject` count by
   * who gives them: without a `principal` they are `ApprovalRefused`; see `Approvals`.
   */
  decide(
    params: Act & {
      readonly gateId: string;
      readonly action: GateAction;
      readonly principal?: Principal;
      readonly changeTicket?: string;
    },
  ): Promise<void>;
  /** Graceful: running work stops at its next poll, clean-up runs. `ExecutionNotRunning`. */
  cancel(params: Act): Promise<void>;
  exportExecution(params: { readonly executionId: string }): Promise<ExecutionExport>;
  discover(params: DiscoveryQuery): Promise<DiscoveryAnswer>;
}

export interface Act {
  readonly executionId: string;
  /** Who: a user name or principal. */
  readonly by: string;
  readonly reason?: string;
  /** Of the request that asked; stands in the event. */
  readonly requestId?: string | undefined;
}

export interface StartParams {
  readonly plan: Plan;
  readonly mode: ExecutionMode;
  readonly initiatedBy: string;
  /** Of the request that asked; stands in the event. */
  readonly requestId?: string | undefined;
  /** The same key again answers the same execution. */
  readonly idempotencyKey?: string;
  readonly parentExecutionId?: string;
  /** Answers an unfinished execution of the very same plan and mode, if there is one, instead of starting another. */
  readonly joinUnfinished?: boolean;
  /** With `joinUnfinished`: executions that were unfinished when the caller looked. They are joined even if they have ended since. */
  readonly wereUnfinished?: readonly string[];
  /** Opens `pause` gates by itself: for rehearsals and pipelines. */
  readonly autoResume?: boolean;
}

export interface PlanAssessment {
  /** `path` is whole, from the plan's root. */
  readonly findings: readonly Finding[];
  readonly expectedDuration: string;
  readonly waves: readonly {
    readonly waveNumber: number;
    readonly expectedDuration: string;
    readonly technologies: readonly {
      readonly type: string;
      readonly operation: string;
      readonly resources: readonly string[];
      readonly expectedDuration: string;
      readonly basis: string;
      readonly calls: readonly {
        /** Missing: the call is not made to AWS. */
        readonly iamAction?: string;
        readonly count: number;
        readonly summary: string;
      }[];
      readonly quotas: readonly {
        readonly name: string;
        readonly code: string;
        readonly limit: number;
        readonly used: number;
        readonly needed: number;
      }[];
    }[];
  }[];
}

export interface ExecutionSummary {
  readonly executionId: string;
  readonly planId: string;
  readonly planName: string;
  readonly mode: ExecutionMode;
  readonly status: ExecutionStatus;
  readonly outcome?: 'clean' | 'with_exceptions';
  readonly currentWave: number;
  readonly totalWaves: number;
  readonly startedAt: string;
  readonly completedAt?: string;
}
