import { z } from 'zod';
import type { ExecutionSummary } from '#control/control.ts';
import { EXECUTION_STATUSES, hasEnded, type ExecutionStatus } from '#core/states.ts';
import { defineCommand } from '../command.ts';
import { humanDuration, plain } from '../format.ts';
import { DATA_DIR_OPTION, DataDir, Json, JSON_OPTION, Whole } from '../inputs.ts';
import { dataDirFlag } from '../follow-to-end.ts';
import { resumeCommand } from '../live-view.ts';
import { renderTable } from '../output.ts';
import { elapsedMs } from '../progress.ts';
import { statusGlyph, statusWords, type Theme } from '../theme.ts';
import { withSession } from './with-session.ts';

/** `breakwater executions list`. */
export const listCommand = defineCommand({
  name: 'executions list',
  summary: 'list executions, the latest first',
  asksServer: true,
  arguments: [],
  options: [
    { flags: '--status <status>', summary: `only those that are ${EXECUTION_STATUSES.join(', ')}` },
    { flags: '--limit <n>', summary: 'at most so many (default: 20)' },
    DATA_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: ['breakwater executions list', 'breakwater executions list --status paused --json'],
  exits: ['ok', 'invalid'],
  input: z.object({
    status: z.enum(EXECUTION_STATUSES).optional(),
    limit: Whole.default(20),
    dataDir: DataDir,
    json: Json,
  }),
  run: async ({ status, limit, dataDir }, context) =>
    withSession({ dataDir, purpose: 'look' }, context, async ({ control, clock, nobodyRuns = false }) => {
      const answer = await control.listExecutions({ limit, ...(status === undefined ? {} : { status }) });
      const executions = answer.executions.map((execution) => ({
        ...execution,
        running: !hasEnded(execution.status) && !nobodyRuns,
      }));
      const left = executions.filter(({ status: value, running }) => !hasEnded(value) && !running);
      context.output.data({ ...answer, executions }, () =>
        [
          renderList(executions, clock.now(), context.output.theme),
          ...left.map(({ executionId }) => abandonedLine(executionId, dataDir)),
        ].join('\n'),
      );
      return 'ok';
    }),
});

type Listed = ExecutionSummary & { readonly running: boolean };

/** What to type for an execution whose process has gone. */
export function abandonedLine(executionId: string, dataDir: string): string {
  return `Nobody runs ${executionId}. Go on with: ${resumeCommand(executionId)}${dataDirFlag(dataDir)}`;
}

/** A status in words, and that no process works on it any more. */
export function statusOf(status: ExecutionStatus, running: boolean): string {
  return `${statusWords(status)}${hasEnded(status) || running ? '' : ' (nobody runs it)'}`;
}

function renderList(executions: readonly Listed[], now: number, theme: Theme): string {
  if (executions.length === 0) return 'There are no executions here.';
  return renderTable({
    head: ['', 'Execution', 'Plan', 'Mode', 'Status', 'Wave', 'Started', 'Took'],
    right: [5, 7],
    rows: executions.map((execution) => [
      statusGlyph(execution.status, theme),
      execution.executionId,
      plain(execution.planName),
      execution.mode,
      statusOf(execution.status, execution.running) +
        (execution.outcome === 'with_exceptions' ? ', with exceptions' : ''),
      `${execution.currentWave}/${execution.totalWaves}`,
      execution.startedAt.slice(0, 16).replace('T', ' '),
      humanDuration(elapsedMs(execution, now) ?? 0),
    ]),
    theme,
  });
}
