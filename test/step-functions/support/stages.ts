import { substituteNames } from '#engine/asl/substitute.ts';
import { openEmbeddedEngine } from '#engine/embedded/engine.ts';
import { executionIdOf } from '#engine/embedded/executions.ts';
import { stepFunctionsEngine } from '#engine/step-functions/engine.ts';
import { LOCAL_NAMES } from '#workflow/handlers.ts';
import recovery from '#workflow/recovery.asl.json' with { type: 'json' };
import technology from '#workflow/technology.asl.json' with { type: 'json' };
import { settled, type Independent } from './independent.ts';
import { inVirtualTime } from './interpreter-time.ts';
import { executionArn, functionArn, machineArn, REGION } from './interpreter.ts';
import type { Cast, Stage } from './perform.ts';
import { pollQueue, takeEach } from './queue.ts';

const QUEUE = 'PauseResumeQueue';
const MACHINE = 'TechnologyStateMachine';

export async function embeddedStage({ clock, functions, receive }: Cast): Promise<Stage> {
  const engine = await openEmbeddedEngine({
    path: ':memory:',
    clock,
    newId: () => 'unused',
    machines: { recovery, technology },
    substitutions: LOCAL_NAMES,
    functions,
    queues: { [LOCAL_NAMES[QUEUE]!]: receive },
  });
  return {
    engine,
    idOf: executionIdOf,
    settled: (executionId) => engine.settled({ executionId }),
    close: () => engine.close(),
  };
}

let stages = 0;

/** Our machines on the interpreter, under names of their own; their functions behind the Invoke API, their queue in its SQS. */
export async function stepFunctionsStage({ interpreter, lambda }: Independent, cast: Cast): Promise<Stage> {
  const { functions, receive, opened } = inVirtualTime(cast);
  const prefix = `stage${++stages}-`;
  const queue = await pollQueue({
    url: interpreter.url,
    name: `${prefix}pause-resume`,
    take: takeEach(receive),
  });
  for (const [name, handler] of Object.entries(functions)) lambda.functions.set(prefix + name, handler);
  const names = Object.entries(LOCAL_NAMES).map(([placeholder, name]) => {
    if (placeholder === QUEUE) return [placeholder, queue.queueUrl];
    return [placeholder, (placeholder === MACHINE ? machineArn : functionArn)(prefix + name)];
  });
  const values = Object.fromEntries(names) as Record<string, string>;
  for (const [name, machine] of Object.entries({ recovery, technology })) {
    const definition = JSON.stringify(substituteNames(machine, values, () => {}));
    await interpreter.createMachine({ name: prefix + name, definition });
  }
  const machines = {
    recovery: machineArn(`${prefix}recovery`),
    technology: machineArn(`${prefix}technology`),
  };
  const engine = stepFunctionsEngine({ calls: interpreter.callsIn(REGION), machines });
  return {
    engine: {
      ...engine,
      completeTask: (params) => {
        opened(params.taskToken);
        return engine.completeTask(params);
      },
    },
    idOf: (machine, name) => executionArn(machines[machine], name),
    settled: (executionId) => settled(engine, executionId),
    close: () => queue.close(),
  };
}
