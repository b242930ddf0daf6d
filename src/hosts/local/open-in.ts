import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import path from 'node:path';
import type { Session, Time } from '#cli/host.ts';
import { systemClock } from '#clocks/system.ts';
import { BreakwaterError } from '#core/errors.ts';
import { serveControl } from './control-socket.ts';
import { readMeta, type DataDirectory } from './data-directory.ts';
import { keptTime, readScenarioFile, realEstate, simulatedEstate, type Estate } from './estate.ts';
import { holdDecisions } from './hold-decisions.ts';
import { openPlatform, type Platform } from './platform.ts';
import { makePrivate } from './private-file.ts';
import { lastMomentIn } from './reader.ts';
import { clockOf, describeTime, keepMoment, readRun } from './run-record.ts';

/** The scenario as it was when the directory's executions began. */
export const SCENARIO_COPY = 'scenario.yaml';
const TICK_MS = 1_000;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Opens a whole platform on a directory that this process holds, as its run record says. `decidesHere`: whoever opens it acts at every
 * decision gate, and virtual time waits for that.
 */
export async function openIn(
  directory: DataDirectory,
  dataDir: string,
  environment: Environment,
  { decidesHere = false }: { decidesHere?: boolean } = {},
): Promise<Session & { readonly platform: Platform; readonly estate: Estate }> {
  const run = readRun(dataDir);
  if (run === null) throw new BreakwaterError('DataDirectoryUnusable', `${dataDir} has never been run`);
  const scenario = run.simulated
    ? (await readScenarioFile(path.join(dataDir, SCENARIO_COPY))).scenario
    : null;
  const { files } = directory;
  for (const file of [files.records, files.engine, `${files.engine}.lock`]) makePrivate(file);
  const seen = readMeta(dataDir, 'clock');
  const startsAt = Math.max(
    scenario?.startsAt ?? 0,
    keptTimeIn(files.simulation),
    typeof seen === 'number' ? seen : 0,
    await lastMomentIn(files.records),
  );
  const clock = scenario === null ? systemClock() : clockOf(run.time as Time, startsAt);
  const estate: Estate =
    scenario === null
      ? realEstate(environment)
      : simulatedEstate({ scenario, clock, path: files.simulation });
  const seed = run.time.kind === 'virtual' ? run.time.seed : undefined;
  // Until it is known at which gates somebody is awaited.
  const release = clock.hold();
  const platform = await openPlatform({
    recordsPath: files.records,
    enginePath: files.engine,
    // A rehearsal can be repeated, and most of its time would go into flushing the disk.
    durability: run.simulated && run.time.kind === 'virtual' ? 'process' : 'power',
    clock,
    estate,
    environment,
    ...(seed === undefined ? {} : { seed }),
  });
  let server: Server;
  let letGo = (): void => {};
  try {
    server = await serveControl(platform.control, directory.socket);
    const { events, services } = platform.deps;
    const world = { events, executions: services.executions };
    if (decidesHere) letGo = await holdDecisions(world, clock, platform.recovered);
  } catch (error) {
    // The executions are at work already: they must not go on in a directory that is given free.
    await platform.close();
    await estate.close();
    throw error;
  }
  release();
  let kept = Promise.resolve();
  // One after the other: a later moment is never written over by an earlier one.
  const keepTime = (): Promise<void> => (kept = kept.then(() => keepMoment(dataDir, clock.now())));
  const ticking = scenario === null ? undefined : setInterval(() => void keepTime(), TICK_MS);
  ticking?.unref();
  return {
    platform,
    estate,
    control: platform.control,
    clock: { now: () => clock.now(), describe: () => describeTime(run.time as Time) },
    runsHere: true,
    recovered: platform.recovered,
    failure: () => platform.failure(),
    close: async () => {
      server.close();
      server.closeAllConnections();
      clearInterval(ticking);
      letGo();
      try {
        await platform.close();
        if (scenario !== null) await keepTime();
        await estate.close();
      } finally {
        directory.close();
      }
    },
  };
}

function keptTimeIn(file: string): number {
  return existsSync(file) ? (keptTime(file) ?? 0) : 0;
}
