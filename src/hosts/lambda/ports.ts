import { BreakwaterError } from '#core/errors.ts';
import type { Engine } from '#engine/port.ts';
import type { Store } from '#store/port.ts';

export interface Ports {
  readonly store: Store;
  readonly engine: Pick<Engine, 'completeTask'>;
}

/**
 * The records and the engine of a deployment, by the environment that `infra/src/stacks/workflow.ts` gives its functions:
 * `TABLE_PREFIX`, `RECOVERY_MACHINE`, `TECHNOLOGY_MACHINE`. Neither `store/dynamodb` nor `engine/step-functions` is here yet: until
 * then every function refuses to work, and says why. This is the one file to change.
 */
export function openPorts(_environment: Readonly<Record<string, string | undefined>>): Ports {
  throw new BreakwaterError(
    'HostIncomplete',
    'this build has neither the records in DynamoDB nor the engine on Step Functions',
  );
}
