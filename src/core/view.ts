import type { JsonObject } from './json.ts';
import type { Criticality, Failure, ResourceOutcome, TechnologyStatus } from './outcome.ts';
import type { Role } from './permissions.ts';
import type { ExecutionStatus, WaveStatus } from './states.ts';

/**
 * An execution as people and programs see it: the specification's "Execution State Schema", and what it does not
 * have room for. Times are ISO 8601 with `Z`, durations ISO 8601.
 */
export interface ExecutionView {
  readonly executionId: string;
  readonly planId: string;
  readonly planName: string;
  /** SHA-256 of the frozen plan. */
  readonly planHash: string;
  readonly mode: ExecutionMode;
  /** It ran on a simulated AWS: nothing real was touched, and nothing real was proven. */
  readonly simulated: boolean;
  readonly status: ExecutionStatus;
  /** Only when completed: whether something was skipped, or failed and was passed over. */
  readonly outcome?: 'clean' | 'with_exceptions';
  /** The highest wave that has begun; 0 before the first. */
  readonly currentWave: number;
  readonly startedAt: string;
  readonly completedAt?: string;
  /** True from the moment someone asked for a pause until someone resumes. */
  readonly pauseRequested: boolean;
  readonly cancelRequested: boolean;
  readonly objectives: { readonly rto?: string; readonly rpo?: string };
  /** By the assessments: the longest way through the waves, without waiting for people. */
  readonly expectedDuration: string;
  readonly waves: readonly WaveView[];
  readonly gates: readonly GateView[];
  /** When nothing was at work because a person was awaited: at a gate, or after a pause by request. */
  readonly pauses: readonly Span[];
  readonly error?: Failure;
  readonly enterpriseContext: {
    readonly initiatedBy: string;
    readonly parentExecutionId?: string;
    readonly tags: Readonly<Record<string, string>>;
  };
}

/** A time, ISO 8601; without `to` it goes on. */
export interface Span {
  readonly from: string;
  readonly to?: string;
}

export type ExecutionMode = 'drill' | 'recovery';

export interface WaveView {
  readonly waveNumber: number;
  readonly name: string;
  readonly status: WaveStatus;
  readonly dependencies: readonly number[];
  readonly pauseAfterWave: boolean;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly expectedDuration: string;
  readonly technologies: readonly TechnologyView[];
}

export interface TechnologyView {
  readonly type: string;
  readonly operation: string;
  readonly name?: string;
  readonly status: TechnologyStatus;
  readonly criticality: Criticality;
  /** From 1. */
  readonly attempt: number;
  /** The nested execution that works on it. */
  readonly subExecutionId?: string;
  /** Ids of the resources, as far as they are known. */
  readonly resources: readonly string[];
  /** What people call them, by id; only where that is not the id. */
  readonly names: Readonly<Record<string, string>>;
  readonly outcomes: readonly ResourceOutcome[];
  /** Of this attempt. */
  readonly startedAt?: string;
  /** Of the first attempt, when this is another. */
  readonly firstStartedAt?: string;
  readonly completedAt?: string;
  /** From start to end, when it has ended. */
  readonly executionTime?: string;
  readonly expectedDuration: string;
  /** What the adapter says it is doing now. */
  readonly detail?: string;
  readonly results?: JsonObject;
  readonly error?: Failure;
}

export type GateKind = 'dependencies' | 'pause' | 'decision' | 'approval';
/** What a person can do at a gate. */
export type GateAction = 'resume' | 'retry' | 'skip' | 'cancel' | 'approve' | 'reject';

/** Actions by kind of gate; nobody acts on a `dependencies` gate. */
export const GATE_ACTIONS: Readonly<Record<GateKind, readonly GateAction[]>> = {
  dependencies: [],
  pause: ['resume', 'cancel'],
  decision: ['retry', 'skip', 'cancel'],
  approval: ['approve', 'reject', 'cancel'],
};

export interface GateView {
  readonly gateId: string;
  /** 0: of the execution as a whole. */
  readonly waveNumber: number;
  readonly kind: GateKind;
  readonly status: 'open' | 'closed';
  readonly openedAt: string;
  /** When it gives up by itself, and the wave fails. */
  readonly expiresAt?: string;
  readonly closedAt?: string;
  /** Why it holds, in words: what failed, or that the plan asks for a look. */
  readonly reason: string;
  /** What a person can do now. */
  readonly actions: readonly GateAction[];
  readonly resolution?: {
    readonly action: GateAction | 'opened' | 'expired';
    readonly by: string;
    readonly reason?: string;
  };
  /** Of an approval gate. */
  readonly approval?: ApprovalState;
}

/** What an approval gate asks for, and who has agreed. Approvals are bound to the plan and to the resources that it resolves to. */
export interface ApprovalState {
  readonly required: number;
  readonly roles: readonly Role[];
  readonly changeTicket: 'required' | 'optional';
  /** SHA-256 of the frozen plan, and of the resources, that an approval is given for now. */
  readonly planHash: string;
  readonly resourcesHash: string;
  /** Those that count. */
  readonly approvals: readonly ApprovalGiven[];
  /** Given for another plan or other resources: they do not count any more. */
  readonly lapsed: readonly ApprovalGiven[];
  /** How the plan or its resources differ from what was to be approved before. */
  readonly difference?: ApprovalDifference;
}

export interface ApprovalGiven {
  /** The principal's id. */
  readonly by: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly at: string;
  readonly changeTicket?: string;
  readonly reason?: string;
  /** Given by a one-time link that this principal has made. */
  readonly linkMadeBy?: string;
}

export interface ApprovalDifference {
  readonly planChanged: boolean;
  readonly resources: readonly {
    readonly waveNumber: number;
    readonly technology: string;
    readonly added: readonly string[];
    readonly removed: readonly string[];
  }[];
}
