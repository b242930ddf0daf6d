import { isBreakwaterError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type { Script } from '#core/plan.ts';
import type { OperationContext } from '../contract.ts';
import { failureOf, isAmbiguous } from '../shared/aws-failure.ts';
import { placeOf, targetAt } from '../shared/place.ts';
import type { IntentNotes } from '../shared/intent-notes.ts';
import {
  failRun,
  OUTPUT_CHARACTERS,
  type ScriptNote,
  type ScriptRun,
  type ScriptStep,
} from './scripts-state.ts';

interface Invoking {
  readonly context: OperationContext;
  readonly notes: IntentNotes<ScriptNote>;
  readonly scriptIndex: number;
  readonly script: Extract<Script, { type: 'lambda' }>;
  readonly rerunnable: boolean;
}

const MOST_TRIES = 3;

/**
 * Invokes a function and waits for its answer. Lambda has no client token, and nothing can be looked up afterwards: if the answer was
 * lost, nobody knows whether the function ran. It is then invoked again only if the plan says that it may be.
 */
export async function stepLambda(invoking: Invoking, run: ScriptRun): Promise<ScriptStep> {
  const { context, notes, scriptIndex, rerunnable } = invoking;
  const key = `s${scriptIndex}`;
  const note = notes.get(key);
  if (note?.answer !== undefined) return answered(invoking, run, note.answer);
  const tries = note?.at === 0 ? (note.tries ?? 1) - 1 : (note?.tries ?? 0);
  if (tries > 0 && (!rerunnable || tries >= MOST_TRIES)) {
    const message = `nobody knows whether ${run.name} ran: the answer of Lambda was lost${rerunnable ? `, ${tries} times` : ', and parameters.rerunnable is not true'}`;
    return failRun(run, { code: 'OutcomeUnknown', message }, context.now());
  }
  await notes.put(key, { at: context.now(), tries: tries + 1 });
  try {
    const answer = await invoke(invoking, run.name);
    await notes.put(key, { at: context.now(), tries: tries + 1, answer });
    return answered(invoking, run, answer);
  } catch (error) {
    if (!isBreakwaterError(error)) throw error;
    if (isAmbiguous(error))
      return {
        run: { ...run, status: 'running', detail: `${run.name}: its answer was lost` },
        outcomes: [],
        waitMs: 5_000,
      };
    await notes.put(key, { at: 0, tries: tries + 1 });
    if (error.retry !== 'terminal') throw error;
    return failRun(run, failureOf(error), context.now());
  }
}

async function invoke(invoking: Invoking, name: string): Promise<NonNullable<ScriptNote['answer']>> {
  const { context, script } = invoking;
  const { lambda } = targetAt(context, placeOf(context, script));
  const Payload = new TextEncoder().encode(JSON.stringify(payloadOf(invoking, name)));
  const answer = await lambda.invoke({ FunctionName: script.functionName, Payload }, context.signal);
  const output = answer.Payload === undefined ? '' : new TextDecoder().decode(answer.Payload);
  return {
    error: answer.FunctionError ?? null,
    output: output.slice(0, OUTPUT_CHARACTERS),
    truncated: output.length > OUTPUT_CHARACTERS,
  };
}

/** The plan's payload with `breakwater`: who calls, and an id that is the same however often this attempt calls. */
function payloadOf({ context, script, scriptIndex }: Invoking, name: string): JsonObject {
  const { executionId, mode, waveNumber, technologyIndex, attempt } = context;
  const { payload } = script;
  const isObject = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
  return {
    ...(isObject ? payload : { payload }),
    breakwater: {
      executionId,
      mode,
      waveNumber,
      technologyIndex,
      attempt,
      script: name,
      idempotencyId: `${executionId}/w${waveNumber}/t${technologyIndex}/a${attempt}/s${scriptIndex}`,
    },
  };
}

function answered(
  { context, script }: Invoking,
  run: ScriptRun,
  { error, output, truncated }: NonNullable<ScriptNote['answer']>,
): ScriptStep {
  const times = {
    startedAt: new Date(run.startedAt).toISOString(),
    completedAt: new Date(context.now()).toISOString(),
  };
  const result = { script: run.name, functionName: script.functionName, output, truncated };
  const about = { resourceId: run.name, ...times, result };
  if (error === null) {
    return {
      run: { ...run, status: 'completed', succeeded: 1, detail: `${run.name}: succeeded` },
      outcomes: [{ ...about, status: 'completed', detail: 'the function succeeded' }],
      waitMs: null,
    };
  }
  const message = `${script.functionName} failed (${error}): ${output.slice(0, 300)}`;
  return {
    run: { ...run, status: 'failed', failed: 1, detail: message },
    outcomes: [
      { ...about, status: 'failed', detail: message, error: { code: 'lambda:FunctionError', message } },
    ],
    waitMs: null,
  };
}
