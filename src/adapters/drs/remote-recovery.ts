import { BreakwaterError, hasCode, isBreakwaterError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type { OperationContext, Progress } from '../contract.ts';
import { failureOf, isFinal } from '../shared/aws-failure.ts';
import { finish, finishVanished } from './remote-finish.ts';
import { describeRemote, planRow, reportChanges } from './remote-progress.ts';
import type { RemoteInput } from './remote-schema.ts';
import {
  findStarted,
  isSilent,
  readEarlierNote,
  readNote,
  retryAfterOf,
  stepStart,
  writeNote,
} from './remote-start.ts';
import { beginState, markOf, type RemoteState } from './remote-state.ts';
import { judge } from './remote-verdict.ts';
import type { RemoteExecution, RemoteOrder, SolutionDoor } from './solution-door.ts';

/*
 * `drs/recovery` with `integration: api`: a plan of an existing DRS solution, or of another Breakwater, does the work; this drives
 * it. What is there is the truth: this process may die at any time and finds it again by its mark.
 */

type RemoteProgress = Progress<RemoteState>;

/** The solution may not see at once what it has just written, and an empty answer may be a passing one. */
const VANISHED_MS = 120_000;

/**
 * Only makes up its mind under which mark to start; the first poll does. So what may have begun always has a state, and a cancel
 * can look for it. What an earlier attempt has begun is not begun again before it is known to have ended badly.
 */
export async function startRemote(context: OperationContext, _input: RemoteInput): Promise<RemoteProgress> {
  const earlier = await readEarlierNote(context);
  // Nobody knows whether that start took effect: it is the same start that goes on.
  const isOpen = earlier !== null && earlier.executionId === null && earlier.sentAt !== null;
  const note = await readNote(context, isOpen ? earlier.mark : markOf(context));
  if (isOpen && note.sentAt === null && note.executionId === null)
    await writeNote(context, { ...note, sentAt: earlier.sentAt });
  const state = beginState(note.mark, {
    executionId: note.executionId,
    earlier: earlier?.executionId ?? null,
  });
  return { status: 'in_progress', state, waitMs: 1_000, outcomes: [] };
}

export async function pollRemote(
  context: OperationContext,
  input: RemoteInput,
  state: RemoteState,
): Promise<RemoteProgress> {
  const door = await openDoor(context, input);
  try {
    if (state.executionId !== null) return await look(context, input, door, state);
    return state.earlier === null
      ? await begin(context, input, door, state)
      : await lookAtEarlier(context, input, door, { ...state, earlier: state.earlier });
  } catch (error) {
    const waitMs = retryAfterOf(error);
    // The workflow itself waits 15 s.
    if (waitMs <= 15_000 || !isBreakwaterError(error)) throw error;
    return { status: 'in_progress', state, waitMs, outcomes: [], detail: `${error.message}; trying again` };
  }
}

/** Answers what was done, for people. */
export async function cancelRemote(
  context: OperationContext,
  input: RemoteInput,
  state: RemoteState,
): Promise<string> {
  const { solution } = input.parameters;
  const door = await openDoor(context, input);
  const executionId = state.executionId ?? (await findForCancel(context, input, door, state));
  if (executionId === null) return `${solution} knows of no execution of this mark: nothing runs there`;
  try {
    return (await door.cancel(executionId, context.signal))
      ? `${solution} was told to cancel execution ${executionId}; DRS jobs that run there go on`
      : `execution ${executionId} at ${solution} had ended already`;
  } catch (error) {
    if (!hasCode(error, 'SolutionRefused') && !hasCode(error, 'SolutionDenied')) throw error;
    return `${solution} does not cancel execution ${executionId}, which goes on there: ${error.message}`;
  }
}

async function findForCancel(
  context: OperationContext,
  input: RemoteInput,
  door: SolutionDoor,
  { mark, earlier }: RemoteState,
): Promise<string | null> {
  const note = await readNote(context, mark);
  const found = await findStarted(context, door, orderOf(context, input, mark), note);
  if (found !== null || note.sentAt === null || isSilent(context, note)) return found ?? earlier;
  const message = `${door.name} does not show what came of a start whose answer was lost`;
  throw new BreakwaterError('SolutionUnreachable', message);
}

/** Throws `SolutionUnknown` when the settings do not name it (any more): whoever runs the plan can wait for them. */
async function openDoor(context: OperationContext, { parameters }: RemoteInput): Promise<SolutionDoor> {
  const door = await context.solution(parameters.solution);
  if (door !== null) return door;
  throw new BreakwaterError(
    'SolutionUnknown',
    `the settings have no solution ${JSON.stringify(parameters.solution)}`,
  );
}

async function begin(
  context: OperationContext,
  input: RemoteInput,
  door: SolutionDoor,
  state: RemoteState,
): Promise<RemoteProgress> {
  const step = await stepStart(context, door, orderOf(context, input, state.mark));
  switch (step.status) {
    case 'begun':
      return goOn(input, door, state, step.executionId);
    case 'pending': {
      const detail = `${door.name}: ${step.why}`;
      return { status: 'in_progress', state, waitMs: step.waitMs, outcomes: [], detail };
    }
    case 'refused': {
      const row = { ...planRow(input, 'failed'), error: step.failure };
      return { status: 'failed', outcomes: [row], results: {}, error: step.failure };
    }
  }
}

/** Goes on with what an earlier attempt has started if that runs or has ended well; else starts anew. */
async function lookAtEarlier(
  context: OperationContext,
  input: RemoteInput,
  door: SolutionDoor,
  state: RemoteState & { readonly earlier: string },
): Promise<RemoteProgress> {
  const execution = await door.read(state.earlier, context.signal);
  if (execution !== null && isWorthGoingOn(context, input, execution)) {
    const note = await readNote(context, state.mark);
    await writeNote(context, { ...note, executionId: state.earlier });
    return goOn(input, door, state, state.earlier);
  }
  const detail = `${door.name}: execution ${state.earlier} of an earlier attempt has ended badly or is forgotten; starting anew`;
  return { status: 'in_progress', state: { ...state, earlier: null }, waitMs: 1_000, outcomes: [], detail };
}

function isWorthGoingOn(context: OperationContext, input: RemoteInput, execution: RemoteExecution): boolean {
  if (execution.status === 'running' || execution.status === 'waiting') return true;
  const { problems, notLaunched } = judge(execution, judging(context, input));
  return problems.length === 0 && notLaunched === 0;
}

function goOn(
  input: RemoteInput,
  door: SolutionDoor,
  state: RemoteState,
  executionId: string,
): RemoteProgress {
  return {
    status: 'in_progress',
    state: { ...state, executionId, earlier: null },
    waitMs: door.paceMs,
    outcomes: [planRow(input, 'in_progress', `execution ${executionId} at ${door.name}`)],
    detail: `${door.name}: execution ${executionId} runs there`,
  };
}

async function look(
  context: OperationContext,
  input: RemoteInput,
  door: SolutionDoor,
  state: RemoteState,
): Promise<RemoteProgress> {
  const executionId = state.executionId!;
  const now = context.now();
  const execution = await door.read(executionId, context.signal);
  if (execution === null) {
    const missingSince = state.missingSince ?? now;
    if (now - missingSince >= VANISHED_MS) return finishVanished(input, door, executionId);
    const detail = `${door.name} does not know execution ${executionId}; looking again`;
    return {
      status: 'in_progress',
      state: { ...state, missingSince },
      waitMs: door.paceMs,
      outcomes: [],
      detail,
    };
  }
  if (execution.status === 'running' || execution.status === 'waiting') {
    const { outcomes, servers } = reportChanges(execution, state.servers);
    return {
      status: 'in_progress',
      state: { ...state, missingSince: null, servers },
      waitMs: door.paceMs,
      outcomes,
      detail: describeRemote(door, execution),
    };
  }
  const endedAt = state.endedAt ?? now;
  const end = await finish(context, input, door, { execution, endedAt, judging: judging(context, input) });
  if (end !== null) return end;
  const detail = `${door.name}: execution ${executionId} has ended there; waiting for its export`;
  return { status: 'in_progress', state: { ...state, endedAt }, waitMs: door.paceMs, outcomes: [], detail };
}

/** Terminates what the drill there has launched. */
export async function undoRemote(
  context: OperationContext,
  input: RemoteInput,
  { isDrill, drsExecutionId }: JsonObject,
): Promise<RemoteProgress> {
  const failed = (message: string): RemoteProgress => ({
    status: 'failed',
    outcomes: [],
    results: {},
    error: { code: 'RecoveryFailed', message },
  });
  if (isDrill !== true)
    return failed('a recovery is not undone by terminating what it has launched; going back is a failback');
  if (typeof drsExecutionId !== 'string') return failed('nothing was started there');
  const door = await openDoor(context, input);
  try {
    const answer = await door.terminate(drsExecutionId, context.signal);
    if (answer === 'done') return { status: 'completed', outcomes: [], results: {} };
  } catch (error) {
    if (!isFinal(error) && !hasCode(error, 'SolutionDenied')) throw error;
    return failed(
      `${door.name} does not terminate the instances of ${drsExecutionId}: ${failureOf(error).message}`,
    );
  }
  return { status: 'in_progress', state: beginState(''), waitMs: door.paceMs, outcomes: [] };
}

function orderOf({ mode }: OperationContext, { resources }: RemoteInput, mark: string): RemoteOrder {
  return { planId: resources.recoveryPlanId, mode, mark };
}

function judging(context: OperationContext, { parameters }: RemoteInput) {
  return { allowEmptyWaves: parameters.allowEmptyWaves, now: new Date(context.now()).toISOString() };
}
