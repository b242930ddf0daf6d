import type { Operation, OperationContext } from '#adapters/contract.ts';
import type { RecoveredServer } from '#core/outcome.ts';
import type { ProtectionGroup, Script } from '#core/plan.ts';
import type { Clock } from '#core/clock.ts';
import type { SolutionDoor } from '#adapters/drs/solution-door.ts';
import type { Simulation } from '#sim/index.ts';

/** The account that cases work in, unless their scenario says otherwise. */
export const ACCOUNT = '111122223333';

/**
 * One use of one operation, for the generic tests of `test-operation.ts`. Every operation in the registry has a file of
 * them beside it, `<operation>.cases.ts`, that exports `cases`.
 */
export interface OperationCase {
  /** What is done, as the end of a sentence: `a cluster fails over to its best replica`. */
  readonly name: string;
  readonly operation: Operation;
  /** The estate: the account's `regions`, and its `route53` if need be, as a scenario file has them. */
  readonly estate: EstateSections;
  /** Default `us-west-2`. */
  readonly region?: string;
  readonly resources: object;
  readonly parameters?: object;
  readonly context?: CaseContext;
  /** How it ends when nothing goes wrong. Default `completed`. */
  readonly ends?: 'completed' | 'failed';
  /** Counts what was really done to the simulated AWS: rows of failovers, commands, changes. */
  readonly countEffects: (simulation: Simulation) => number;
  readonly effects: number;
  /** Effects when every AWS call is made twice, where AWS itself cannot tell the second from the first. Default `effects`. */
  readonly effectsWhenDoubled?: number;
  /** True if the world is as the operation promised. Asked whenever it says `completed`. */
  readonly isDone: (simulation: Simulation) => boolean;
  /** What `undo` is to bring about after a run that completed, and how many more effects that takes. */
  readonly undone?: { readonly is: (simulation: Simulation) => boolean; readonly effects: number };
  /** Faults after which it may say `failed` although they pass, each with the reason. */
  readonly mayFailAfter?: Partial<Record<FaultKind | 'crash', string>>;
}

export type FaultKind = 'throttle' | 'quota' | 'error' | 'responseLost' | 'staleReads' | 'regionDown';

export interface EstateSections {
  readonly regions: Readonly<Record<string, object>>;
  readonly route53?: object;
}

export interface CaseContext {
  readonly mode?: OperationContext['mode'];
  readonly waveNumber?: number;
  readonly attempt?: number;
  readonly planning?: boolean;
  readonly only?: readonly string[];
  readonly scripts?: Readonly<Record<string, Script>>;
  readonly protectionGroups?: readonly ProtectionGroup[];
  readonly recoveredServers?: readonly RecoveredServer[];
  /** The one solution that the settings name; the same for the same world. */
  readonly solution?: (simulation: Simulation, clock: Clock) => SolutionDoor;
}

/** A server that an earlier wave has recovered, as this instance of the case's account. */
export function recoveredServer(ec2InstanceId: string): RecoveredServer {
  return {
    sourceServerId: 's-00000000000000001',
    sourceInstanceId: 'i-source',
    recoveryInstanceId: ec2InstanceId,
    ec2InstanceId,
    privateIp: null,
    status: 'running',
    accountId: ACCOUNT,
    region: 'us-west-2',
    isDrill: false,
    pointInTime: null,
  };
}
