import type { JsonObject } from './json.ts';
import type { Failure, TechnologyStatus } from './outcome.ts';
import type { Plan, Technology, Wave } from './plan.ts';
import type { ExecutionStatus, WaveStatus } from './states.ts';
import type { ApprovalState, ExecutionMode, GateAction, GateKind, Span } from './view.ts';

/** What the store keeps of an execution. Times are ISO 8601. Rows are small: a plan's waves are rows of their own. */

export interface HeadRecord {
  readonly executionId: string;
  readonly planId: string;
  readonly planName: string;
  readonly planHash: string;
  readonly mode: ExecutionMode;
  /** It ran on a simulated AWS: nothing real was touched, and nothing real was proven. */
  readonly simulated: boolean;
  readonly status: ExecutionStatus;
  readonly outcome?: 'clean' | 'with_exceptions';
  readonly currentWave: number;
  readonly totalWaves: number;
  readonly startedAt: string;
  readonly completedAt?: string;
  readonly pauseRequested: boolean;
  readonly cancelRequested: boolean;
  /** Set when a critical failure with `onFailure: stop` ends the execution. */
  readonly stopRequested?: Failure;
  readonly autoResume: boolean;
  readonly objectives: Plan['objectives'];
  readonly expectedMs: number;
  readonly initiatedBy: string;
  readonly parentExecutionId?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly error?: Failure;
  /** How many waves are at work, and how many wait for a person, open approval gates among them: the execution's status follows from these. */
  readonly workingWaves: number;
  readonly pausedWaves: number;
  readonly exceptions: number;
  /** When nothing was at work because a person was awaited; the last one may be open. */
  readonly pauses: readonly Span[];
  readonly eventCount: number;
}

/** The frozen plan without its waves. */
export type PlanRecord = Omit<Plan, 'waves'>;

export interface WaveRecord {
  readonly waveNumber: number;
  readonly name: string;
  readonly status: WaveStatus;
  readonly dependencies: readonly number[];
  /** Waves that wait for this one. */
  readonly dependents: readonly number[];
  readonly definition: Wave;
  readonly expectedMs: number;
  readonly startedAt?: string;
  readonly completedAt?: string;
}

export interface TechnologyRecord {
  readonly waveNumber: number;
  readonly technologyIndex: number;
  readonly definition: Technology;
  readonly status: TechnologyStatus;
  /** From 1. */
  readonly attempt: number;
  /** True when it is to be started: at first, and when a retry was granted. */
  readonly due: boolean;
  /** On a retry: the resources that failed. */
  readonly only: readonly string[] | null;
  readonly expectedMs: number;
  readonly subExecutionId?: string;
  readonly resources: readonly string[];
  /** The adapter's own, between polls. */
  readonly state?: JsonObject;
  readonly results?: JsonObject;
  readonly detail?: string;
  /** What a hint of DRS has led to, by resource: the newest, so that it is told once. */
  readonly news?: Readonly<Record<string, string>>;
  readonly error?: Failure;
  /** Of this attempt; and of the first one. */
  readonly startedAt?: string;
  readonly firstStartedAt?: string;
  readonly completedAt?: string;
}

/** What people call the resources of a technology, by id; for those whose id says little. */
export interface NamesRecord {
  readonly waveNumber: number;
  readonly technologyIndex: number;
  readonly names: Readonly<Record<string, string>>;
}

export interface GateRecord {
  readonly gateId: string;
  readonly waveNumber: number;
  readonly kind: GateKind;
  readonly status: 'open' | 'closed';
  readonly taskToken: string;
  /** Of tasks that it stood for before. Messages come in any order, and again: which of all tokens still waits, the engine alone knows. */
  readonly earlierTokens?: readonly string[];
  readonly openedAt: string;
  readonly expiresAt?: string;
  readonly closedAt?: string;
  readonly reason: string;
  readonly resolution?: GateResolution;
  /** Of an approval gate. */
  readonly approval?: GateApproval;
}

/** What an approval gate asks for, what it is bound to, and who has agreed. */
export interface GateApproval extends ApprovalState {
  /** What `resourcesHash` is of. */
  readonly resources: readonly ResolvedTechnology[];
}

/** What a technology's references resolve to. */
export interface ResolvedTechnology {
  readonly waveNumber: number;
  readonly technologyIndex: number;
  /** As people call it. */
  readonly technology: string;
  /** Ids, sorted, each once. */
  readonly resources: readonly string[];
}

/** How a gate was left. `proceed` is what the state machine branches on. */
export interface GateResolution {
  readonly proceed: boolean;
  readonly action: GateAction | 'opened' | 'expired';
  readonly by: string;
  readonly reason?: string;
  /** Of the request that asked. */
  readonly requestId?: string;
}
