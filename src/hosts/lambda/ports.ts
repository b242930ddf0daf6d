import { createAws } from '#aws/create-aws.ts';
import { openDynamoDb } from '#aws/open-dynamodb.ts';
import { systemClock } from '#clocks/system.ts';
import type { Engine } from '#engine/port.ts';
import { stepFunctionsEngine } from '#engine/step-functions/engine.ts';
import { DynamoDbStore } from '#store/dynamodb/dynamodb-store.ts';
import type { Store } from '#store/port.ts';

interface Ports {
  readonly store: Store;
  /** Functions open gates. They start nothing: what is nested, the state machines start themselves. */
  readonly engine: Pick<Engine, 'completeTask'>;
}

/** The records and the engine of a deployment, by the environment of its functions: `AWS_REGION` and `TABLE_PREFIX`. */
export function openPorts(environment: Readonly<Record<string, string | undefined>>): Ports {
  const own = { clock: systemClock(), region: environment['AWS_REGION']! };
  const door = createAws({ ...own, accounts: async () => null, sessionName: 'breakwater-engine' });
  return {
    store: new DynamoDbStore({ dynamoDb: openDynamoDb(own), prefix: environment['TABLE_PREFIX'] ?? '' }),
    engine: stepFunctionsEngine({ calls: door.for({}).stepFunctions, machines: {} }),
  };
}
