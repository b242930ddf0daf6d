import { z } from 'zod';
import type { ExecutionSummary } from '#control/control.ts';
import { defineCommand } from '../command.ts';
import { humanDuration, plain } from '../format.ts';
import { DATA_DIR_OPTION, DataDir, Json, JSON_OPTION, Whole } from '../inputs.ts';
import { renderTable } from '../output.ts';
import { elapsedMs } from '../progress.ts';
import { statusGlyph, statusWords, type Theme } from '../theme.ts';
import { withSession } from './with-session.ts';

const STATUSES = [
  'planning',
  'in_progress',
  'paused',
  'wave_complete',
  'completed',
  'failed',
  'cancelled',
] as const;

/** `breakwater executions list`. */
export const listCommand = defineCommand({
  name: 'executions list',
  summary: 'list executions, the latest first',
  arguments: [],
  options: [
    { flags: '--status <status>', summary: `only those that are ${STATUSES.join(', ')}` },
    { flags: '--limit <n>', summary: 'at most so many (default: 20)' },
    DATA_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: ['breakwater executions list', 'breakwater executions list --status paused --json'],
  exits: ['ok', 'invalid'],
  input: z.object({
    status: z.enum(STATUSES).optional(),
    limit: Whole.default(20),
    dataDir: DataDir,
    json: Json,
  }),
  run: async ({ status, limit, dataDir }, context) =>
    withSession({ dataDir, purpose: 'look' }, context, async ({ control, clock }) => {
      const answer = await control.listExecutions({ limit, ...(status === undefined ? {} : { status }) });
      context.output.data(answer, () => renderList(answer.executions, clock.now(), context.output.theme));
      return 'ok';
    }),
});

function renderList(executions: readonly ExecutionSummary[], now: number, theme: Theme): string {
  if (executions.length === 0) return 'There are no executions here.';
  return renderTable({
    head: ['', 'Execution', 'Plan', 'Mode', 'Status', 'Wave', 'Started', 'Took'],
    right: [5, 7],
    rows: executions.map((execution) => [
      statusGlyph(execution.status, theme),
      execution.executionId,
      plain(execution.planName),
      execution.mode,
      statusWords(execution.status) + (execution.outcome === 'with_exceptions' ? ', with exceptions' : ''),
      `${execution.currentWave}/${execution.totalWaves}`,
      execution.startedAt.slice(0, 16).replace('T', ' '),
      humanDuration(elapsedMs(execution, now) ?? 0),
    ]),
    theme,
  });
}
