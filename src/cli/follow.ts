import type { Control } from '#control/control.ts';
import { hasCode } from '#core/errors.ts';
import type { ExecutionEventRecord } from '#core/events.ts';
import { hasEnded } from '#core/states.ts';
import type { ExecutionView, GateView } from '#core/view.ts';
import { askAtGate } from './ask-at-gate.ts';
import type { Display } from './display.ts';
import type { Session } from './host.ts';
import type { IoHost } from './io-host.ts';
import { openGates } from './progress.ts';

/**
 * Watches an execution to its end, and asks the person at the terminal at its gates.
 *
 * 1. Events are shown once each, in order, and those before the end are all shown before this returns.
 * 2. It only reads, except for what a person answers at a gate.
 * 3. It gives back `null` as soon as the person interrupts; the execution is not touched by that.
 */
export async function followExecution(params: FollowParams): Promise<ExecutionView | null> {
  const interrupt = new AbortController();
  const stopListening = params.io.onInterrupt(() => interrupt.abort());
  try {
    return await watch(params, interrupt.signal);
  } finally {
    stopListening();
    params.display.close();
  }
}

export interface FollowParams {
  readonly session: Session;
  readonly executionId: string;
  readonly io: IoHost;
  readonly display: Display;
  /** Ask at gates. Without it the display says what to type elsewhere. */
  readonly ask: boolean;
  /** Show only events after this sequence number. */
  readonly after?: number;
  /** Resume at pause gates after a moment. */
  readonly autoResume?: boolean;
}

/** Ten drawings a second at most. */
const TICK_MS = 100;
/** How long a pause is shown before it ends by itself. */
const MOMENT_MS = 2_000;
/** Reading the state of thousands of servers takes time that the execution, in this same process, could use. */
const SHARE_OF_TIME = 0.1;

async function watch(params: FollowParams, signal: AbortSignal): Promise<ExecutionView | null> {
  const { session, executionId, io, display } = params;
  const { control } = session;
  const look = pacedLook(control, executionId);
  let after = params.after ?? 0;
  for (let tick = 1; !signal.aborted; tick++) {
    const failure = session.failure();
    if (failure !== null) throw failure;
    const events = await readEvents(control, executionId, after);
    after = events.at(-1)?.sequence ?? after;
    const view = await look(events.some(({ code }) => /^(Gate|Execution)/.test(code)));
    display.update({ view, events, now: session.clock.now(), tick });
    if (hasEnded(view.status)) {
      const late = await readEvents(control, executionId, after);
      display.update({ view, events: late, now: session.clock.now(), tick });
      return view;
    }
    const gate = openGates(view)[0];
    if (gate?.kind === 'pause' && params.autoResume) await resumeAfterAMoment(params, signal);
    else if (gate === undefined || !params.ask) await io.sleep(TICK_MS, signal);
    else if (!(await askInstead(params, view, gate, signal))) return null;
    if (gate !== undefined) await look(true);
  }
  return null;
}

async function resumeAfterAMoment(
  { session, executionId, io }: FollowParams,
  signal: AbortSignal,
): Promise<void> {
  await io.sleep(MOMENT_MS, signal);
  if (signal.aborted) return;
  try {
    await session.control.resume({ executionId, by: io.user, reason: '--auto-resume' });
  } catch (error) {
    // It has ended in that moment: then there is nothing to resume.
    if (!hasCode(error, 'ExecutionNotRunning')) throw error;
  }
}

/** Gives the state of the execution, anew when it must or when a tenth of the time at most goes into that. */
function pacedLook(
  control: Pick<Control, 'getExecution'>,
  executionId: string,
): (must: boolean) => Promise<ExecutionView> {
  let view: ExecutionView | null = null;
  let nextMs = 0;
  return async (must) => {
    const beganMs = performance.now();
    if (view !== null && !must && beganMs < nextMs) return view;
    view = await control.getExecution({ executionId });
    const tookMs = performance.now() - beganMs;
    nextMs = beganMs + tookMs / SHARE_OF_TIME;
    return view;
  };
}

/** All events after a sequence number, however many. */
export async function readEvents(
  control: Pick<Control, 'listEvents'>,
  executionId: string,
  after: number,
): Promise<ExecutionEventRecord[]> {
  const events: ExecutionEventRecord[] = [];
  for (;;) {
    const page = await control.listEvents({
      executionId,
      after: events.at(-1)?.sequence ?? after,
      limit: 1_000,
    });
    events.push(...page);
    if (page.length < 1_000) return events;
  }
}

/** The question goes away by itself when the gate is closed elsewhere, or expires. False: the person has left with Ctrl-C. */
async function askInstead(
  { session, io, display }: FollowParams,
  view: ExecutionView,
  gate: GateView,
  signal: AbortSignal,
): Promise<boolean> {
  const question = new AbortController();
  const { executionId } = view;
  const watching = watchGate({ control: session.control, executionId, gate, io, question });
  display.suspend();
  try {
    const answered = AbortSignal.any([signal, question.signal]);
    await askAtGate({ control: session.control, view, gate, io, signal: answered });
    return true;
  } catch (error) {
    if (hasCode(error, 'GateNotOpen')) return true;
    if (hasCode(error, 'Declined')) return question.signal.aborted;
    throw error;
  } finally {
    question.abort();
    await watching;
    display.resume();
  }
}

async function watchGate(params: {
  control: Control;
  executionId: string;
  gate: GateView;
  io: IoHost;
  question: AbortController;
}): Promise<void> {
  const { control, executionId, gate, io, question } = params;
  while (!question.signal.aborted) {
    await io.sleep(500, question.signal);
    const { gates } = await control.getExecution({ executionId });
    if (!gates.some(({ gateId, status }) => gateId === gate.gateId && status === 'open')) question.abort();
  }
}
