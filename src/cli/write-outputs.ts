import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BreakwaterError } from '#core/errors.ts';
import type { ExecutionEventRecord } from '#core/events.ts';
import type { ExecutionExport } from '#core/export.ts';
import { renderReport } from './report/report.ts';

export interface OutputPaths {
  readonly exportPath: string;
  readonly reportPath: string;
}

/** Where the export and the report of an execution lie. */
export function outputPaths(dataDir: string, executionId: string): OutputPaths {
  const folder = join(dataDir, 'executions', executionId);
  return { exportPath: join(folder, 'export.json'), reportPath: join(folder, 'report.html') };
}

/** Writes export and report of an execution into its data directory, over older ones. Throws `DataDirectoryUnusable`. */
export async function writeOutputs(
  dataDir: string,
  exported: ExecutionExport,
  events: readonly ExecutionEventRecord[],
): Promise<OutputPaths> {
  const paths = outputPaths(dataDir, exported.execution.executionId);
  await writeWhole(paths.exportPath, `${JSON.stringify(exported, null, 2)}\n`);
  await writeWhole(paths.reportPath, renderReport(exported, events));
  return paths;
}

/** Writes a file so that a reader never sees half of it. Makes its folder. Throws `DataDirectoryUnusable`. */
export async function writeWhole(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.part`, text);
    await rename(`${path}.part`, path);
  } catch (cause) {
    throw new BreakwaterError('DataDirectoryUnusable', `${path} could not be written`, { cause });
  }
}
