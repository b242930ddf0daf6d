import { existsSync } from 'node:fs';
import type {
  ConnectParams,
  LocalHost,
  OpenParams,
  ServerChoice,
  Session,
  SessionClock,
  SimulateParams,
  Simulation,
  Time,
} from '#cli/host.ts';
import { scaledClock } from '#clocks/scaled.ts';
import { systemClock } from '#clocks/system.ts';
import type { Control } from '#control/control.ts';
import { isLoopback } from '#control/outgoing-address.ts';
import type { Clock } from '#core/clock.ts';
import { BreakwaterError } from '#core/errors.ts';
import { createSimulation } from '#sim/index.ts';
import { connectControl } from './control-socket.ts';
import { httpControl } from './http-control.ts';
import { httpEvidence } from './http-evidence.ts';
import { dataFiles, openDataDirectory, readOwner } from './data-directory.ts';
import { deployPlan } from './deploy-plan.ts';
import { doctor } from './doctor.ts';
import { readScenarioFile, realEstate, simulatedEstate } from './estate.ts';
import { evidenceIn } from './evidence-in.ts';
import { keepRun } from './keep-run.ts';
import { openIn, type Environment } from './open-in.ts';
import { openPlatform } from './platform.ts';
import { lastMomentIn, openReader } from './reader.ts';
import { clockForLooking, clockOf, describeTime } from './run-record.ts';
import { serve } from './serve.ts';
import { serverIdentity } from './server-identity.ts';
import { serverUrl } from './server-url.ts';
import { signIn, signOut } from './sign-in/sign-in.ts';

/** Breakwater in one process: what the command line stands on. */
export function localHost(environment: Readonly<Record<string, string | undefined>>): LocalHost {
  return {
    open: (params) => open(params, environment),
    connect: (params) => connectWithEvidence(params, environment),
    at: (server) => hostAt(server, environment),
    doctor: (params) => doctor(params, environment),
    deployPlan: (params) => deployPlan(params, environment),
    signIn: (params) => signIn(params, environment),
    signOut: (server) => signOut(server, environment),
    simulate,
    serve: (params) => serve(params, environment),
  };
}

/** What was chosen stands in for the variables of the environment, and no scenario overrules it in silence. */
function hostAt({ api, auth }: ServerChoice, environment: Environment): LocalHost {
  const url = api ?? environment['BREAKWATER_URL'];
  if (!url)
    throw new BreakwaterError('UsageInvalid', '--auth is for a server: needs --api or BREAKWATER_URL');
  const way = auth === undefined ? {} : { BREAKWATER_AUTH: auth };
  const host = localHost({ ...environment, BREAKWATER_URL: url, ...way });
  return {
    ...host,
    open: async (params) => {
      if (params.scenario === undefined) return host.open(params);
      throw new BreakwaterError('UsageInvalid', 'a server has its own estate: give no --scenario with it');
    },
  };
}

async function open(params: OpenParams, environment: Environment): Promise<Session> {
  const { dataDir, scenario, time } = params;
  if (dataDir === null) {
    const named = scenario === undefined ? namedServer(environment) : null;
    return named ?? openUnkept(scenario, time, environment);
  }
  const server = scenario === undefined ? await runningServer(dataDir, environment) : null;
  if (server !== null) return server;
  // Read before the directory is touched: a bad scenario leaves nothing behind.
  if (scenario !== undefined) await readScenarioFile(scenario);
  const directory = await openDataDirectory(dataDir);
  try {
    await keepRun(directory, { dataDir, scenario, time });
    return await openIn(directory, dataDir, environment, { decidesHere: true });
  } catch (error) {
    directory.close();
    throw error;
  }
}

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

/** The server that `BREAKWATER_URL` names, or that holds the directory. */
async function runningServer(dataDir: string, environment: Environment): Promise<Session | null> {
  const named = namedServer(environment);
  if (named !== null) return named;
  const owner = existsSync(dataDir) ? await readOwner(dataDir) : null;
  if (owner?.serves !== true) return null;
  return remoteSession(connectControl(owner.socket), clockForLooking(dataDir));
}

/** Two requests each time: far from what API Gateway and a firewall before it let an address ask. */
const LOOK_EVERY_MS = 2_000;

function namedServer(environment: Environment): Session | null {
  const given = environment['BREAKWATER_URL'];
  if (!given) return null;
  const url = serverUrl(given);
  const access = { url, ...serverIdentity(url, environment) };
  return {
    ...remoteSession(httpControl(access), systemClock()),
    evidence: httpEvidence(access),
    ...(isLoopback(new URL(url).hostname) ? {} : { lookEveryMs: LOOK_EVERY_MS }),
  };
}

async function connectWithEvidence(params: ConnectParams, environment: Environment): Promise<Session> {
  const session = await connect(params, environment);
  if (session.evidence !== undefined) return session;
  return { ...session, evidence: evidenceIn(dataFiles(params.dataDir).records, session.control) };
}

async function connect({ dataDir, purpose }: ConnectParams, environment: Environment): Promise<Session> {
  const server = await runningServer(dataDir, environment);
  if (server !== null) return server;
  if (!existsSync(dataDir)) {
    throw new BreakwaterError('DataDirectoryUnusable', `there is no data directory ${dataDir}`);
  }
  const owner = await readOwner(dataDir);
  if (owner !== null) return remoteSession(connectControl(owner.socket), clockForLooking(dataDir));
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
    return await openIn(directory, dataDir, environment, { decidesHere: true });
  } catch (error) {
    directory.close();
    throw error;
  }
}

/** Executions that run in another process. */
function remoteSession(control: Control, clock: Clock | SessionClock): Session {
  return {
    control,
    clock: { now: () => clock.now(), describe: () => ('describe' in clock ? clock.describe() : 'real time') },
    runsHere: false,
    recovered: [],
    failure: () => null,
    close: async () => {},
  };
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
