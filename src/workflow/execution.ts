import { formatDuration } from '#core/duration.ts';
import type { Json } from '#core/json.ts';
import type { Failure } from '#core/outcome.ts';
import { judgeExecution, requestPause } from '#core/progress.ts';
import { hasEnded, nextExecutionStatus } from '#core/states.ts';
import { approvalTimeoutSeconds, expiryOf } from './approval-gate.ts';
import { topologicalOrder } from '#core/wave-graph.ts';
import { CaughtError, describeCaught, ExecutionInput } from './inputs.ts';
import { GATE_TIMEOUT_SECONDS, type Services } from './services.ts';
import { endWave, leaveGates } from './waves.ts';

/**
 * `PreExecutionValidation`: the execution leaves planning. Answers the waves in topological order, and how long the execution and
 * each wave wait for approval (0: none is asked for).
 */
export async function validateExecution(services: Services, input: Json): Promise<Json> {
  const { executionId } = ExecutionInput.parse(input);
  const waves = await services.executions.waves(executionId);
  await services.executions.change(executionId, (change) => {
    const head = change.head();
    if (head.status !== 'planning') return;
    change.putHead({ ...head, status: nextExecutionStatus(head.status, 'work_began') });
    change.emit('ExecutionValidated', {
      waves: waves.length,
      expectedDuration: formatDuration(head.expectedMs),
    });
  });
  const { mode } = await services.executions.head(executionId);
  const { approval } = await services.executions.plan(executionId);
  const asked = new Map(waves.map(({ waveNumber, definition }) => [waveNumber, definition.approval]));
  return {
    waves: topologicalOrder(waves.map(({ definition }) => definition)).map((waveNumber) => ({
      waveNumber,
      approvalTimeoutSeconds: approvalTimeoutSeconds(asked.get(waveNumber), mode),
    })),
    gateTimeoutSeconds: GATE_TIMEOUT_SECONDS,
    approvalTimeoutSeconds: approvalTimeoutSeconds(approval, mode),
  };
}

/** `PostExecutionCleanup`: gives the locks back and writes how the execution ended. Always runs; safe to repeat. */
export async function cleanUpExecution(services: Services, input: Json): Promise<Json> {
  const { executionId, failure } = ExecutionInput.extend({ failure: CaughtError }).parse(input);
  await services.locks.release(executionId);
  const error = await leaveFirstGate(services, executionId, describeCaught(failure));
  await endWaves(services, executionId, error);
  const waves = await services.executions.waves(executionId);
  const ended = await services.executions.change(executionId, (change) => {
    const before = change.head();
    if (hasEnded(before.status)) return { status: before.status };
    const completedAt = new Date(services.now()).toISOString();
    const open = requestPause(error === null ? before : { ...before, error }, false, completedAt);
    const { event, outcome, reason } = judgeExecution(open, waves);
    const status = nextExecutionStatus(open.status, event);
    change.putHead({
      ...open,
      status,
      completedAt,
      ...(outcome === undefined ? {} : { outcome }),
      ...(event === 'failed' && error === null
        ? { error: open.stopRequested ?? { code: 'RecoveryFailed', message: reason ?? 'failed' } }
        : {}),
    });
    if (event === 'finished') change.emit('ExecutionCompleted', { outcome: outcome ?? 'clean' });
    if (event === 'failed') change.emit('ExecutionFailed', { message: error?.message ?? reason ?? 'failed' });
    if (event === 'cancelled') change.emit('ExecutionCancelled');
    return { status };
  });
  // Who locked something in between has not seen that it has ended; who does so from now on sees it.
  await services.locks.release(executionId);
  return ended;
}

/** The execution's own approval gate, if it is open still: it has expired, or the state machine broke. Answers the failure. */
async function leaveFirstGate(
  services: Services,
  executionId: string,
  failure: Failure | null,
): Promise<Failure | null> {
  return services.executions.change(executionId, async (change) => {
    const gate = (await change.gates(0)).find(({ status }) => status === 'open');
    if (gate === undefined) return failure;
    await leaveGates(change, 0, { failure, now: services.now() });
    return failure?.code === 'States.Timeout' ? expiryOf(gate) : failure;
  });
}

/**
 * A state machine that broke, or did not get its approval, has left its waves where they were. One change a wave: a change has at
 * most 100 writes.
 */
async function endWaves(services: Services, executionId: string, error: Failure | null): Promise<void> {
  for (const { waveNumber, status } of await services.executions.waves(executionId)) {
    if (status === 'completed' || status === 'failed' || status === 'cancelled') continue;
    await services.executions.change(executionId, async (change) => {
      const wave = await change.wave(waveNumber);
      const failure = wave.status === 'pending' ? null : error;
      if (!hasEnded(change.head().status)) await endWave(change, wave, failure, services.now());
    });
  }
}
