import { z } from 'zod';
import { placeFindings, readPlanFile, type PlanFile } from '#control/plan-file.ts';
import { BreakwaterError, hasCode } from '#core/errors.ts';
import type { Json as JsonValue } from '#core/json.ts';
import type { Finding } from '#core/outcome.ts';
import { hasEnded } from '#core/states.ts';
import type { ExecutionMode } from '#core/view.ts';
import { defineCommand, type Context } from '../command.ts';
import { plural } from '../format.ts';
import { followToEnd } from '../follow-to-end.ts';
import type { OnDecision } from '../follow.ts';
import type { Session, Time } from '../host.ts';
import {
  DATA_DIR_OPTION,
  DataDir,
  Json,
  JSON_OPTION,
  Positive,
  Scenario,
  SCENARIO_OPTION,
  Whole,
} from '../inputs.ts';

const input = z
  .object({
    plan: z.string(),
    drill: z.boolean().default(false),
    recovery: z.boolean().default(false),
    scenario: Scenario,
    speed: Positive.optional(),
    virtual: z.boolean().default(false),
    seed: Whole.optional(),
    autoResume: z.boolean().default(false),
    onDecision: z.enum(['retry', 'skip', 'cancel']).optional(),
    yes: z.boolean().default(false),
    dataDir: DataDir,
    json: Json,
  })
  .superRefine((value, context) => {
    const refuse = (name: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [name], message });
    if (value.drill === value.recovery) refuse('drill', 'give either --drill or --recovery');
    if (value.speed !== undefined && value.virtual) refuse('speed', 'give either --speed or --virtual');
    if ((value.speed !== undefined || value.virtual) && value.scenario === undefined) {
      refuse(value.virtual ? 'virtual' : 'speed', 'real AWS keeps real time: needs --scenario');
    }
    if (value.seed !== undefined && !value.virtual) refuse('seed', 'needs --virtual');
  });
type Input = z.infer<typeof input>;

/** `breakwater run`. */
export const runCommand = defineCommand({
  name: 'run',
  summary: 'run a plan, as a drill or as a recovery',
  description:
    'Validates the plan, starts it, shows it live, asks at its gates, and at the end sums up and writes an export (JSON) and a report (HTML).\n' +
    'In virtual time a decision that nobody can be asked for cancels the execution (exit code 3), unless --on-decision says otherwise.\n' +
    'Ctrl-C stops this process, not the plan: `breakwater executions resume ID` goes on from there.',
  asksServer: true,
  arguments: [{ name: 'plan', label: 'PLAN', summary: 'the plan file, YAML or JSON' }],
  options: [
    {
      flags: '--drill',
      summary:
        'rehearse: launches drill instances; what would move production is only assessed, unless the plan says so',
    },
    { flags: '--recovery', summary: "the real thing: asks to type the plan's name first" },
    SCENARIO_OPTION,
    { flags: '--speed <n>', summary: 'run the simulated AWS n times as fast as real time' },
    {
      flags: '--virtual',
      summary: 'virtual time: hours pass in seconds (implies --auto-resume)',
    },
    { flags: '--seed <n>', summary: 'with --virtual: the same seed gives the same history' },
    { flags: '--auto-resume', summary: 'open pause gates by themselves after a moment' },
    {
      flags: '--on-decision <action>',
      summary:
        'where something failed, ask nobody: retry (each wave once, then cancel), skip, or cancel (default in virtual time without a terminal)',
    },
    { flags: '--yes', summary: 'do not ask before a recovery' },
    DATA_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: [
    'breakwater run examples/core-banking/plan.yaml --drill --scenario examples/core-banking/estate.yaml --speed 60',
    'breakwater run plan.yaml --drill --scenario estate.yaml --virtual --seed 7 --json',
    'breakwater run plan.yaml --drill --scenario estate.yaml --virtual --on-decision skip',
    'breakwater run plan.yaml --recovery',
  ],
  exits: ['ok', 'invalid', 'failed', 'cancelled', 'interrupted'],
  input,
  run: async (value, context) => {
    const file = await readPlanFile(value.plan);
    const mode = value.recovery ? 'recovery' : 'drill';
    if (mode === 'recovery' && !value.yes) await confirmRecovery(file, context);
    const session = await context.local.open({
      dataDir: value.dataDir,
      time: timeOf(value),
      ...(value.scenario === undefined ? {} : { scenario: value.scenario }),
    });
    try {
      return await startAndFollow({ session, file, mode, value }, context);
    } finally {
      await session.close();
    }
  },
});

async function startAndFollow(
  params: { session: Session; file: PlanFile; mode: ExecutionMode; value: Input },
  context: Context,
) {
  const { session, file, mode, value } = params;
  const by = context.io.user;
  const { executionId, joined } = await sayIfSlow(context, 'Checking the plan against AWS', () =>
    start({ session, file, mode, virtual: value.virtual, by }),
  );
  for (const id of session.recovered) {
    context.output.message(
      `An earlier process left ${id} unfinished; it goes on${id === executionId ? '' : ' as well'}.`,
    );
  }
  if (joined) context.output.message('It runs this very plan, so no other is started.');
  const autoResume = value.autoResume && !value.virtual;
  if (autoResume) context.output.message('Pauses end by themselves after a moment (--auto-resume).');
  const { dataDir } = value;
  const onDecision = onDecisionOf(value, context);
  const exit = await followToEnd(
    {
      session,
      executionId,
      dataDir,
      ask: true,
      autoResume,
      ...(onDecision === undefined ? {} : { onDecision }),
    },
    context,
  );
  await tellUnfinished(session, executionId, context);
  return exit;
}

/** What to do at a decision without asking. In virtual time nobody can answer from elsewhere: there it must be someone here. */
function onDecisionOf({ onDecision, virtual }: Input, { io, output }: Context): OnDecision | undefined {
  if (onDecision !== undefined) return { action: onDecision, reason: `--on-decision ${onDecision}` };
  const canAsk = io.interactive && !output.json;
  return virtual && !canAsk ? { action: 'cancel', reason: 'nobody can decide in virtual time' } : undefined;
}

/** Executions that were taken up beside this one stop with the process: nobody must believe that they are done. */
async function tellUnfinished(
  { control, recovered }: Session,
  executionId: string,
  { output }: Context,
): Promise<void> {
  for (const id of recovered.filter((one) => one !== executionId)) {
    const { status } = await control.getExecution({ executionId: id });
    if (!hasEnded(status))
      output.message(`Still unfinished: ${id}. Go on with: breakwater executions resume ${id}`);
  }
}

const SLOW_MS = 3_000;

/** Nobody should look at a silent terminal: work that takes longer says what it is. */
async function sayIfSlow<T>({ io }: Context, words: string, work: () => Promise<T>): Promise<T> {
  const done = new AbortController();
  void io.sleep(SLOW_MS, done.signal).then(() => {
    if (!done.signal.aborted) io.note(`${words} …`);
  });
  try {
    return await work();
  } finally {
    done.abort();
  }
}

async function start(params: {
  session: Session;
  file: PlanFile;
  mode: ExecutionMode;
  virtual: boolean;
  by: string;
}): Promise<{ executionId: string; joined: boolean }> {
  const { session, file, mode, virtual, by } = params;
  try {
    const { plan } = file;
    // In virtual time nobody is waited for at a pause.
    return await session.control.startExecution({
      plan,
      mode,
      initiatedBy: by,
      autoResume: virtual,
      joinUnfinished: true,
      // What this process has taken up may have ended by now: it was run, and is not run a second time.
      ...(session.recovered.length === 0 ? {} : { wereUnfinished: session.recovered }),
    });
  } catch (error) {
    throw hasCode(error, 'ValidationFailed') ? withPlaces(error, file) : error;
  }
}

/** Findings about the estate, too, are shown where they stand in the plan file. */
function withPlaces(error: BreakwaterError, file: PlanFile): BreakwaterError {
  const findings = placeFindings((error.details['findings'] ?? []) as unknown as Finding[], file.locate);
  const errors = findings.filter(({ level }) => level === 'error').length;
  return new BreakwaterError('ValidationFailed', `${file.path} cannot run: ${plural(errors, 'error')}`, {
    cause: error.cause,
    details: { ...error.details, file: file.path, findings: findings as unknown as JsonValue },
  });
}

async function confirmRecovery({ plan, path }: PlanFile, { io, output }: Context): Promise<void> {
  const name = plan.name ?? plan.planId ?? path;
  if (!io.interactive || output.json) {
    throw new BreakwaterError('Declined', 'a recovery has to be confirmed, and nobody can be asked here');
  }
  io.print(
    'This is a recovery, not a drill: it launches servers, moves databases and changes DNS for production.',
  );
  const typed = await io.input({ message: `Type ${JSON.stringify(name)} to start it:` });
  if (typed.trim() !== name)
    throw new BreakwaterError('Declined', `${JSON.stringify(typed)} is not the name of the plan`);
}

function timeOf({ speed, virtual, seed }: Input): Time {
  if (virtual) return { kind: 'virtual', ...(seed === undefined ? {} : { seed }) };
  return speed === undefined ? { kind: 'system' } : { kind: 'scaled', speed };
}
