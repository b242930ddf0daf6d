import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Time } from '#cli/host.ts';
import { BreakwaterError } from '#core/errors.ts';
import { writeMeta, type DataDirectory } from './data-directory.ts';
import { readScenarioFile } from './estate.ts';
import { SCENARIO_COPY } from './open-in.ts';
import { hasUnfinished } from './reader.ts';
import { readRun } from './run-record.ts';

/**
 * Writes down how the directory is run. Unfinished executions keep the AWS that they began with; without any, a scenario
 * begins anew as its file describes it, so that a rehearsal can be repeated. `goOn`: the same scenario goes on as it was left,
 * and none means the one before.
 */
export async function keepRun(
  directory: DataDirectory,
  params: KeptRun & { readonly time: Time; readonly goOn?: boolean },
): Promise<void> {
  const { dataDir, scenario, time, goOn = false } = params;
  const unfinished = await hasUnfinished(directory.files.records);
  const kept = readRun(dataDir);
  if (goOn && scenario === undefined && kept !== null) return;
  if (unfinished) await refuseAnotherAws(dataDir, scenario);
  else if (scenario !== undefined && !(goOn && (await isKept(dataDir, scenario)))) {
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(`${directory.files.simulation}${suffix}`, { force: true });
    await writeMeta(dataDir, 'clock', 0);
    writeFileSync(path.join(dataDir, SCENARIO_COPY), (await readScenarioFile(scenario)).text, {
      mode: 0o600,
    });
  }
  await writeMeta(dataDir, 'run', { simulated: scenario !== undefined, time: { ...time } });
}

interface KeptRun {
  readonly dataDir: string;
  readonly scenario: string | undefined;
}

async function isKept(dataDir: string, scenario: string): Promise<boolean> {
  if (readRun(dataDir)?.simulated !== true) return false;
  const kept = await readScenarioFile(path.join(dataDir, SCENARIO_COPY));
  return kept.text === (await readScenarioFile(scenario)).text;
}

async function refuseAnotherAws(dataDir: string, scenario: string | undefined): Promise<void> {
  const simulated = readRun(dataDir)?.simulated === true;
  const asked = scenario === undefined ? null : (await readScenarioFile(scenario)).text;
  const kept = simulated ? (await readScenarioFile(path.join(dataDir, SCENARIO_COPY))).text : null;
  if (asked === kept) return;
  throw new BreakwaterError(
    'DataDirectoryUnusable',
    `${dataDir} holds an unfinished execution on ${simulated ? 'another scenario' : 'the real AWS'}: finish it with \`breakwater executions resume latest\`, or use another --data-dir`,
  );
}
