import { parseDuration } from '#core/duration.ts';
import { isBreakwaterError, messageOf } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type { ResourceOutcome } from '#core/outcome.ts';
import type { Operation, OperationContext, OperationInput, Progress } from '../contract.ts';
import { failureOf } from '../shared/aws-failure.ts';
import { targetAt } from '../shared/place.ts';
import { openIntentNotes, type IntentNotes } from '../shared/intent-notes.ts';
import { stepCommands } from './command-run.ts';
import { describeMissing, findScript } from './find-script.ts';
import { stepLambda } from './lambda-run.ts';
import { findInstances } from '../shared/find-instances.ts';
import { assessScripts } from './scripts-assess.ts';
import { ScriptsParameters, ScriptsResources } from './scripts-schema.ts';
import {
  failRun,
  isDue,
  MOST_TARGETS,
  onlyDue,
  type ScriptNote,
  type ScriptRun,
  type ScriptsState,
  type ScriptStep,
} from './scripts-state.ts';

type Input = OperationInput<ScriptsResources, ScriptsParameters>;

/** Runs scripts: inline commands and SSM documents on instances, and Lambda functions. */
export const scripts: Operation<ScriptsResources, ScriptsParameters, ScriptsState> = {
  technology: 'application',
  operation: 'scripts',
  summary: 'runs scripts on instances through Systems Manager, and Lambda functions',
  resources: ScriptsResources,
  parameters: ScriptsParameters,
  drillDefault: 'perform',
  iamActions: [
    'ec2:DescribeInstances',
    'drs:DescribeSourceServers',
    'ssm:DescribeDocument',
    'ssm:DescribeInstanceInformation',
    'ssm:SendCommand',
    'ssm:ListCommands',
    'ssm:ListCommandInvocations',
    'ssm:GetCommandInvocation',
    'ssm:CancelCommand',
    'lambda:GetFunctionConfiguration',
    'lambda:InvokeFunction',
  ],
  assess: assessScripts,
  start: (context, input) => step(context, input, openRuns(context, input)),
  poll: step,
  cancel,
  undo: { irreversible: 'what a script has done is not known to Breakwater' },
};

/** On a retry, only scripts that failed somewhere, or were not run, are run. */
function openRuns(context: OperationContext, { resources }: Input): ScriptsState {
  const run = {
    status: 'pending',
    startedAt: 0,
    unsent: [],
    chunks: [],
    succeeded: 0,
    failed: 0,
    detail: '',
  } as const;
  return {
    scripts: resources.scripts.filter((name) => isDue(context, name)).map((name) => ({ ...run, name })),
  };
}

async function step(
  context: OperationContext,
  input: Input,
  state: ScriptsState,
): Promise<Progress<ScriptsState>> {
  const notes = await openIntentNotes<ScriptNote>(context);
  const runs: ScriptRun[] = [];
  const outcomes: ResourceOutcome[] = [];
  const waits: number[] = [];
  const trouble: unknown[] = [];
  for (const before of state.scripts) {
    const turn = turnOf(before, runs, input.parameters);
    if (turn === 'wait' || turn === 'over') {
      runs.push(before);
      continue;
    }
    try {
      const next =
        turn === 'run'
          ? await stepScript(context, input, { run: before, notes })
          : failRun(before, { code: 'NotRun', message: turn.reason }, context.now());
      runs.push(next.run);
      outcomes.push(...next.outcomes);
      if (next.waitMs !== null) waits.push(next.waitMs);
    } catch (error) {
      if (!isBreakwaterError(error) || error.retry === 'bug') throw error;
      if (error.retry === 'terminal') {
        const next = failRun(before, failureOf(error), context.now());
        runs.push(next.run);
        outcomes.push(...next.outcomes);
        continue;
      }
      trouble.push(error);
      runs.push({ ...before, detail: `${before.name}: ${messageOf(error)}` });
    }
  }
  if (trouble.length > 0 && outcomes.length === 0 && waits.length === 0) throw trouble[0];
  if (trouble.length > 0) waits.push(15_000);
  return conclude(runs, outcomes, waits);
}

/** Whether a script is to run now: `over` and `wait` leave it as it is; a reason says why it never will. */
function turnOf(
  run: ScriptRun,
  earlier: readonly ScriptRun[],
  { parallel }: ScriptsParameters,
): 'run' | 'wait' | 'over' | { readonly reason: string } {
  if (run.status === 'completed' || run.status === 'failed') return 'over';
  if (parallel || run.status === 'running') return 'run';
  const failed = earlier.find(({ status }) => status === 'failed');
  if (failed !== undefined) return { reason: `not run, since ${failed.name} failed before it` };
  return earlier.every(({ status }) => status === 'completed') ? 'run' : 'wait';
}

async function stepScript(
  context: OperationContext,
  { resources, parameters }: Input,
  { run: before, notes }: { run: ScriptRun; notes: IntentNotes<ScriptNote> },
): Promise<ScriptStep> {
  const { name } = before;
  const script = await findScript(context, name);
  const run = before.status === 'pending' ? { ...before, startedAt: context.now() } : before;
  if (script === null)
    return failRun(run, { code: 'ResourceUnresolved', message: describeMissing(name) }, context.now());
  const scriptIndex = resources.scripts.indexOf(name);
  if (script.type === 'lambda') {
    return stepLambda({ context, notes, scriptIndex, script, rerunnable: parameters.rerunnable }, run);
  }
  const timeoutMs = parseDuration(parameters.registrationTimeout);
  const sending = { context, notes, name, scriptIndex, script };
  if (before.status !== 'pending') return stepCommands(sending, run, timeoutMs);
  const unsent = onlyDue(context, name, await findInstances(context, script.targets, script));
  const count = unsent.reduce((sum, { ids }) => sum + ids.length, 0);
  if (count > 0 && count <= MOST_TARGETS) return stepCommands(sending, { ...run, unsent }, timeoutMs);
  const message =
    count === 0
      ? `${name} has nothing to run on: no running instance matches its targets`
      : `${name} has ${count} instances, more than ${MOST_TARGETS}: split its targets`;
  return failRun(
    run,
    { code: count === 0 ? 'ResourceUnresolved' : 'RecoveryFailed', message },
    context.now(),
  );
}

function conclude(
  runs: readonly ScriptRun[],
  outcomes: readonly ResourceOutcome[],
  waits: readonly number[],
): Progress<ScriptsState> {
  const open = runs.filter(({ status }) => status === 'pending' || status === 'running');
  if (open.length > 0) {
    const detail = open
      .map((run) => run.detail)
      .filter(Boolean)
      .join('; ');
    return {
      status: 'in_progress',
      state: { scripts: runs },
      waitMs: Math.min(...waits),
      outcomes: lastOfEach(outcomes),
      detail,
    };
  }
  const results: JsonObject = { scripts: runs.map(resultOf) };
  const failed = runs.filter(({ status }) => status === 'failed');
  if (runs.length > 0 && failed.length === 0)
    return { status: 'completed', outcomes: lastOfEach(outcomes), results };
  const message = failed.map(({ detail }) => detail).join('; ') || 'there was no script to run';
  return {
    status: 'failed',
    outcomes: lastOfEach(outcomes),
    results,
    error: { code: 'RecoveryFailed', message },
  };
}

/** An instance that is sent to and ends within one step is reported once. */
function lastOfEach(outcomes: readonly ResourceOutcome[]): ResourceOutcome[] {
  return [...new Map(outcomes.map((outcome) => [outcome.resourceId, outcome])).values()];
}

function resultOf({ name, status, succeeded, failed, chunks }: ScriptRun): JsonObject {
  return { name, status, succeeded, failed, commandIds: chunks.map(({ commandId }) => commandId) };
}

/** Stops what Systems Manager is still running. A Lambda function cannot be stopped. */
async function cancel(context: OperationContext, _input: Input, state: ScriptsState): Promise<string> {
  const open = state.scripts.flatMap(({ chunks }) => chunks).filter((chunk) => chunk.open.length > 0);
  for (const { place, commandId } of open) {
    await targetAt(context, place).ssm.cancelCommand({ CommandId: commandId }, context.signal);
  }
  return 'AWS was told to stop what was running';
}
