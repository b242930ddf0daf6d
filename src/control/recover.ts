import { hasCode } from '#core/errors.ts';
import { hasEnded } from '#core/states.ts';
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
    await say(deps, executionId);
    await restart(deps, executionId);
  }
  return heads.map(({ executionId }) => executionId);
}

/**
 * So long after it began, hardly anybody is in the middle of it any more. If somebody is, nothing is done twice: a start bears the
 * execution's name, and a token completes once.
 */
const GRACE_MS = 120_000;

/**
 * The same where nothing starts and nothing says that something has ended, every now and then: it looks at all unfinished executions, and
 * acts, and says so in an event, only where something was left undone and nobody can be about to do it. Answers those executions.
 * Any number of processes may do so at once. One that fails keeps no other from being looked at.
 */
export async function sweepExecutions(deps: ControlDeps): Promise<string[]> {
  const swept: string[] = [];
  const errors: unknown[] = [];
  for (const { executionId, startedAt } of await deps.services.executions.unfinished()) {
    if (deps.services.now() - Date.parse(startedAt) < GRACE_MS) continue;
    try {
      if (await sweep(deps, executionId)) swept.push(executionId);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
  return swept;
}

/** Answers whether there was anything to do. */
async function sweep(deps: ControlDeps, executionId: string): Promise<boolean> {
  const { services, engine } = deps;
  const machine = await engine.describe({ machine: 'recovery', name: executionId });
  if (machine?.status === 'RUNNING') {
    const closedBefore = services.now() - GRACE_MS;
    const count = await sweepGates(services, executionId, { closedBefore });
    if (count > 0) await say(deps, executionId, `${count === 1 ? 'a gate' : `${count} gates`} held it up`);
    return count > 0;
  }
  // Read behind the end of the state machine, whose last step writes how the execution has ended.
  if (hasEnded((await services.executions.head(executionId)).status)) return false;
  if (machine === null) {
    await startEngine(deps, executionId);
    await say(deps, executionId, 'its state machine had not been started');
    return true;
  }
  const { status, error: Error = 'Bug', cause } = machine;
  const Cause = `the state machine ended (${status}) without writing how${cause === undefined ? '' : `: ${cause}`}`;
  // The event of the end says why.
  await cleanUpExecution(services, { executionId, failure: { Error, Cause } });
  return true;
}

/** Unless it has ended meanwhile: its state machine may be at work. */
async function say({ services }: ControlDeps, executionId: string, undone?: string): Promise<void> {
  await services.executions.change(executionId, (change) => {
    if (hasEnded(change.head().status)) return;
    change.emit('ProcessRestarted', undone === undefined ? {} : { undone });
  });
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
