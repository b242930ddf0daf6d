import type { Json } from '#core/json.ts';

/**
 * A durable runner of state machines (ASL, JSONata dialect). Two implementations: `embedded/` and `step-functions/`;
 * both pass `conformance.ts`. Errors are `BreakwaterError`s with the codes named here.
 */
export interface Engine {
  /** How many events the history of an execution may have. Absent: any number. */
  readonly mostEvents?: number;
  /**
   * Starts a machine by its name. The same name and input again, while it runs, answers the same execution; a closed one,
   * or another input, is `EngineExecutionExists`. An unknown machine is `MachineNotFound`.
   */
  start(params: {
    readonly machine: string;
    readonly name: string;
    readonly input: Json;
  }): Promise<{ readonly executionId: string }>;
  /**
   * Ends a `.waitForTaskToken` task with a result. `TaskTokenUsed` if it has ended already, `TaskTokenInvalid` if it never was,
   * `TaskOutputInvalid` if the result has more than 256 KiB: the task then waits on.
   */
  completeTask(params: { readonly taskToken: string; readonly output: Json }): Promise<void>;
  /** Ends a task with an error. Errors as `completeTask`. */
  failTask(params: {
    readonly taskToken: string;
    readonly error: string;
    readonly cause?: string;
  }): Promise<void>;
  /** Postpones the heartbeat timeout of a task. Errors as `completeTask`. */
  heartbeat(params: { readonly taskToken: string }): Promise<void>;
  /** Aborts an execution and its nested ones. Does nothing to one that has ended. `EngineExecutionNotFound`. */
  stop(params: {
    readonly executionId: string;
    readonly error?: string;
    readonly cause?: string;
  }): Promise<void>;
  /** By its id, or by what `start` was told; `null` if there is none. */
  describe(
    params: { readonly executionId: string } | { readonly machine: string; readonly name: string },
  ): Promise<EngineExecution | null>;
  /** Oldest first. `cursor` from the previous page. */
  history(params: {
    readonly executionId: string;
    readonly cursor?: string;
    readonly limit?: number;
  }): Promise<EngineHistory>;
}

export type EngineStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** Times are ISO 8601. */
export interface EngineExecution {
  readonly executionId: string;
  readonly machine: string;
  readonly name: string;
  readonly status: EngineStatus;
  readonly input: Json;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  readonly startedAt: string;
  readonly stoppedAt?: string;
}

export interface EngineHistory {
  readonly events: readonly EngineEvent[];
  readonly cursor?: string;
}

/** `type` as Step Functions names it (`TaskStateEntered`, `TaskScheduled`, `ExecutionSucceeded` …). */
export interface EngineEvent {
  readonly id: number;
  readonly at: string;
  readonly type: string;
  readonly state?: string;
  readonly details?: Json;
}

/** A `lambda:invoke` target. Throwing fails the task with the error's `name` (our code) and message. Must be re-runnable. */
export type TaskHandler = (input: Json) => Promise<Json>;

/** The consumer of a queue that `sqs:sendMessage.waitForTaskToken` sends to. Delivery is at least once. */
export type QueueHandler = (message: Json) => Promise<void>;
