import { z } from 'zod';
import type { Control } from '#control/control.ts';
import { BreakwaterError, hasCode } from '#core/errors.ts';
import { hasEnded } from '#core/states.ts';
import type { ExecutionView, GateAction, GateView } from '#core/view.ts';
import { defineCommand, type Context } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';
import { dataDirFlag, followToEnd } from '../follow-to-end.ts';
import { readEvents } from '../follow.ts';
import type { Session } from '../host.ts';
import { DATA_DIR_OPTION, DataDir, EXECUTION_ARGUMENT, ExecutionId, Json, JSON_OPTION } from '../inputs.ts';
import { gateCommand, resumeCommand as resumeCommandText } from '../live-view.ts';
import { openGates } from '../progress.ts';
import { localPrincipal } from '../local-principal.ts';
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
  asksServer: true,
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
  description: `${TAKES_OVER}\nTo take over is not to approve: a gate that is open then stays open, until someone resumes once more or decides.`,
  asksServer: true,
  arguments: [EXECUTION_ARGUMENT],
  options: [
    { flags: '--auto-resume', summary: 'when it takes over: open pause gates by themselves after a moment' },
    ...OPTIONS,
  ],
  examples: ['breakwater executions resume latest', 'breakwater executions resume latest --auto-resume'],
  exits: ['ok', 'invalid', 'failed', 'cancelled', 'interrupted'],
  input: Base.extend({ autoResume: z.boolean().default(false) }),
  run: async ({ executionId, reason, dataDir, autoResume }, context) =>
    actAndFollow({ given: executionId, dataDir, done: 'resume', autoResume }, context, (session, id) =>
      resumeOrTakeOver(session, id, { reason, dataDir, autoResume, context }),
    ),
});

async function resumeOrTakeOver(
  { control, runsHere, recovered }: Session,
  id: string,
  params: { reason: string | undefined; dataDir: string; autoResume: boolean; context: Context },
): Promise<void> {
  const { context, dataDir, autoResume } = params;
  const view = await control.getExecution({ executionId: id });
  const gate = openGates(view).find(({ kind }) => kind === 'pause');
  // To take over is not to approve: whoever approves has seen at what it waits.
  if (runsHere && gate !== undefined) {
    if (autoResume || (context.io.interactive && !context.output.json)) return;
    const command = `${resumeCommandText(id)}${dataDirFlag(dataDir)}${context.serverFlags}`;
    context.output.message(
      `Taken over. It waits at the pause after wave ${gate.waveNumber}, and this does not approve it. To approve it, type in another terminal:\n  ${command}`,
    );
    return;
  }
  // For one that has ended, control says so. Taking over one that waits for nobody needs no act.
  if (view.pauseRequested || gate !== undefined || hasEnded(view.status)) {
    try {
      await control.resume(actOf(id, params.reason, context));
    } catch (error) {
      // It was taken over, and has reached its end since: that is what was asked for.
      if (!hasCode(error, 'ExecutionNotRunning') || !recovered.includes(id)) throw error;
    }
  } else if (!runsHere) throw nothingToResume(view);
}

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
  asksServer: true,
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
  asksServer: true,
  arguments: [EXECUTION_ARGUMENT],
  options: [
    { flags: '--action <action>', summary: `one of ${ACTIONS.join(', ')}; the gate allows some of them` },
    { flags: '--gate <id>', summary: 'the gate; needed only when several are open' },
    { flags: '--change-ticket <text>', summary: 'with an approval; the plan may demand it' },
    ...OPTIONS,
  ],
  examples: [
    'breakwater executions decide latest --action retry',
    'breakwater executions decide latest --action skip --reason "the reporting server can wait"',
  ],
  exits: ['ok', 'invalid', 'failed', 'cancelled', 'interrupted'],
  input: Base.extend({
    action: z.enum(ACTIONS),
    gate: z.string().min(1).optional(),
    changeTicket: z.string().trim().min(1).optional(),
  })
    .refine(({ action, reason }) => action !== 'skip' || reason !== undefined, {
      path: ['reason'],
      message: 'skip needs --reason',
    })
    .refine(({ action, reason }) => action !== 'reject' || reason !== undefined, {
      path: ['reason'],
      message: 'reject needs --reason',
    }),
  run: async ({ executionId, action, gate, reason, changeTicket, dataDir }, context) =>
    actAndFollow({ given: executionId, dataDir, done: action }, context, async ({ control }, id) => {
      const gateId = gate ?? (await onlyGate(control, id)).gateId;
      const ticket = changeTicket === undefined ? {} : { changeTicket };
      const by = { ...actOf(id, reason, context), ...localPrincipal(action, context.io.user) };
      await control.decide({ ...by, gateId, action, ...ticket });
    }),
});

/** What has happened when another process runs the execution. */
const SAID: Readonly<Record<GateAction, string>> = {
  resume: 'resumed; it goes on.',
  cancel: 'cancel requested; running work ends first.',
  retry: 'what failed is started again.',
  skip: 'what failed is skipped; it goes on.',
  approve: 'approved; the gate opens when enough have.',
  reject: 'rejected.',
};

/** Acts; then, if the execution runs in this process, which would stop it by ending, follows it to its end. */
async function actAndFollow(
  params: { given: string; dataDir: string; done: GateAction; autoResume?: boolean },
  context: Context,
  act: (session: Session, executionId: string) => Promise<void>,
): Promise<ExitName> {
  const { given, dataDir, done, autoResume = false } = params;
  return withSession({ dataDir, purpose: 'work' }, context, async (session) => {
    const executionId = await resolveExecutionId(session.control, given);
    const after = await lastSequence(session, executionId);
    await act(session, executionId);
    if (session.runsHere)
      return followToEnd({ session, executionId, dataDir, ask: true, after, autoResume }, context);
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
