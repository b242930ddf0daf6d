import type { ExecutionView } from '#core/view.ts';
import type { Context } from './command.ts';
import { makeDisplay } from './display.ts';
import { exitOfStatus, type ExitName } from './exit-codes.ts';
import { followExecution, readEvents, type OnDecision } from './follow.ts';
import type { Session } from './host.ts';
import { renderSummary } from './summary.ts';
import { writeOutputs } from './write-outputs.ts';

export interface FollowToEndParams {
  readonly session: Session;
  readonly executionId: string;
  readonly dataDir: string;
  /** Ask at gates, if there is a person at the terminal. */
  readonly ask: boolean;
  /** Show only events after this sequence number. */
  readonly after?: number;
  /** Resume at pause gates after a moment. */
  readonly autoResume?: boolean;
  /** Do this where a decision is awaited, and ask nobody. */
  readonly onDecision?: OnDecision;
}

/** Watches an execution to its end, sums it up, and writes export and report. Interrupted: says how it goes on. */
export async function followToEnd(params: FollowToEndParams, context: Context): Promise<ExitName> {
  const { io, output } = context;
  const { session, executionId, dataDir, after, onDecision } = params;
  const view = await followExecution({
    session,
    executionId,
    io,
    display: makeDisplay(io, output, {
      time: session.clock.describe(),
      commandFlags: `${dataDirFlag(dataDir)}${context.serverFlags}`,
    }),
    ask: params.ask && io.interactive && !output.json,
    autoResume: params.autoResume ?? false,
    ...(after === undefined ? {} : { after }),
    ...(onDecision === undefined ? {} : { onDecision }),
  });
  if (view !== null) return finish(params, view, context);
  const words = session.runsHere
    ? 'The execution stops here and goes on with'
    : 'The execution goes on. Watch it with';
  const verb = session.runsHere ? 'resume' : 'show';
  output.message(
    `\n${words}\n  breakwater executions ${verb} ${executionId}${dataDirFlag(dataDir)}${context.serverFlags}`,
  );
  return 'interrupted';
}

/** What to add to a command so that it finds this data directory. */
export function dataDirFlag(dataDir: string): string {
  return dataDir === '.breakwater'
    ? ''
    : ` --data-dir ${/^[\w./-]+$/.test(dataDir) ? dataDir : JSON.stringify(dataDir)}`;
}

async function finish(
  { session, executionId, dataDir }: FollowToEndParams,
  view: ExecutionView,
  { output }: Context,
): Promise<ExitName> {
  const exported = await session.control.exportExecution({ executionId });
  const events = await readEvents(session.control, executionId, 0);
  const paths = await writeOutputs(dataDir, exported, events);
  const { status, outcome, error } = view;
  const { rto, rpo } = exported;
  const result = { executionId, status, outcome, error, rto, rpo, ...paths };
  output.data({ result }, () =>
    [
      '',
      renderSummary(exported, output.theme),
      '',
      `Export  ${paths.exportPath}`,
      `Report  ${paths.reportPath}`,
    ].join('\n'),
  );
  return exitOfStatus(status);
}
