import { hasCode } from '#core/errors.ts';
import { cleanUpExecution } from '#workflow/execution.ts';
import { sweepGates } from '#workflow/gates.ts';
import type { ControlDeps } from './deps.ts';
import { startEngine } from './start.ts';

/**
 * Makes up for what a process that died left undone: an execution whose records exist but whose state machine does
 * not, gates that were closed and not passed on. Answers the executions that go on. Safe to repeat.
 */
export async function recoverExecutions(deps: ControlDeps): Promise<string[]> {
  const { executions } = deps.services;
  const heads = await executions.unfinished();
  for (const { executionId } of heads) {
    await executions.change(executionId, (change) => change.emit('ProcessRestarted'));
    await restart(deps, executionId);
  }
  return heads.map(({ executionId }) => executionId);
}

async function restart(deps: ControlDeps, executionId: string): Promise<void> {
  try {
    await startEngine(deps, executionId);
  } catch (error) {
    if (!hasCode(error, 'EngineExecutionExists')) throw error;
    // The state machine has ended without its clean-up having been written: that is a failure, and it says so.
    const failure = { Error: 'Bug', Cause: 'the state machine ended without writing how' };
    await cleanUpExecution(deps.services, { executionId, failure });
    return;
  }
  await sweepGates(deps.services, executionId);
}
