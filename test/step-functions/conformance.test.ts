import { beforeAll, describe } from 'vitest';
import { systemClock } from '#clocks/system.ts';
import { substituteNames } from '#engine/asl/substitute.ts';
import { engineConformance, type World } from '#engine/conformance.ts';
import { stepFunctionsEngine } from '#engine/step-functions/engine.ts';
import {
  ACCOUNT,
  HAS_INTERPRETER,
  REGION,
  startInterpreter,
  type Interpreter,
} from './support/interpreter.ts';
import { startLambdaServer, type LambdaServer } from './support/lambda-server.ts';
import { pollQueue, type PolledQueue } from './support/queue.ts';

/** Where this interpreter differs from what AWS documents; oracle/README.md has the sources. */
const DIFFERENCES = [
  {
    reason: 'it assigns before it makes the output',
    tests: ['Assign and Output of one state both see the variables as they were before it.'],
  },
  {
    reason: 'it says States.Runtime',
    tests: [
      'Choice without a match and without Default fails with States.NoChoiceMatched.',
      'A condition that is not true or false fails with States.QueryEvaluationError.',
      'An expression that goes wrong fails with States.QueryEvaluationError.',
    ],
  },
  {
    reason: 'it lets States.ALL catch it',
    tests: ['A result of more than 256 KiB is States.DataLimitExceeded, which States.ALL does not catch.'],
  },
  {
    reason: 'it lets a nested execution go on when nobody waits for it any more',
    tests: [
      'A nested execution that takes longer than the task may is stopped.',
      'A branch that fails stops the nested executions of the others.',
    ],
  },
  {
    reason: 'it sends the same token again',
    tests: ['Each retry has a token of its own; the earlier one is used up.'],
  },
  {
    reason: 'it says States.Timeout',
    tests: ['A heartbeat postpones States.HeartbeatTimeout.'],
  },
];

const clock = systemClock();
let lambda: LambdaServer;
let interpreter: Interpreter;
let worlds = 0;
const queuesOf = new Map<World, PolledQueue[]>();

describe.runIf(HAS_INTERPRETER).concurrent('on the independent interpreter', () => {
  beforeAll(async () => {
    lambda = await startLambdaServer();
    interpreter = await startInterpreter({ lambdaUrl: lambda.url });
    return async () => {
      await interpreter.close();
      await lambda.close();
    };
  }, 120_000);

  engineConformance({
    name: 'Step Functions',
    leftOut: DIFFERENCES,
    setup: async ({ machines, functions = {}, queues = {} }) => {
      const prefix = `w${++worlds}-`;
      const arns = Object.fromEntries(
        Object.keys(machines).map((name) => [
          name,
          `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${prefix}${name}`,
        ]),
      );
      const names: Record<string, string> = { ...arns };
      for (const [name, handler] of Object.entries(functions)) {
        lambda.functions.set(prefix + name, handler);
        names[name] = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${prefix}${name}`;
      }
      const polled: PolledQueue[] = [];
      for (const [name, handler] of Object.entries(queues)) {
        const queue = await pollQueue(interpreter.url, prefix + name, handler);
        polled.push(queue);
        names[name] = queue.queueUrl;
      }
      for (const [name, definition] of Object.entries(machines)) {
        await interpreter.createMachine(
          prefix + name,
          substituteNames(definition, names, () => {}),
        );
      }
      const engine = stepFunctionsEngine({ calls: interpreter.calls, machines: arns });
      const world: World = {
        engine,
        settled: async (executionId) => {
          for (;;) {
            const execution = await engine.describe({ executionId });
            if (execution === null) throw new TypeError(`there is no ${executionId}`);
            if (execution.status !== 'RUNNING') return execution;
            await clock.sleep(50);
          }
        },
        now: () => clock.now(),
        sleep: (ms) => clock.sleep(ms),
      };
      queuesOf.set(world, polled);
      return world;
    },
    teardown: async (world) => {
      for (const queue of queuesOf.get(world)!) await queue.close();
    },
  });
});
