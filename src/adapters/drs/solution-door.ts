import type { JsonObject } from '#core/json.ts';
import type { RecoveredServer } from '#core/outcome.ts';

/**
 * The narrow door to a DRS solution that exists already, or to another Breakwater: what `drs/recovery` needs of it, in words that
 * both have. Its implementations speak HTTP and live in `src/solutions`.
 *
 * Trouble that may pass (no answer, 429, 5xx) throws `SolutionUnreachable`; `details.ambiguous` is true if the call may have taken
 * effect, `details.retryAfterMs` says how long it asks to be left alone. A token that is not believed throws `SolutionDenied`,
 * anything else that it refuses `SolutionRefused`.
 */
export interface SolutionDoor {
  /** As the settings name it. */
  readonly name: string;
  /** It is not looked at more often. */
  readonly paceMs: number;
  /** The same mark never starts twice there, so a start whose answer was lost may be sent again. */
  readonly startsOnce: boolean;
  /** Where a person or a program finds the execution. */
  placeOf(executionId: string): string;
  /** The plan there, and whether this mode may be started; `null`: there is none of that id. */
  findPlan(order: Pick<RemoteOrder, 'planId' | 'mode'>, signal: AbortSignal): Promise<RemotePlan | null>;
  /** Starts the plan there, and answers the id of the execution. */
  start(order: RemoteOrder, signal: AbortSignal): Promise<string>;
  /** The execution that was started there with this mark, as far as it shows; `null`: none. */
  find(order: RemoteOrder, signal: AbortSignal): Promise<string | null>;
  /** `null`: there is none of that id. */
  read(executionId: string, signal: AbortSignal): Promise<RemoteExecution | null>;
  /** All that it tells of an execution that has ended. */
  export(executionId: string, signal: AbortSignal): Promise<RemoteExport>;
  /** Asks it to cancel; false if the execution had ended already. DRS jobs that run go on. */
  cancel(executionId: string, signal: AbortSignal): Promise<boolean>;
  /** Asks it to terminate what a drill has launched. Re-runnable: call it until it answers `done`. */
  terminate(executionId: string, signal: AbortSignal): Promise<'under_way' | 'done'>;
}

export interface RemoteOrder {
  readonly planId: string;
  readonly mode: 'drill' | 'recovery';
  /** Names this very start: 1 to 128 visible ASCII characters. */
  readonly mark: string;
}

export interface RemotePlan {
  /** Whether this server may start the mode there; `null`: it does not say. */
  readonly mayStart: boolean | null;
  /** How long the last completed execution of the plan took there, in ms; `null`: it does not say. */
  readonly lastTookMs: number | null;
}

export interface RemoteExecution {
  readonly executionId: string;
  /** `waiting`: for a person there. `partial`: ended, and some servers were not launched. */
  readonly status: 'running' | 'waiting' | 'completed' | 'partial' | 'failed' | 'cancelled';
  /** Their own word. */
  readonly statusThere: string;
  /** False for a word that is not known here; it counts as running. */
  readonly isKnown: boolean;
  /** What it says went wrong, or what it waits for. */
  readonly message?: string;
  /** ISO 8601. */
  readonly startedAt?: string;
  readonly completedAt?: string;
  /** As many waves as the plan there has; missing: as many as are listed. */
  readonly totalWaves?: number;
  /** Those that launch servers. */
  readonly waves: readonly RemoteWave[];
}

export interface RemoteWave {
  readonly name: string;
  readonly statusThere: string;
  readonly servers: readonly RemoteServer[];
}

export interface RemoteServer {
  readonly sourceServerId: string;
  readonly status: 'pending' | 'launched' | 'failed';
  /** Their own word, such as `LAUNCHED`. */
  readonly statusThere: string;
  readonly message?: string;
  /** Missing while the solution does not tell the recovery instance. */
  readonly recovered?: RecoveredServer;
}

export interface RemoteExport {
  /** With all that the solution tells of the recovery instances. */
  readonly execution: RemoteExecution;
  /** Their own export, verbatim. */
  readonly data: JsonObject;
}
