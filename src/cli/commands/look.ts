import { z } from 'zod';
import { junitOf } from '#control/junit.ts';
import { hasEnded } from '#core/states.ts';
import type { Session } from '../host.ts';
import { defineCommand } from '../command.ts';
import { eventLine } from '../display.ts';
import { dataDirFlag } from '../follow-to-end.ts';
import { readEvents } from '../follow.ts';
import {
  DATA_DIR_OPTION,
  DataDir,
  EXECUTION_ARGUMENT,
  ExecutionId,
  Json,
  JSON_OPTION,
  Whole,
} from '../inputs.ts';
import { renderLiveView } from '../live-view.ts';
import { outputPaths, writeWhole } from '../write-outputs.ts';
import { renderReport } from '../report/report.ts';
import { evidenceOf } from './audit.ts';
import { abandonedLine } from './list.ts';
import { resolveExecutionId, withSession } from './with-session.ts';

/** `breakwater executions show`. */
export const showCommand = defineCommand({
  name: 'executions show',
  summary: 'show the state of an execution: waves, technologies, servers, open gates',
  asksServer: true,
  arguments: [EXECUTION_ARGUMENT],
  options: [DATA_DIR_OPTION, JSON_OPTION],
  examples: ['breakwater executions show latest', 'breakwater executions show exec-1a2b3c --json'],
  exits: ['ok', 'invalid'],
  input: z.object({ executionId: ExecutionId, dataDir: DataDir, json: Json }),
  run: async ({ executionId: given, dataDir }, context) =>
    withSession({ dataDir, purpose: 'look' }, context, async ({ control, clock, nobodyRuns = false }) => {
      const executionId = await resolveExecutionId(control, given);
      const view = await control.getExecution({ executionId });
      const { io, output } = context;
      const { width } = io.size();
      const running = !hasEnded(view.status) && !nobodyRuns;
      const isLeft = !hasEnded(view.status) && nobodyRuns;
      const options = {
        now: clock.now(),
        width,
        height: Infinity,
        everything: true,
        color: io.color,
        frame: 0,
        commandFlags: `${dataDirFlag(dataDir)}${context.serverFlags}`,
        nobodyRuns: isLeft,
      };
      output.data({ ...view, running }, () =>
        [renderLiveView(view, options), ...(isLeft ? ['', abandonedLine(executionId, dataDir)] : [])].join(
          '\n',
        ),
      );
      return 'ok';
    }),
});

/** `breakwater executions events`. */
export const eventsCommand = defineCommand({
  name: 'executions events',
  summary: 'print the events of an execution, the oldest first',
  asksServer: true,
  arguments: [EXECUTION_ARGUMENT],
  options: [
    { flags: '--after <sequence>', summary: 'only events after this one' },
    { flags: '--all', summary: 'also progress reports (level debug)' },
    DATA_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: ['breakwater executions events latest', 'breakwater executions events latest --after 120 --json'],
  exits: ['ok', 'invalid'],
  input: z.object({
    executionId: ExecutionId,
    after: Whole.default(0),
    all: z.boolean().default(false),
    dataDir: DataDir,
    json: Json,
  }),
  run: async ({ executionId: given, after, all, dataDir }, context) =>
    withSession({ dataDir, purpose: 'look' }, context, async ({ control }) => {
      const executionId = await resolveExecutionId(control, given);
      const { startedAt } = await control.getExecution({ executionId });
      const { output } = context;
      for (const event of await readEvents(control, executionId, after)) {
        if (all || output.json || event.level !== 'debug') {
          output.data(event, () => eventLine(event, Date.parse(startedAt), output.theme));
        }
      }
      return 'ok';
    }),
});

const OUT_OPTION = { flags: '--out <file>', summary: 'write to this file' } as const;

/** `breakwater executions export`. */
export const exportCommand = defineCommand({
  name: 'executions export',
  summary:
    'print the export of an execution: JSON for tools, JUnit XML for pipelines, or a bundle of evidence',
  asksServer: true,
  arguments: [EXECUTION_ARGUMENT],
  options: [
    {
      flags: '--format <format>',
      summary:
        'json, junit, or evidence: plan, timeline, outcomes and the audit chain that proves them (default: json)',
    },
    OUT_OPTION,
    DATA_DIR_OPTION,
  ],
  examples: [
    'breakwater executions export latest',
    'breakwater executions export latest --format junit --out drill.xml',
    'breakwater executions export latest --format evidence --out evidence.json',
  ],
  exits: ['ok', 'invalid'],
  input: z.object({
    executionId: ExecutionId,
    format: z.enum(['json', 'junit', 'evidence']).default('json'),
    out: z.string().min(1).optional(),
    dataDir: DataDir,
  }),
  run: async ({ executionId: given, format, out, dataDir }, context) =>
    withSession({ dataDir, purpose: 'look' }, context, async (session) => {
      const executionId = await resolveExecutionId(session.control, given);
      const text = await exportText(session, { executionId, format, by: context.io.user });
      if (out === undefined) context.io.print(text);
      else await writeWhole(out, `${text}\n`);
      return 'ok';
    }),
});

async function exportText(
  session: Session,
  { executionId, format, by }: { executionId: string; format: 'json' | 'junit' | 'evidence'; by: string },
): Promise<string> {
  if (format === 'junit') return junitOf(await session.control.getExecution({ executionId }));
  const value =
    format === 'evidence'
      ? await evidenceOf(session).bundle(executionId, { by })
      : await session.control.exportExecution({ executionId });
  return JSON.stringify(value, null, 2);
}

/** `breakwater executions report`. */
export const reportCommand = defineCommand({
  name: 'executions report',
  summary: 'write the report of an execution (HTML, one file) and print where it is',
  asksServer: true,
  arguments: [EXECUTION_ARGUMENT],
  options: [OUT_OPTION, DATA_DIR_OPTION, JSON_OPTION],
  examples: ['breakwater executions report latest', 'breakwater executions report latest --out drill.html'],
  exits: ['ok', 'invalid'],
  input: z.object({
    executionId: ExecutionId,
    out: z.string().min(1).optional(),
    dataDir: DataDir,
    json: Json,
  }),
  run: async ({ executionId: given, out, dataDir }, context) =>
    withSession({ dataDir, purpose: 'look' }, context, async ({ control }) => {
      const executionId = await resolveExecutionId(control, given);
      const path = out ?? outputPaths(dataDir, executionId).reportPath;
      const exported = await control.exportExecution({ executionId });
      await writeWhole(path, renderReport(exported, await readEvents(control, executionId, 0)));
      context.output.data({ reportPath: path }, () => path);
      return 'ok';
    }),
});
