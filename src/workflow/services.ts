import type { Operation } from '#adapters/contract.ts';
import type { SolutionDoor } from '#adapters/drs/solution-door.ts';
import type { Aws } from '#aws/aws.ts';
import type { Json } from '#core/json.ts';
import type { ProtectionGroup } from '#core/plan.ts';
import type { ExecutionRepository } from '#store/executions.ts';
import type { LockRepository } from '#store/locks.ts';

/** What the handlers work with. The host makes it. */
export interface Services {
  readonly executions: ExecutionRepository;
  readonly locks: LockRepository;
  /** The door to AWS for one execution: its id is in the session name of every assumed role. */
  awsFor(executionId: string): Aws;
  /** Throws `OperationUnknown`. */
  findOperation(type: string, operation: string): Operation;
  /** A stored protection group, or `null`. */
  storedProtectionGroup(groupId: string): Promise<ProtectionGroup | null>;
  /** The door to a DRS solution of the settings for one execution; `null`: they have none of that name. */
  solution(name: string, executionId: string): Promise<SolutionDoor | null>;
  /** Opens a gate of the state machine; answers whether it did. Opening one that has been left already does nothing. */
  completeTask(taskToken: string, output: Json): Promise<boolean>;
  now(): number;
  /** Aborts when the process stops. */
  readonly signal: AbortSignal;
}

/** How long a gate waits for a person before its wave fails. */
export const GATE_TIMEOUT_SECONDS = 7 * 24 * 3600;
