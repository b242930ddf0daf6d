import { openDynamoDb } from '#aws/open-dynamodb.ts';
import { systemClock } from '#clocks/system.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Engine } from '#engine/port.ts';
import { DynamoDbStore } from '#store/dynamodb/dynamodb-store.ts';
import type { Store } from '#store/port.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface Ports {
  readonly store: Store;
  readonly engine: Pick<Engine, 'completeTask'>;
}

/**
 * The records and the engine of a deployment, by the environment that `infra/src/stacks/workflow.ts` gives its functions:
 * `TABLE_PREFIX`, `RECOVERY_MACHINE`, `TECHNOLOGY_MACHINE`.
 */
export function openPorts(environment: Environment): Ports {
  const dynamoDb = openDynamoDb({ clock: systemClock(), region: environment['AWS_REGION']! });
  const store = new DynamoDbStore({ dynamoDb, prefix: environment['TABLE_PREFIX'] ?? '' });
  return { store, engine: openEngine() };
}

/**
 * `engine/step-functions` is not here yet. A function that cannot open a gate must not begin what waits behind it: until then every
 * function refuses to work, and says why.
 */
function openEngine(): Ports['engine'] {
  throw new BreakwaterError('HostIncomplete', 'this build has no engine on Step Functions yet');
}
