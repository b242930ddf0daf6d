import type { Json } from '#core/json.ts';
import type { Failure } from '#core/outcome.ts';
import { applyTechnologyEvent, countExceptions, judgeWave, eventNamesOf } from '#core/progress.ts';
import type { WaveRecord } from '#core/records.ts';
import type { Change } from '#store/execution-change.ts';
import { z } from 'zod';
import { expiryOf } from './approval-gate.ts';
import { closeGate, openGates } from './gates.ts';
import { CaughtError, describeCaught, WaveInput } from './inputs.ts';
import { GATE_TIMEOUT_SECONDS, type Services } from './services.ts';
import { undone } from './technology-outcomes.ts';
import { move } from './wave-changes.ts';

/** What `WaveCompletionValidation` answers. */
type Completion = {
  readonly verdict: 'complete' | 'ask' | 'stop' | 'cancelled';
  readonly pauseAfterWave: boolean;
};

/** `WaveCompletionValidation`: judges the technologies that were tried. Re-runnable: the verdict follows from the records. */
export async function validateWaveCompletion(services: Services, input: Json): Promise<Json> {
  const { executionId, waveNumber } = WaveInput.parse(input);
  const completion = await services.executions.change(executionId, (change) =>
    judge(change, waveNumber, services.now()),
  );
  if (completion.verdict === 'stop') await openAllGates(services, executionId);
  return completion;
}

/** An execution that is to end lets go of all that waits. */
export async function openAllGates(services: Services, executionId: string): Promise<void> {
  const gates = await services.executions.gates(executionId);
  const open = gates.filter(({ status }) => status === 'open').map(({ waveNumber }) => waveNumber);
  await openGates(services, executionId, [...new Set(open)]);
}

async function judge(change: Change, waveNumber: number, now: number): Promise<Completion> {
  const wave = await change.wave(waveNumber);
  await failWhatEndedWithoutOutcome(change, waveNumber, now);
  const verdict = judgeWave(change.head(), await change.technologies(waveNumber));
  // A wave that is complete has been looked at; only a state machine that begins anew comes here again.
  const pauseAfterWave = wave.definition.pauseAfterWave && wave.status !== 'completed';
  if (verdict.kind === 'stop' && change.head().stopRequested === undefined) {
    change.putHead({ ...change.head(), stopRequested: { code: 'RecoveryFailed', message: verdict.reason } });
  }
  return { verdict: verdict.kind, pauseAfterWave };
}

/** A nested execution that ended without a word (stopped, timed out) leaves its technology in progress: that is a failure. */
async function failWhatEndedWithoutOutcome(change: Change, waveNumber: number, now: number): Promise<void> {
  for (const technology of await change.technologies(waveNumber)) {
    if (technology.status !== 'in_progress') continue;
    const error = { code: 'RecoveryFailed', message: 'its state machine ended without an outcome' };
    change.putTechnology({
      ...applyTechnologyEvent(technology, 'failed', new Date(now).toISOString()),
      error,
    });
    change.emit('TechnologyFailed', { waveNumber, ...eventNamesOf(technology), message: error.message });
  }
}

/**
 * `ApplyDecision`: `retry` makes what failed due again, `skip` passes it over; what never began because of it is still due.
 * `control` has written down who decided.
 */
export async function applyDecision(services: Services, input: Json): Promise<Json> {
  const { executionId, waveNumber, action, reason } = DecisionInput.parse(input);
  const left = await Promise.all(
    (await services.executions.technologies(executionId, waveNumber)).map((technology) =>
      undone(services, { executionId, ...technology }, technology),
    ),
  );
  await services.executions.change(executionId, async (change) => {
    for (const technology of await change.technologies(waveNumber)) {
      if (technology.status !== 'failed' || technology.due) continue;
      if (action === 'retry')
        change.putTechnology({
          ...technology,
          due: true,
          attempt: technology.attempt + 1,
          only: left[technology.technologyIndex] ?? null,
        });
      if (action === 'skip') {
        change.putTechnology(
          applyTechnologyEvent(technology, 'skipped', new Date(services.now()).toISOString()),
        );
        change.emit('TechnologySkipped', { waveNumber, ...eventNamesOf(technology), reason });
      }
    }
    const wave = await change.wave(waveNumber);
    const goesOn = action === 'retry' || action === 'skip';
    if (wave.status === 'paused' && goesOn) move(change, wave, 'resumed', { now: services.now() });
  });
  return { action };
}

const DecisionInput = WaveInput.extend({ action: z.string(), reason: z.string() });

/** `WaveComplete`: marks the wave, then opens the gates of the waves that wait for it. */
export async function completeWave(services: Services, input: Json): Promise<Json> {
  const { executionId, waveNumber } = WaveInput.parse(input);
  const { dependents } = await services.executions.change(executionId, async (change) => {
    const wave = await change.wave(waveNumber);
    if (wave.status !== 'completed') {
      const exceptions = countExceptions(await change.technologies(waveNumber));
      move(change, wave, 'completed', { now: services.now() });
      change.putHead({ ...change.head(), exceptions: change.head().exceptions + exceptions });
    }
    return wave;
  });
  await openGates(services, executionId, dependents);
  return { waveNumber, status: 'completed' };
}

/** `WaveAborted`: the wave failed or was cancelled; the gates behind it open only to be told so. */
export async function abortWave(services: Services, input: Json): Promise<Json> {
  const { executionId, waveNumber, failure } = WaveInput.extend({ failure: CaughtError }).parse(input);
  const { status, dependents, stops } = await services.executions.change(executionId, async (change) => {
    const wave = await change.wave(waveNumber);
    await endWave(change, wave, describeCaught(failure), services.now());
    return { ...(await change.wave(waveNumber)), stops: change.head().stopRequested !== undefined };
  });
  await openGates(services, executionId, dependents);
  if (stops) await openAllGates(services, executionId);
  return { waveNumber, status };
}

/** Ends a wave that has not ended, its gates and its technologies with it: failed if something failed, else cancelled. */
export async function endWave(
  change: Change,
  wave: WaveRecord,
  failure: Failure | null,
  now: number,
): Promise<void> {
  if (wave.status === 'completed' || wave.status === 'failed' || wave.status === 'cancelled') return;
  const expired = await leaveGates(change, wave.waveNumber, { failure, now });
  await failWhatEndedWithoutOutcome(change, wave.waveNumber, now);
  const technologies = await change.technologies(wave.waveNumber);
  const failed = failure !== null || technologies.some(({ status }) => status === 'failed');
  for (const technology of technologies) {
    if (technology.status !== 'pending') continue;
    change.putTechnology(applyTechnologyEvent(technology, 'cancelled', new Date(now).toISOString()));
  }
  const message = expired ?? failure?.message ?? judgementOf(technologies.map((t) => t.error?.message));
  move(change, wave, failed && !change.head().cancelRequested ? 'failed' : 'cancelled', { now, message });
}

/**
 * A gate that is still open when its wave ends has timed out, unless the state machine broke. Nobody can act at it any more, and
 * it says so. Answers what to say of the wave, if nobody answered.
 */
export async function leaveGates(
  change: Change,
  waveNumber: number,
  { failure, now }: { failure: Failure | null; now: number },
): Promise<string | undefined> {
  const open = (await change.gates(waveNumber)).filter(({ status }) => status === 'open');
  const isLate = failure?.code === 'States.Timeout';
  const action = isLate ? 'expired' : 'opened';
  const approval = isLate ? open.find(({ kind }) => kind === 'approval') : undefined;
  // Without the approval nothing more of the plan may begin.
  if (approval !== undefined && change.head().stopRequested === undefined)
    change.putHead({ ...change.head(), stopRequested: expiryOf(approval) });
  const reason = !isLate
    ? 'the execution is ending'
    : approval === undefined
      ? `nobody answered within ${GATE_TIMEOUT_SECONDS / 86_400} days`
      : expiryOf(approval).message;
  for (const gate of open) closeGate(change, gate, { proceed: false, action, by: 'breakwater', reason }, now);
  return isLate && open.length > 0 ? reason : undefined;
}

function judgementOf(messages: readonly (string | undefined)[]): string {
  return messages.filter((message) => message !== undefined).join('; ') || 'it did not begin';
}
