import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type {
  ConnectParams,
  LocalHost,
  OpenParams,
  Session,
  SimulateParams,
  Simulation,
  Time,
} from '#cli/host.ts';
import { scaledClock } from '#clocks/scaled.ts';
import { systemClock } from '#clocks/system.ts';
import { BreakwaterError } from '#core/errors.ts';
import { createSimulation } from '#sim/index.ts';
import { connectControl, serveControl } from './control-socket.ts';
import {
  dataFiles,
  openDataDirectory,
  readMeta,
  readOwner,
  writeMeta,
  type DataDirectory,
} from './data-directory.ts';
import { keptTime, readScenarioFile, realEstate, simulatedEstate, type Estate } from './estate.ts';
import { openPlatform } from './platform.ts';
import { hasUnfinished, lastMomentIn, openReader } from './reader.ts';
import { clockForLooking, clockOf, describeTime, keepMoment, readRun } from './run-record.ts';

const SCENARIO_COPY = 'scenario.yaml';
const TICK_MS = 1_000;

/** Breakwater in one process: what the command line stands on. */
export function localHost(environment: Readonly<Record<string, string | undefined>>): LocalHost {
  return {
    open: (params) => open(params, environment),
    connect: (params) => connect(params, environment),
    simulate,
  };
}

async function open(params: OpenParams, environment: Environment): Promise<Session> {
  const { dataDir, scenario, time } = params;
  if (dataDir === null) return openUnkept(scenario, time, environment);
  // Read before the directory is touched: a bad scenario leaves nothing behind.
  if (scenario !== undefined) await readScenarioFile(scenario);
  const directory = await openDataDirectory(dataDir);
  try {
    await keepRun(directory, { dataDir, scenario, time });
    return await openIn(directory, dataDir, environment);
  } catch (error) {
    directory.close();
    throw error;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A platform whose records are kept nowhere: for looking. */
async function openUnkept(
  scenarioPath: string | undefined,
  time: Time,
  environment: Environment,
): Promise<Session> {
  const scenario = scenarioPath === undefined ? null : (await readScenarioFile(scenarioPath)).scenario;
  const clock = scenario === null ? systemClock() : clockOf(time, scenario.startsAt);
  const estate =
    scenario === null ? realEstate(environment) : simulatedEstate({ scenario, clock, path: null });
  const platform = await openPlatform({ recordsPath: ':memory:', enginePath: ':memory:', clock, estate });
  return {
    control: platform.control,
    clock: { now: () => clock.now(), describe: () => describeTime(time) },
    runsHere: true,
    recovered: [],
    failure: () => platform.failure(),
    close: async () => {
      await platform.close();
      await estate.close();
    },
  };
}

/**
 * Writes down how the directory is run. Unfinished executions keep the AWS that they began with; without any, a scenario
 * begins anew as its file describes it, so that a rehearsal can be repeated.
 */
async function keepRun(directory: DataDirectory, params: KeptRun & { readonly time: Time }): Promise<void> {
  const { dataDir, scenario, time } = params;
  const unfinished = await hasUnfinished(directory.files.records);
  if (unfinished) await refuseAnotherAws(dataDir, scenario);
  else if (scenario !== undefined) {
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(`${directory.files.simulation}${suffix}`, { force: true });
    writeMeta(dataDir, 'clock', 0);
    writeFileSync(path.join(dataDir, SCENARIO_COPY), (await readScenarioFile(scenario)).text, {
      mode: 0o600,
    });
  }
  writeMeta(dataDir, 'run', { simulated: scenario !== undefined, time: { ...time } });
}

interface KeptRun {
  readonly dataDir: string;
  readonly scenario: string | undefined;
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

/** Opens a whole platform on a directory that this process holds, as its run record says. */
async function openIn(directory: DataDirectory, dataDir: string, environment: Environment): Promise<Session> {
  const run = readRun(dataDir);
  if (run === null) throw new BreakwaterError('DataDirectoryUnusable', `${dataDir} has never been run`);
  const scenario = run.simulated
    ? (await readScenarioFile(path.join(dataDir, SCENARIO_COPY))).scenario
    : null;
  const { files } = directory;
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
  const platform = await openPlatform({
    recordsPath: files.records,
    enginePath: files.engine,
    // A rehearsal can be repeated, and most of its time would go into flushing the disk.
    durability: run.simulated && run.time.kind === 'virtual' ? 'process' : 'power',
    clock,
    estate,
    ...(seed === undefined ? {} : { seed }),
  });
  const keepTime = (): void => keepMoment(dataDir, clock.now());
  const ticking = scenario === null ? undefined : setInterval(keepTime, TICK_MS);
  ticking?.unref();
  const server = await serveControl(platform.control, directory.socket);
  return {
    control: platform.control,
    clock: { now: () => clock.now(), describe: () => describeTime(run.time as Time) },
    runsHere: true,
    recovered: platform.recovered,
    failure: () => platform.failure(),
    close: async () => {
      server.close();
      server.closeAllConnections();
      clearInterval(ticking);
      try {
        await platform.close();
        if (scenario !== null) keepTime();
        await estate.close();
      } finally {
        directory.close();
      }
    },
  };
}

async function connect({ dataDir, purpose }: ConnectParams, environment: Environment): Promise<Session> {
  if (!existsSync(dataDir)) {
    throw new BreakwaterError('DataDirectoryUnusable', `there is no data directory ${dataDir}`);
  }
  const owner = await readOwner(dataDir);
  if (owner !== null) return remoteSession(dataDir, owner.socket);
  const files = dataFiles(dataDir);
  // Nothing is written into a directory that is somebody else's.
  if (!existsSync(files.records)) {
    throw new BreakwaterError(
      'DataDirectoryUnusable',
      `${dataDir} is no data directory: nothing was run there`,
    );
  }
  if (purpose === 'look') {
    const last = await lastMomentIn(files.records);
    return openReader(dataDir, files, clockForLooking(dataDir, last));
  }
  const directory = await openDataDirectory(dataDir);
  try {
    return await openIn(directory, dataDir, environment);
  } catch (error) {
    directory.close();
    throw error;
  }
}

function remoteSession(dataDir: string, socket: string): Session {
  return {
    control: connectControl(socket),
    clock: clockForLooking(dataDir),
    runsHere: false,
    recovered: [],
    failure: () => null,
    close: async () => {},
  };
}

function keptTimeIn(file: string): number {
  return existsSync(file) ? (keptTime(file) ?? 0) : 0;
}

async function simulate({ scenario: scenarioPath, port, speed }: SimulateParams): Promise<Simulation> {
  const { scenario } = await readScenarioFile(scenarioPath);
  const simulation = createSimulation({
    scenario,
    clock: scaledClock({ startsAt: scenario.startsAt, speed }),
  });
  const listener = await simulation.listen({ port });
  const [home] = simulation.accounts;
  return {
    url: listener.url,
    environment: [
      ['AWS_ENDPOINT_URL', listener.url],
      ['AWS_ACCESS_KEY_ID', home!.accessKeyId],
      ['AWS_SECRET_ACCESS_KEY', home!.secretAccessKey],
      ['AWS_DEFAULT_REGION', Object.keys(scenario.accounts[0]!.regions)[0] ?? 'us-east-1'],
    ],
    close: () => simulation.close(),
  };
}
