import type { Retrier } from './failure.ts';
import type { Template } from './template.ts';

/** A state machine, checked and compiled: what the interpreter walks. Names of states are unique in the whole machine. */
export interface Machine {
  readonly name: string;
  readonly root: Flow;
  /** Every state, those inside Map and Parallel too. */
  readonly states: ReadonlyMap<string, State>;
  readonly timeoutMs: number | null;
}

/** One level of states: the machine itself, a Parallel branch or a Map's processor. */
export interface Flow {
  readonly startAt: string;
}

export type State =
  TaskState | PassState | ChoiceState | WaitState | SucceedState | FailState | ParallelState | MapState;

/** What a state does with its outcome. `assign: null` assigns nothing; `output: null` passes the result on. */
export interface Shaping {
  readonly assign: Template | null;
  readonly output: Template | null;
}

interface Named {
  readonly name: string;
}

interface Passing extends Named, Shaping {
  /** `null`: the flow ends here. */
  readonly next: string | null;
}

interface Failing {
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface Catcher extends Shaping {
  readonly errors: readonly string[];
  readonly next: string;
}

export type TaskKind = 'lambda' | 'lambdaToken' | 'queueToken' | 'nested';

export interface TaskState extends Passing, Failing {
  readonly type: 'Task';
  readonly kind: TaskKind;
  readonly resource: string;
  /** FunctionName, QueueUrl or StateMachineArn. */
  readonly target: Template;
  /** Payload, MessageBody or Input; `null`: none is given. */
  readonly body: Template | null;
  /** Name of a nested execution. */
  readonly executionName: Template | null;
  readonly timeoutSeconds: Template | null;
  readonly heartbeatSeconds: Template | null;
}

export interface PassState extends Passing {
  readonly type: 'Pass';
}

export interface ChoiceState extends Named, Shaping {
  readonly type: 'Choice';
  readonly rules: readonly ChoiceRule[];
  readonly default: string | null;
}

export interface ChoiceRule extends Shaping {
  readonly condition: Template;
  readonly next: string;
}

export interface WaitState extends Passing {
  readonly type: 'Wait';
  readonly seconds: Template | null;
  readonly timestamp: Template | null;
}

export interface SucceedState extends Named {
  readonly type: 'Succeed';
  readonly output: Template | null;
}

export interface FailState extends Named {
  readonly type: 'Fail';
  readonly error: Template | null;
  readonly cause: Template | null;
}

export interface ParallelState extends Passing, Failing {
  readonly type: 'Parallel';
  readonly arguments: Template | null;
  readonly branches: readonly Flow[];
}

export interface MapState extends Passing, Failing {
  readonly type: 'Map';
  readonly items: Template | null;
  readonly itemSelector: Template | null;
  readonly maxConcurrency: Template | null;
  readonly processor: Flow;
}
