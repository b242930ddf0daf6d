import { createAws } from '#aws/create-aws.ts';
import { stepFunctionsService } from '#aws/services/step-functions.ts';
import { openDynamoDb } from '#aws/open-dynamodb.ts';
import { systemClock } from '#clocks/system.ts';
import type { Engine } from '#engine/port.ts';
import { stepFunctionsEngine } from '#engine/step-functions/engine.ts';
import { DynamoDbStore } from '#store/dynamodb/dynamodb-store.ts';
import type { Store } from '#store/port.ts';

/** The variables of a function. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Ports {
  readonly store: Store;
  readonly engine: Engine;
}

/**
 * The records and the engine of a deployment, by the environment of its functions: `AWS_REGION` and `TABLE_PREFIX`; and, where
 * executions are started, the ARN of the state machine in `RECOVERY_MACHINE`.
 */
export function openPorts(environment: Environment): Ports {
  const own = { clock: systemClock(), region: environment['AWS_REGION']! };
  const services = { stepFunctions: stepFunctionsService };
  const door = createAws({ ...own, services, accounts: async () => null, sessionName: 'breakwater-engine' });
  return {
    store: new DynamoDbStore({ dynamoDb: openDynamoDb(own), prefix: environment['TABLE_PREFIX'] ?? '' }),
    engine: stepFunctionsEngine({ calls: door.for({}).stepFunctions, machines: machinesIn(environment) }),
  };
}

function machinesIn({ RECOVERY_MACHINE: recovery }: Environment) {
  return { ...(recovery && { recovery }) };
}
