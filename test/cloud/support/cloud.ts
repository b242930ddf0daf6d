import { CreateTableCommand, DynamoDBClient, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { openDynamoDb } from '#aws/open-dynamodb.ts';
import { scaledClock } from '#clocks/scaled.ts';
import { systemClock } from '#clocks/system.ts';
import type { JsonObject } from '#core/json.ts';
import { stepFunctionsEngine } from '#engine/step-functions/engine.ts';
import { DynamoDbStore } from '#store/dynamodb/dynamodb-store.ts';
import { startDynamoDbLocal } from '#store/dynamodb/testing/dynamodb-local.ts';
import type { Store } from '#store/port.ts';
import { createSimulation, readScenario, type Simulation } from '#sim/index.ts';
import {
  ACCOUNT,
  executionArn,
  machineArn,
  startInterpreter,
  type Interpreter,
} from '../../step-functions/support/interpreter.ts';
import type { Stage } from '../../step-functions/support/perform.ts';
import { functionsIn, machinesIn, queueIn, synthesize, tablesIn, type Assembly } from './assembly.ts';
import { startEventSource } from './event-source.ts';
import { startLambdaService, type Deployed, type LambdaService, type Trouble } from './lambda-service.ts';

/**
 * How many times as fast as real time it is in the simulated AWS, in the functions, and in Wait states. Everything else takes the time
 * that it takes: so a technology is polled less often than in the time of the world.
 */
export const SPEED = 60;

/** What all deployments share: the services that are not ours, each in a process of its own. */
export interface Providers {
  readonly assembly: Assembly;
  readonly lambda: LambdaService;
  /** With its SQS. */
  readonly interpreter: Interpreter;
  readonly dynamoDb: string;
  /** Deployments are told apart by their Regions: each of these tests has one of its own. */
  nextRegion(): string;
  close(): Promise<void>;
}

/** Those that the interpreter knows, and that an account need not opt in to. */
const REGIONS = [
  'us-east-1 us-east-2 us-west-1 us-west-2 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 ca-central-1 sa-east-1',
  'ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2',
].flatMap((names) => names.split(' '));

export async function startProviders(): Promise<Providers> {
  const [assembly, lambda, local] = await Promise.all([
    synthesize(),
    startLambdaService(),
    startDynamoDbLocal(),
  ]);
  const interpreter = await startInterpreter({ lambdaUrl: lambda.url, waitSpeed: SPEED });
  const regions = [...REGIONS];
  return {
    assembly,
    nextRegion: () => regions.shift()!,
    lambda,
    interpreter,
    dynamoDb: local.endpoint,
    close: async () => {
      await interpreter.close();
      await local.stop();
      await lambda.close();
      assembly.remove();
    },
  };
}

/** The answer of an API operation by direct invoke. */
interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  /** Of the document that the body is. */
  readonly revision?: number;
  /** The function died before, maybe after it had done what was asked. */
  readonly isRepeated: boolean;
}

/** A deployment in a Region of its own, with an estate to recover. */
export interface Cloud {
  readonly simulation: Simulation;
  /** For looking only. */
  readonly store: Store;
  readonly stage: Pick<Stage, 'engine' | 'idOf'>;
  readonly deployed: Deployed;
  /** An operation of the API by direct invoke. A function that died is asked again, as whoever asks would do. */
  ask(event: JsonObject): Promise<Answer>;
  close(): Promise<void>;
}

interface CloudParams {
  readonly providers: Providers;
  /** A scenario as YAML. Its time begins now. */
  readonly estate: string;
  readonly troubles?: readonly Trouble[];
}

/** Creates what the templates describe, in the order in which CloudFormation could. */
export async function deployCloud({ providers, estate, troubles = [] }: CloudParams): Promise<Cloud> {
  const region = providers.nextRegion();
  const { assembly, interpreter, dynamoDb, lambda } = providers;
  const clock = systemClock();
  const scenario = { ...readScenario(estate), startsAt: clock.now() };
  const simulation = createSimulation({
    scenario,
    clock: scaledClock({ startsAt: scenario.startsAt, speed: SPEED }),
  });
  const { url } = await simulation.listen({ port: 0 });
  const [{ accessKeyId, secretAccessKey }] = simulation.accounts as [Simulation['accounts'][number]];
  const credentials = { accessKeyId, secretAccessKey };
  const known = { region, account: ACCOUNT, refs: {} };

  const tables = new DynamoDBClient({ region, endpoint: dynamoDb, credentials });
  for (const table of tablesIn(assembly, known))
    await tables.send(new CreateTableCommand(table as unknown as CreateTableCommandInput));
  tables.destroy();

  const deployed = lambda.deploy({
    region,
    account: ACCOUNT,
    functions: functionsIn(assembly, known),
    environment: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      WORLD_TIME: JSON.stringify({ startsAt: scenario.startsAt, speed: SPEED }),
    },
    endpoints: { dynamodb: dynamoDb, states: interpreter.url, sqs: interpreter.url, '*': url },
    troubles,
  });
  const queue = queueIn(assembly, known);
  const source = await startEventSource({ url: interpreter.url, region, queue, deployed });
  const refs = { [queue.logicalId]: source.queueUrl };
  for (const machine of machinesIn(assembly, { ...known, refs }))
    await interpreter.createMachine({ ...machine, region });

  const dynamoDbDoor = openDynamoDb({ clock, region, credentials, endpoint: dynamoDb });
  const machines = {
    recovery: machineArn('breakwater-recovery', region),
    technology: machineArn('breakwater-technology', region),
  };
  return {
    simulation,
    store: new DynamoDbStore({ dynamoDb: dynamoDbDoor, prefix: '' }),
    stage: {
      engine: stepFunctionsEngine({ calls: interpreter.callsIn(region), machines }),
      idOf: (machine, name) => executionArn(machines[machine], name),
    },
    deployed,
    ask: (event) => ask(deployed, event),
    close: async () => {
      await source.close();
      await deployed.remove();
      await simulation.close();
    },
  };
}

const MOST_ASKED = 100;
const BUSY_MS = 500;

async function ask(deployed: Deployed, event: JsonObject): Promise<Answer> {
  for (let times = 1; ; times++) {
    const { payload, isError } = await deployed.invoke('breakwater-api', 'break-glass', event);
    const answer = payload as Omit<Answer, 'isRepeated'>;
    // 429: the one that died holds the key of this request, for a while.
    if (!isError && answer.status !== 429) return { ...answer, isRepeated: times > 1 };
    if (times === MOST_ASKED) throw new TypeError(`${JSON.stringify(event)}: ${JSON.stringify(payload)}`);
    await systemClock().sleep(BUSY_MS);
  }
}
