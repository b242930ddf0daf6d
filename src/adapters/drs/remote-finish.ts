import { formatDuration } from '#core/duration.ts';
import { BreakwaterError, hasCode, messageOf } from '#core/errors.ts';
import type { Json, JsonObject } from '#core/json.ts';
import type { OperationContext, Progress } from '../contract.ts';
import { planRow } from './remote-progress.ts';
import type { RemoteInput } from './remote-schema.ts';
import type { RemoteState } from './remote-state.ts';
import { judge, type JudgeParams, type Verdict } from './remote-verdict.ts';
import type { RemoteExecution, SolutionDoor } from './solution-door.ts';

type Ended = Exclude<Progress<RemoteState>, { status: 'in_progress' }>;

/** A record holds 400 KB, and the results are a part of one. */
const MOST_EXPORT_CHARACTERS = 200_000;
/** How long an export is asked for that does not come; then the end counts without it. */
const EXPORT_PATIENCE_MS = 120_000;

interface FinishParams {
  readonly execution: RemoteExecution;
  /** When the end was first seen, ms since 1970. */
  readonly endedAt: number;
  readonly judging: JudgeParams;
}

/** How an execution there has ended; `null`: its export does not come yet. */
export async function finish(
  context: OperationContext,
  input: RemoteInput,
  door: SolutionDoor,
  { execution, endedAt, judging }: FinishParams,
): Promise<Ended | null> {
  const url = door.placeOf(execution.executionId);
  let last = execution;
  let data: JsonObject;
  try {
    const exported = await door.export(execution.executionId, context.signal);
    last = exported.execution;
    data = fitting(exported.data, url);
  } catch (error) {
    if (!(error instanceof BreakwaterError) || error.retry === 'bug') throw error;
    const isPassing = hasCode(error, 'SolutionUnreachable');
    if (isPassing && context.now() - endedAt < EXPORT_PATIENCE_MS) return null;
    data = {
      omitted: true,
      reason: `the export could not be fetched: ${messageOf(error)}`,
      availableAt: url,
    };
  }
  const verdict = judge(last, judging);
  const results = resultsOf({ context, input, door, execution: last, verdict, data });
  const isDone = verdict.problems.length === 0;
  const row = planRow(
    input,
    isDone ? 'completed' : 'failed',
    `execution ${last.executionId} is ${last.statusThere} there`,
  );
  const outcomes = [
    isDone ? row : { ...row, error: { code: 'RecoveryFailed', message: verdict.problems.join('; ') } },
    ...verdict.outcomes,
  ];
  const why = reasons(verdict);
  if (why.length === 0) return { status: 'completed', outcomes, results };
  const message = `execution ${last.executionId} at ${door.name}: ${why.join('; ')}`;
  return { status: 'failed', outcomes, results, error: { code: 'RecoveryFailed', message } };
}

/** The solution has forgotten the execution: nobody knows what became of its servers. */
export function finishVanished(input: RemoteInput, { name }: SolutionDoor, executionId: string): Ended {
  const message = `${name} does not know execution ${executionId} any more; look in DRS what became of its servers`;
  const error = { code: 'RecoveryFailed', message };
  const results = { integration: 'api', solution: name, drsExecutionId: executionId };
  return { status: 'failed', outcomes: [{ ...planRow(input, 'failed'), error }], results, error };
}

function reasons({ problems, notLaunched, launched }: Verdict): string[] {
  if (notLaunched === 0) return [...problems];
  return [...problems, `${notLaunched} of ${launched + notLaunched} servers were not launched there`];
}

function resultsOf(params: {
  context: OperationContext;
  input: RemoteInput;
  door: SolutionDoor;
  execution: RemoteExecution;
  verdict: Verdict;
  data: JsonObject;
}): JsonObject {
  const { context, input, door, execution, verdict, data } = params;
  const { startedAt, completedAt, executionId, statusThere } = execution;
  return {
    integration: 'api',
    solution: door.name,
    recoveryPlanId: input.resources.recoveryPlanId,
    drsExecutionId: executionId,
    statusThere,
    isDrill: context.mode === 'drill',
    launched: verdict.launched,
    failed: verdict.notLaunched,
    ...(startedAt === undefined || completedAt === undefined
      ? {}
      : { executionTime: formatDuration(Math.max(0, Date.parse(completedAt) - Date.parse(startedAt))) }),
    drsExportData: data,
  };
}

/** Verbatim, or a member that says how much was left out and where it is. */
function fitting(data: JsonObject, url: string): JsonObject {
  const { length } = JSON.stringify(data);
  if (length <= MOST_EXPORT_CHARACTERS) return data;
  const reason = `the export has ${length} characters; at most ${MOST_EXPORT_CHARACTERS} are kept`;
  return { omitted: true, reason, availableAt: url } satisfies Record<string, Json>;
}
