import { z } from 'zod';
import type { Control } from '#control/control.ts';
import { BreakwaterError } from '#core/errors.ts';
import { hasEnded } from '#core/states.ts';
import type { ExecutionView, GateAction, GateView } from '#core/view.ts';
import { defineCommand, type Context } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';
import { followToEnd } from '../follow-to-end.ts';
import { readEvents } from '../follow.ts';
import type { Session } from '../host.ts';
import { DATA_DIR_OPTION, DataDir, EXECUTION_ARGUMENT, ExecutionId, Json, JSON_OPTION } from '../inputs.ts';
import { gateCommand } from '../live-view.ts';
import { openGates } from '../progress.ts';
import { resolveExecutionId, withSession } from './with-session.ts';

const REASON_OPTION = { flags: '--reason <text>', summary: 'goes on record with your name' } as const;
const Reason = z.string().trim().min(1).optional();
const Base = z.object({ executionId: ExecutionId, reason: Reason, dataDir: DataDir, json: Json });
const OPTIONS = [REASON_OPTION, DATA_DIR_OPTION, JSON_OPTION] as const;
const TAKES_OVER =
  'When the process that ran the execution has gone, this one takes it over and shows it until it ends.';

/** `breakwater executions pause`. */
export const pauseCommand = defineCommand({
  name: 'executions pause',
  summary: 'let no further wave begin until someone resumes; what runs, runs on',
  arguments: [EXECUTION_ARGUMENT],
  options: OPTIONS,
  examples: ['breakwater executions pause latest --reason "waiting for the network team"'],
  exits: ['ok', 'invalid'],
  input: Base,
  run: async ({ executionId: given, reason, dataDir }, context) =>
    withSession({ dataDir, purpose: 'look' }, context, async ({ control }) => {
      const executionId = await resolveExecutionId(control, given);
      await control.pause(actOf(executionId, reason, context));
      context.output.data(
        { executionId, done: 'pause' },
        () => `${executionId}: pause requested; it takes effect before the next wave.`,
      );
      return 'ok';
    }),
});

/** `breakwater executions resume`. */
export const resumeCommand = defineCommand({
  name: 'executions resume',
  summary: 'go on: after a pause, or after the process that ran it has gone',
  description: TAKES_OVER,
  arguments: [EXECUTION_ARGUMENT],
  options: OPTIONS,
  examples: ['breakwater executions resume latest'],
  exits: ['ok', 'invalid', 'failed', 'cancelled', 'interrupted'],
  input: Base,
  run: async ({ executionId, reason, dataDir }, context) =>
    actAndFollow(
      { given: executionId, dataDir, done: 'resume' },
      context,
      async ({ control, runsHere }, id) => {
        const view = await control.getExecution({ executionId: id });
        const atGate = openGates(view).some(({ kind }) => kind === 'pause');
        // To take over is not to approve: a person at the terminal is asked at the gate.
        if (runsHere && atGate && context.io.interactive && !context.output.json) return;
        const waits = view.pauseRequested || atGate;
        // For one that has ended, control says so. Taking over one that waits for nobody needs no act.
        if (waits || hasEnded(view.status)) await control.resume(actOf(id, reason, context));
        else if (!runsHere) throw nothingToResume(view);
      },
    ),
});

function nothingToResume(view: ExecutionView): BreakwaterError {
  const [gate] = openGates(view);
  return new BreakwaterError(
    'GateNotOpen',
    gate === undefined
      ? `${view.executionId} is not paused: it is at work`
      : `${view.executionId} waits for a decision, not for a resume: ${gateCommand(view.executionId, gate)}`,
  );
}

/** `breakwater executions cancel`. */
export const cancelCommand = defineCommand({
  name: 'executions cancel',
  summary: 'stop gracefully: running work ends at its next poll, clean-up runs',
  description: TAKES_OVER,
  arguments: [EXECUTION_ARGUMENT],
  options: OPTIONS,
  examples: ['breakwater executions cancel latest --reason "false alarm"'],
  exits: ['ok', 'invalid', 'failed', 'cancelled', 'interrupted'],
  input: Base,
  run: async ({ executionId, reason, dataDir }, context) =>
    actAndFollow({ given: executionId, dataDir, done: 'cancel' }, context, ({ control }, id) =>
      control.cancel(actOf(id, reason, context)),
    ),
});

const ACTIONS = [
  'retry',
  'skip',
  'resume',
  'cancel',
  'approve',
  'reject',
] as const satisfies readonly GateAction[];

/** `breakwater executions decide`. */
export const decideCommand = defineCommand({
  name: 'executions decide',
  summary: 'decide at a gate: retry what failed, skip it with a reason, approve, reject',
  description: TAKES_OVER,
  arguments: [EXECUTION_ARGUMENT],
  options: [
    { flags: '--action <action>', summary: `one of ${ACTIONS.join(', ')}; the gate allows some of them` },
    { flags: '--gate <id>', summary: 'the gate; needed only when several are open' },
    ...OPTIONS,
  ],
  examples: [
    'breakwater executions decide latest --action retry',
    'breakwater executions decide latest --action skip --reason "the reporting server can wait"',
  ],
  exits: ['ok', 'invalid', 'failed', 'cancelled', 'interrupted'],
  input: Base.extend({ action: z.enum(ACTIONS), gate: z.string().min(1).optional() }).refine(
    ({ action, reason }) => action !== 'skip' || reason !== undefined,
    { path: ['reason'], message: 'skip needs --reason' },
  ),
  run: async ({ executionId, action, gate, reason, dataDir }, context) =>
    actAndFollow({ given: executionId, dataDir, done: action }, context, async ({ control }, id) => {
      const gateId = gate ?? (await onlyGate(control, id)).gateId;
      await control.decide({ ...actOf(id, reason, context), gateId, action });
    }),
});

/** What has happened when another process runs the execution. */
const SAID: Readonly<Record<GateAction, string>> = {
  resume: 'resumed; it goes on.',
  cancel: 'cancel requested; running work ends first.',
  retry: 'what failed is started again.',
  skip: 'what failed is skipped; it goes on.',
  approve: 'approved.',
  reject: 'rejected.',
};

/** Acts; then, if the execution runs in this process, which would stop it by ending, follows it to its end. */
async function actAndFollow(
  { given, dataDir, done }: { given: string; dataDir: string; done: GateAction },
  context: Context,
  act: (session: Session, executionId: string) => Promise<void>,
): Promise<ExitName> {
  return withSession({ dataDir, purpose: 'work' }, context, async (session) => {
    const executionId = await resolveExecutionId(session.control, given);
    const after = await lastSequence(session, executionId);
    await act(session, executionId);
    if (session.runsHere) return followToEnd({ session, executionId, dataDir, ask: true, after }, context);
    context.output.data({ executionId, done }, () => `${executionId}: ${SAID[done]}`);
    return 'ok';
  });
}

async function lastSequence({ control }: Session, executionId: string): Promise<number> {
  return (await readEvents(control, executionId, 0)).at(-1)?.sequence ?? 0;
}

function actOf(executionId: string, reason: string | undefined, { io }: Context) {
  return { executionId, by: io.user, ...(reason === undefined ? {} : { reason }) };
}

async function onlyGate(control: Control, executionId: string): Promise<GateView> {
  const gates = openGates(await control.getExecution({ executionId }));
  const [gate] = gates;
  if (gate !== undefined && gates.length === 1) return gate;
  const list = gates.map(({ gateId, reason }) => `${gateId} (${reason})`).join(', ');
  throw new BreakwaterError(
    'GateNotOpen',
    gate === undefined
      ? 'no gate waits for a person'
      : `several gates are open, name one with --gate: ${list}`,
  );
}
