import { systemClock } from '#clocks/system.ts';
import { substituteNames } from '#engine/asl/substitute.ts';
import { openEmbeddedEngine } from '#engine/embedded/engine.ts';
import { executionIdOf } from '#engine/embedded/executions.ts';
import type { EngineExecution } from '#engine/port.ts';
import { stepFunctionsEngine } from '#engine/step-functions/engine.ts';
import { LOCAL_NAMES } from '#workflow/handlers.ts';
import recovery from '#workflow/recovery.asl.json' with { type: 'json' };
import technology from '#workflow/technology.asl.json' with { type: 'json' };
import { inVirtualTime } from './interpreter-time.ts';
import { ACCOUNT, REGION, type Interpreter } from './interpreter.ts';
import type { LambdaServer } from './lambda-server.ts';
import type { Cast, Stage } from './perform.ts';
import { pollQueue } from './queue.ts';

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
export async function stepFunctionsStage(
  { interpreter, lambda }: { interpreter: Interpreter; lambda: LambdaServer },
  cast: Cast,
): Promise<Stage> {
  const { functions, receive, opened } = inVirtualTime(cast);
  const prefix = `stage${++stages}-`;
  const queue = await pollQueue(interpreter.url, `${prefix}pause-resume`, receive);
  for (const [name, handler] of Object.entries(functions)) lambda.functions.set(prefix + name, handler);
  const arnOf = (machine: string): string =>
    `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${prefix}${machine}`;
  const names = Object.entries(LOCAL_NAMES).map(([placeholder, name]) => {
    const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${prefix}${name}`;
    return [
      placeholder,
      placeholder === QUEUE ? queue.queueUrl : placeholder === MACHINE ? arnOf(name) : arn,
    ];
  });
  for (const [name, definition] of Object.entries({ recovery, technology })) {
    const values = Object.fromEntries(names) as Record<string, string>;
    await interpreter.createMachine(
      prefix + name,
      substituteNames(definition, values, () => {}),
    );
  }
  const machines = { recovery: arnOf('recovery'), technology: arnOf('technology') };
  const engine = stepFunctionsEngine({ calls: interpreter.calls, machines });
  return {
    engine: {
      ...engine,
      completeTask: (params) => {
        opened(params.taskToken);
        return engine.completeTask(params);
      },
    },
    idOf: (machine, name) => `${machines[machine].replace(':stateMachine:', ':execution:')}:${name}`,
    settled: async (executionId): Promise<EngineExecution> => {
      for (;;) {
        const execution = await engine.describe({ executionId });
        if (execution !== null && execution.status !== 'RUNNING') return execution;
        await systemClock().sleep(100);
      }
    },
    close: () => queue.close(),
  };
}
