import path from 'node:path';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { systemClock } from '#clocks/system.ts';
import { createAws } from '#aws/create-aws.ts';
import { stepFunctionsService, type StepFunctionsCalls } from '#aws/services/step-functions.ts';
import { ROOT } from '../../repo-files.ts';
import { startForeignServer } from '../../support/foreign-server.ts';
import { PYTHON } from '../../support/python.ts';

export const REGION = 'us-east-1';
export const ACCOUNT = '123456789012';
const CREDENTIALS = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };

/** A state machine's, or that of an execution of it. */
export function machineArn(name: string, region: string = REGION): string {
  return `arn:aws:states:${region}:${ACCOUNT}:stateMachine:${name}`;
}

export function executionArn(ofMachine: string, name: string): string {
  return `${ofMachine.replace(':stateMachine:', ':execution:')}:${name}`;
}

export function functionArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
}

/** A running interpreter. */
export interface Interpreter {
  readonly url: string;
  /** What the engine calls, through the door. */
  callsIn(region: string): StepFunctionsCalls;
  /** Creates a state machine. Throws what the interpreter says of a definition that it refuses. */
  createMachine(machine: { name: string; definition: string; region?: string }): Promise<void>;
  close(): Promise<void>;
}

/** Starts the interpreter; its tasks find Lambda at `lambdaUrl`, and its Wait states are `waitSpeed` times as short. */
export async function startInterpreter({
  lambdaUrl,
  waitSpeed = 1,
}: {
  lambdaUrl: string;
  waitSpeed?: number;
}): Promise<Interpreter> {
  const { url, stop } = await startForeignServer({
    name: 'the interpreter (npm run test:cloud brings it)',
    program: PYTHON,
    args: (port) => [path.join(import.meta.dirname, '../oracle/serve.py'), port, process.execPath],
    environment: {
      PATH: process.env['PATH'],
      PYTHONUNBUFFERED: '1',
      NODE_PATH: path.join(ROOT, 'node_modules'),
      AWS_DEFAULT_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_ENDPOINT_URL_LAMBDA: lambdaUrl,
      WAIT_SPEED: String(waitSpeed),
    },
  });
  const place = { endpoint: url, credentials: CREDENTIALS };
  return {
    url,
    callsIn: (region) => {
      const door = createAws({
        ...place,
        region,
        services: { stepFunctions: stepFunctionsService },
        clock: systemClock(),
        accounts: async () => null,
        sessionName: 'test',
      });
      return door.for({}).stepFunctions;
    },
    createMachine: async ({ region = REGION, ...machine }) => {
      const client = new SFNClient({ ...place, region });
      const roleArn = `arn:aws:iam::${ACCOUNT}:role/states`;
      await client.send(new CreateStateMachineCommand({ ...machine, roleArn }));
      client.destroy();
    },
    close: stop,
  };
}
