import type { Json } from '#core/json.ts';
import { unreachable } from '#core/json.ts';
import { StateFailure, failureOf, matchesError, retryDelayMs } from '../asl/failure.ts';
import type {
  ChoiceState,
  MapState,
  ParallelState,
  Shaping,
  State,
  TaskState,
  WaitState,
} from '../asl/machine.ts';
import { Doc, docOf, withinLimit } from './doc.ts';
import { scheduleTask, taskResult } from './task.ts';
import type { ChildrenPhase, Thread } from './thread.ts';
import type { Outcome, Turn } from './turn.ts';

/** Why a thread goes on. */
export type Cause =
  | { readonly kind: 'start'; readonly next: string }
  | { readonly kind: 'child'; readonly startAt: string }
  | { readonly kind: 'result'; readonly result: Doc }
  | { readonly kind: 'failure'; readonly failure: StateFailure }
  | { readonly kind: 'woke' }
  | { readonly kind: 'again' }
  | { readonly kind: 'joined' };

/** Where to go: the name of a state, or `null` when the thread waits or has ended. */
type Next = Promise<string | null>;

/** So many states a thread may enter before others have a turn. */
const STEPS_A_TURN = 100;

/** Runs a thread from a wake-up to its next wait. Waiting is a phase of the thread, never an exception (invariant 7). */
export async function runTurn(turn: Turn, cause: Cause): Promise<void> {
  let next = await guarded(turn, () => begin(turn, cause));
  while (next !== null && !turn.thread.dead) {
    if (turn.steps++ >= STEPS_A_TURN) {
      turn.emit({ k: 'yield', s: next });
      break;
    }
    const name = next;
    next = await guarded(turn, () => enter(turn, name));
  }
  turn.close();
}

/** Runs a step; what it throws fails the state. If that fails too (a Catch that cannot be evaluated), the thread ends. */
async function guarded(turn: Turn, step: () => Next): Next {
  try {
    return await step();
  } catch (error) {
    try {
      return await failState(turn, failureOf(error));
    } catch (second) {
      return breakThread(turn, failureOf(second));
    }
  }
}

async function begin(turn: Turn, cause: Cause): Next {
  const { thread } = turn;
  switch (cause.kind) {
    case 'start':
      return cause.next;
    case 'child':
      await beginChild(turn);
      return cause.startAt;
    case 'result':
      turn.emit({ k: 'succeed', o: withinLimit(cause.result, 'the result') });
      return leaveTask(turn, cause.result);
    case 'failure':
      return failState(turn, cause.failure);
    case 'again':
      return perform(turn, thread.state!);
    case 'woke':
      return leave(turn, thread.state as WaitState, { natural: thread.value });
    case 'joined':
      return join(turn);
    default:
      return unreachable(cause);
  }
}

async function enter(turn: Turn, name: string): Next {
  const { thread } = turn;
  const state = thread.execution.machine.states.get(name)!;
  turn.emit({ k: 'enter', s: name, y: state.type, o: thread.value });
  return perform(turn, state);
}

async function perform(turn: Turn, state: State): Next {
  switch (state.type) {
    case 'Task':
      await scheduleTask(turn, state);
      return null;
    case 'Pass':
      return leave(turn, state, { natural: turn.thread.value });
    case 'Choice':
      return choose(turn, state);
    case 'Wait':
      turn.emit({ k: 'wait', u: await waitUntil(turn, state) });
      return null;
    case 'Succeed':
      return leave(turn, { assign: null, output: state.output, next: null }, { natural: turn.thread.value });
    case 'Fail': {
      const error = state.error === null ? '' : await turn.text(state.error, turn.scope(), 'Error');
      const cause = state.cause === null ? '' : await turn.text(state.cause, turn.scope(), 'Cause');
      return breakThread(turn, new StateFailure(error, cause));
    }
    case 'Parallel':
      return startBranches(turn, state);
    case 'Map':
      return startItems(turn, state);
    default:
      return unreachable(state);
  }
}

/** What a state leaves with: its natural output, what its fields can see, and documents that Output may name as a whole. */
interface Leaving {
  readonly natural: Doc;
  readonly outcome?: Outcome;
  readonly known?: Doc;
}

/** Evaluates Assign and Output, both with the variables as they were, and goes on or ends. */
async function leave(
  turn: Turn,
  state: Shaping & { readonly next: string | null },
  { natural, outcome = {}, known = natural }: Leaving,
): Next {
  const { thread } = turn;
  let output = natural;
  let assigned: Doc | null = null;
  if (state.output !== null || state.assign !== null) {
    const scope = turn.scope(outcome);
    if (state.output !== null)
      output = docOf(await state.output.evaluate(scope), thread.value, natural, known);
    if (state.assign !== null)
      assigned = withinLimit(Doc.ofValue(await state.assign.evaluate(scope)), 'Assign');
  }
  withinLimit(output, 'Output');
  turn.emit({ k: 'exit', o: output, ...(assigned === null ? {} : { a: assigned }) });
  if (state.next !== null) return state.next;
  turn.emit({ k: 'end', o: output, ...shownAs(thread, 'ExecutionSucceeded', 'MapIterationSucceeded') });
  return null;
}

async function leaveTask(turn: Turn, result: Doc): Next {
  const state = turn.thread.state as TaskState;
  const natural = taskResult(state, result);
  return leave(turn, state, { natural, outcome: { result: natural.value }, known: result });
}

async function join(turn: Turn): Next {
  const state = turn.thread.state as MapState | ParallelState;
  const { results } = turn.thread.phase as ChildrenPhase;
  turn.emit({ k: 'join', h: `${state.type}StateSucceeded` });
  const list = withinLimit(Doc.ofList(results as Doc[]), 'the result');
  return leave(turn, state, { natural: list, outcome: { result: list.value } });
}

async function choose(turn: Turn, state: ChoiceState): Next {
  for (const rule of state.rules) {
    const holds = await rule.condition.evaluate(turn.scope());
    if (typeof holds !== 'boolean') {
      const message = `Condition must be true or false, but is ${JSON.stringify(holds)}`;
      throw new StateFailure('States.QueryEvaluationError', message);
    }
    if (holds) return leave(turn, rule, { natural: turn.thread.value });
  }
  if (state.default === null)
    throw new StateFailure('States.NoChoiceMatched', 'no condition holds and there is no Default');
  return leave(turn, { ...state, next: state.default }, { natural: turn.thread.value });
}

async function waitUntil(turn: Turn, state: WaitState): Promise<number> {
  if (state.seconds !== null)
    return turn.at + 1000 * (await turn.number(state.seconds, turn.scope(), 'Seconds'));
  const text = await turn.text(state.timestamp!, turn.scope(), 'Timestamp');
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) {
    throw new StateFailure('States.QueryEvaluationError', `Timestamp must be ISO 8601, but is '${text}'`);
  }
  return time;
}

async function startBranches(turn: Turn, state: ParallelState): Next {
  const { value } = turn.thread;
  const input = state.arguments === null ? value : docOf(await state.arguments.evaluate(turn.scope()), value);
  turn.emit({ k: 'branches', o: withinLimit(input, 'Arguments'), n: state.branches.length });
  return null;
}

async function startItems(turn: Turn, state: MapState): Next {
  const { value } = turn.thread;
  const items = state.items === null ? value : docOf(await state.items.evaluate(turn.scope()), value);
  const list = itemsOf(items);
  const given =
    state.maxConcurrency === null
      ? 0
      : await turn.number(state.maxConcurrency, turn.scope(), 'MaxConcurrency');
  turn.emit({
    k: 'items',
    o: withinLimit(list, 'Items'),
    n: (list.value as unknown[]).length,
    m: given === 0 ? 1e9 : given,
  });
  return null;
}

/** A Map goes over the elements of a list, or over the members of an object as `{Key, Value}`. */
function itemsOf(items: Doc): Doc {
  const { value } = items;
  if (Array.isArray(value)) return items;
  if (typeof value === 'object' && value !== null) {
    return Doc.ofValue(Object.entries(value).map(([Key, Value]) => ({ Key, Value })));
  }
  throw new StateFailure(
    'States.QueryEvaluationError',
    `Items must be a list or an object, but is ${items.json}`,
  );
}

async function beginChild(turn: Turn): Promise<void> {
  const { thread } = turn;
  const parent = thread.parent!;
  const { source } = parent.phase as ChildrenPhase;
  const state = parent.state as MapState | ParallelState;
  let input = source;
  if (state.type === 'Map') {
    const item = (source.value as readonly Json[])[thread.index]!;
    input = Doc.ofValue(item);
    thread.value = parent.value;
    if (state.itemSelector !== null)
      input = docOf(await state.itemSelector.evaluate(turn.scope()), parent.value, input);
  }
  turn.emit({
    k: 'child',
    p: parent.id,
    i: thread.index,
    o: input,
    ...shownAs(thread, undefined, 'MapIterationStarted'),
  });
}

/** Retries, catches, or ends the thread. */
async function failState(turn: Turn, failure: StateFailure): Next {
  const { thread } = turn;
  const { state } = thread;
  turn.emit({ k: 'fail', e: failure.error, c: failure.detail, ...failureShownAs(state, failure) });
  if (state === null || !('retry' in state)) return breakThread(turn, failure);
  const retrier = state.retry.findIndex(({ errors }) => matchesError(errors, failure.error));
  if (retrier !== -1) {
    const done = thread.retries[retrier] ?? 0;
    const rule = state.retry[retrier]!;
    if (done < rule.maxAttempts) {
      turn.emit({ k: 'retry', i: retrier, u: turn.at + retryDelayMs(rule, done) });
      return null;
    }
  }
  const catcher = state.catch.find(({ errors }) => matchesError(errors, failure.error));
  if (catcher === undefined) return breakThread(turn, failure);
  const errorOutput = { Error: failure.error, Cause: failure.detail };
  return leave(turn, catcher, { natural: Doc.ofValue(errorOutput), outcome: { errorOutput } });
}

function breakThread(turn: Turn, failure: StateFailure): null {
  const { error, detail } = failure;
  turn.emit({
    k: 'break',
    e: error,
    c: detail,
    ...shownAs(turn.thread, 'ExecutionFailed', 'MapIterationFailed'),
  });
  return null;
}

function shownAs(thread: Thread, ofExecution: string | undefined, ofIteration: string): { h?: string } {
  if (thread.parent === null) return ofExecution === undefined ? {} : { h: ofExecution };
  return thread.parent.state?.type === 'Map' ? { h: ofIteration } : {};
}

function failureShownAs(state: State | null, failure: StateFailure): { h?: string } {
  if (failure.error === 'States.QueryEvaluationError') return { h: 'EvaluationFailed' };
  if (state === null || !('retry' in state)) return {};
  if (state.type !== 'Task') return { h: `${state.type}StateFailed` };
  const timedOut = failure.error === 'States.Timeout' || failure.error === 'States.HeartbeatTimeout';
  return { h: timedOut ? 'TaskTimedOut' : 'TaskFailed' };
}
