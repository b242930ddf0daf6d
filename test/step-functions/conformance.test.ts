import { beforeAll, describe } from 'vitest';
import { systemClock } from '#clocks/system.ts';
import { substituteNames } from '#engine/asl/substitute.ts';
import { engineConformance, type World } from '#engine/conformance.ts';
import { stepFunctionsEngine } from '#engine/step-functions/engine.ts';
import { HAS_PYTHON } from '../support/python.ts';
import { settled, startIndependent, type Independent } from './support/independent.ts';
import { functionArn, machineArn, REGION } from './support/interpreter.ts';
import { pollQueue, takeEach, type PolledQueue } from './support/queue.ts';

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
let where: Independent;
let worlds = 0;
const queuesOf = new Map<World, PolledQueue[]>();

describe.runIf(HAS_PYTHON).concurrent('on the independent interpreter', () => {
  beforeAll(async () => {
    where = await startIndependent();
    return () => where.close();
  }, 120_000);

  engineConformance({
    name: 'Step Functions',
    leftOut: DIFFERENCES,
    setup: async ({ machines, functions = {}, queues = {} }) => {
      const { interpreter, lambda } = where;
      const prefix = `w${++worlds}-`;
      const arns = Object.fromEntries(Object.keys(machines).map((name) => [name, machineArn(prefix + name)]));
      const names: Record<string, string> = { ...arns };
      for (const [name, handler] of Object.entries(functions)) {
        lambda.functions.set(prefix + name, handler);
        names[name] = functionArn(prefix + name);
      }
      const polled: PolledQueue[] = [];
      for (const [name, handler] of Object.entries(queues)) {
        const queue = await pollQueue({
          url: interpreter.url,
          name: prefix + name,
          take: takeEach(handler),
        });
        polled.push(queue);
        names[name] = queue.queueUrl;
      }
      for (const [name, machine] of Object.entries(machines)) {
        const definition = JSON.stringify(substituteNames(machine, names, () => {}));
        await interpreter.createMachine({ name: prefix + name, definition });
      }
      const engine = stepFunctionsEngine({ calls: interpreter.callsIn(REGION), machines: arns });
      const world: World = {
        engine,
        settled: (executionId) => settled(engine, executionId),
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
