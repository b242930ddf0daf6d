import { systemClock } from '#clocks/system.ts';
import type { Engine, EngineExecution } from '#engine/port.ts';
import { startInterpreter, type Interpreter } from './interpreter.ts';
import { startLambdaServer, type LambdaServer } from './lambda-server.ts';

/** An interpreter that we did not write, and the functions that its tasks find. */
export interface Independent {
  readonly interpreter: Interpreter;
  readonly lambda: LambdaServer;
  close(): Promise<void>;
}

export async function startIndependent(): Promise<Independent> {
  const lambda = await startLambdaServer();
  const interpreter = await startInterpreter({ lambdaUrl: lambda.url });
  return {
    interpreter,
    lambda,
    close: async () => {
      await interpreter.close();
      await lambda.close();
    },
  };
}

/** Waits in real time until an execution has ended. */
export async function settled(engine: Engine, executionId: string): Promise<EngineExecution> {
  for (const clock = systemClock(); ; await clock.sleep(50)) {
    const execution = await engine.describe({ executionId });
    if (execution === null) throw new TypeError(`there is no ${executionId}`);
    if (execution.status !== 'RUNNING') return execution;
  }
}
