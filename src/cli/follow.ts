import type { Control } from '#control/control.ts';
import { hasCode } from '#core/errors.ts';
import type { ExecutionEventRecord } from '#core/events.ts';
import { hasEnded } from '#core/states.ts';
import type { ExecutionView, GateView } from '#core/view.ts';
import type { Display } from './display.ts';
import type { Session } from './host.ts';
import { askAtGate, pressKey, questionLines, type GateQuestion, type Pressed } from './gate-question.ts';
import type { IoHost, Key } from './io-host.ts';
import { renderLiveView } from './live-view.ts';
import { localPrincipal } from './local-principal.ts';
import { openGates } from './progress.ts';
import { makeTheme } from './theme.ts';

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
  /** Do this where a decision is awaited, and ask nobody. A wave is retried once; after that, it is cancelled. */
  readonly onDecision?: OnDecision;
}

export interface OnDecision {
  readonly action: 'retry' | 'skip' | 'cancel';
  /** Goes on record. */
  readonly reason: string;
}

/** Ten drawings a second at most, unless the session asks for fewer. */
const TICK_MS = 100;
/** How long a pause is shown before it ends by itself. */
const MOMENT_MS = 2_000;
/** Reading the state of thousands of servers takes time that the execution, in this same process, could use. */
const SHARE_OF_TIME = 0.1;

async function watch(params: FollowParams, signal: AbortSignal): Promise<ExecutionView | null> {
  const { session, executionId, io, display } = params;
  const { control, lookEveryMs: tickMs = TICK_MS } = session;
  const look = pacedLook(control, executionId);
  const attend = params.ask ? makeAsker(params) : null;
  const decideAlone = makeAutomat(params);
  let after = params.after ?? 0;
  try {
    for (let tick = 1; !signal.aborted; tick++) {
      const failure = session.failure();
      if (failure !== null) throw failure;
      const events = await readEvents(control, executionId, after);
      after = events.at(-1)?.sequence ?? after;
      const view = await look(events.some(({ code }) => /^(Gate|Execution)/.test(code)));
      const gates = openGates(view);
      const isAlone = await decideAlone(gates[0]);
      const question = isAlone ? undefined : attend?.lines(gates);
      const now = session.clock.now();
      display.update({ view, events, now, tick, ...(question === undefined ? {} : { question }) });
      if (hasEnded(view.status)) {
        const late = await readEvents(control, executionId, after);
        display.update({ view, events: late, now: session.clock.now(), tick });
        return view;
      }
      await io.sleep(tickMs, attend === null ? signal : AbortSignal.any([signal, attend.pressed()]));
      if ((await attend?.act(view)) === 'left') return null;
      if (gates.length > 0) await look(true);
    }
    return null;
  } finally {
    attend?.close();
  }
}

/** Does at a gate what was said beforehand. Answers whether the gate is one that no person is to be asked at. */
function makeAutomat({ session, executionId, io, autoResume, onDecision }: FollowParams) {
  const { control, lookEveryMs: tickMs = TICK_MS } = session;
  const retried = new Set<number>();
  let ticksAtPause = 0;
  return async (gate: GateView | undefined): Promise<boolean> => {
    if (gate?.kind !== 'pause') ticksAtPause = 0;
    if (gate?.kind === 'pause' && autoResume) {
      const act = { executionId, by: io.user, reason: '--auto-resume' };
      if (ticksAtPause++ * tickMs >= MOMENT_MS) await unlessTooLate(() => control.resume(act));
      return true;
    }
    if (onDecision === undefined || gate?.kind !== 'decision') return false;
    const { waveNumber, gateId } = gate;
    const again = retried.has(waveNumber);
    const wanted = onDecision.action === 'retry' && again ? 'cancel' : onDecision.action;
    const action = gate.actions.includes(wanted) ? wanted : 'cancel';
    const reason =
      onDecision.action === 'retry' && again ? 'it failed again after a retry' : onDecision.reason;
    const act = { executionId, by: io.user, reason };
    if (action === 'retry') retried.add(waveNumber);
    await unlessTooLate(() =>
      action === 'cancel' ? control.cancel(act) : control.decide({ ...act, gateId, action }),
    );
    return true;
  };
}

/** Someone else was quicker, or it has ended: then there is nothing left to do. */
async function unlessTooLate(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!hasCode(error, 'ExecutionNotRunning') && !hasCode(error, 'GateNotOpen')) throw error;
  }
}

/** An approval that does not count is said, and the gate stays open: others can still give theirs. */
async function unlessRefused(display: Display, act: () => Promise<void>): Promise<void> {
  try {
    await unlessTooLate(act);
  } catch (error) {
    if (!hasCode(error, 'ApprovalRefused')) throw error;
    display.print(`It does not count: ${error.message}.`);
  }
}

/**
 * Asks a person at the first gate that is open, while everything else goes on.
 *
 * 4. A question stays as it is, with what was typed, for as long as its gate is open, whatever else opens or ends.
 */
function makeAsker({ session: { control }, executionId, io, display }: FollowParams) {
  const theme = makeTheme(io.color);
  let question: GateQuestion | null = null;
  let wake = new AbortController();
  const keys: Key[] = [];
  let stopKeys: (() => void) | null = null;
  const close = (): void => {
    stopKeys?.();
    stopKeys = null;
    question = null;
    keys.length = 0;
  };
  const open = (gate: GateView): GateQuestion => {
    stopKeys ??= io.keys((key) => {
      keys.push(key);
      wake.abort();
    });
    return askAtGate(gate);
  };
  const act = async (view: ExecutionView): Promise<'left' | 'stays'> => {
    for (let key = keys.shift(); key !== undefined && question !== null; key = keys.shift()) {
      const pressed: Pressed = pressKey(question, key);
      if (pressed.kind === 'left') return 'left';
      if (pressed.kind === 'asking') question = pressed.question;
      if (pressed.kind === 'show') display.print(snapshotOf(io, view, question.gate));
      if (pressed.kind === 'answer') {
        const { gateId } = question.gate;
        const { action, reason } = pressed;
        const by = { executionId, by: io.user, ...(reason === undefined ? {} : { reason }) };
        close();
        await unlessRefused(display, () =>
          action === 'cancel'
            ? control.cancel(by)
            : control.decide({ ...by, gateId, action, ...localPrincipal(action, io.user) }),
        );
      }
    }
    return 'stays';
  };
  return {
    /** The question as it is to be drawn. A question whose gate has been closed elsewhere goes away. */
    lines: (gates: readonly GateView[]): string[] | undefined => {
      const gateId = question?.gate.gateId;
      if (question !== null && !gates.some((gate) => gate.gateId === gateId)) close();
      if (question === null && gates[0] !== undefined) question = open(gates[0]);
      return question === null ? undefined : questionLines(question, theme);
    },
    /** Aborts at the next key. */
    pressed: (): AbortSignal => {
      wake = new AbortController();
      if (keys.length > 0) wake.abort();
      return wake.signal;
    },
    act,
    close,
  };
}

/** Everything, as of when the gate opened, however long it is. */
function snapshotOf(io: IoHost, view: ExecutionView, gate: GateView): string {
  return renderLiveView(view, {
    now: Date.parse(gate.openedAt),
    width: io.size().width,
    height: Infinity,
    everything: true,
    color: io.color,
    frame: 0,
  });
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
