import { readFile, stat } from 'node:fs/promises';
import type { AwsOptions } from '#aws/options.ts';
import { ALL_SERVICES } from '#aws/services/all.ts';
import type { Clock } from '#core/clock.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import type { Finding } from '#core/outcome.ts';
import { explainSqliteError } from '#store/sqlite/sqlite-error.ts';
import {
  createSimulation,
  readScenario,
  ScenarioError,
  sqlitePersistence,
  type Scenario,
  type Simulation,
} from '#sim/index.ts';
import { makePrivate } from './private-file.ts';
import type { AwsPlace } from '../platform.ts';

/** The AWS that a platform works in, the real one or a simulated one. */
export interface Estate extends AwsPlace {
  close(): Promise<void>;
}

const MOST_SCENARIO_BYTES = 64 * 1024 * 1024;

/** Reads a scenario file. Throws `ScenarioUnreadable`, or `ScenarioInvalid` with every problem and its place. */
export async function readScenarioFile(path: string): Promise<{ text: string; scenario: Scenario }> {
  const text = await readText(path);
  try {
    return { text, scenario: readScenario(text) };
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const findings = error.problems.map((problem): Finding & { line: number; column: number } => ({
      level: 'error',
      rule: 'ScenarioInvalid',
      path: problem.path,
      ...(problem.value === undefined ? {} : { value: problem.value }),
      message: problem.expected + (problem.value === undefined ? '' : `, found ${problem.value}`),
      remedy: 'Mend the scenario; sim/README.md describes it.',
      line: problem.line ?? 1,
      column: problem.column ?? 1,
    }));
    throw new BreakwaterError(
      'ScenarioInvalid',
      `${path} has ${findings.length} problem${findings.length === 1 ? '' : 's'}`,
      {
        details: { file: path, findings: findings as unknown as Json },
      },
    );
  }
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MOST_SCENARIO_BYTES) {
      throw new BreakwaterError(
        'ScenarioUnreadable',
        `${path} has ${size} bytes, more than ${MOST_SCENARIO_BYTES}`,
      );
    }
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof BreakwaterError) throw cause;
    throw new BreakwaterError('ScenarioUnreadable', `${path} cannot be read`, { cause });
  }
}

/**
 * How other accounts are entered: by the role that `BREAKWATER_TARGET_ROLE` names, the same in each of them, with the external
 * id of `BREAKWATER_EXTERNAL_ID`, if it is set.
 */
function targetAccounts(environment: Readonly<Record<string, string | undefined>>): AwsOptions['accounts'] {
  const role = environment['BREAKWATER_TARGET_ROLE'];
  const externalId = environment['BREAKWATER_EXTERNAL_ID'];
  return async (accountId) =>
    role ? { roleArn: `arn:aws:iam::${accountId}:role/${role}`, externalId } : null;
}

/** The real AWS, or what `AWS_ENDPOINT_URL` names; credentials and Region by the SDK's own chain. */
export function realEstate(environment: Readonly<Record<string, string | undefined>>): Estate {
  const region = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const endpoint = environment['AWS_ENDPOINT_URL'];
  let simulated = false;
  return {
    // Found out by what answers: another endpoint may be the simulated AWS, run as a server.
    get simulated() {
      return simulated;
    },
    aws: {
      services: ALL_SERVICES,
      region,
      accounts: targetAccounts(environment),
      ...(endpoint === undefined ? {} : { endpoint }),
      onCall: (call) => (simulated ||= call.simulated),
    },
    close: async () => {},
  };
}

/**
 * A simulated AWS in this process. The caller acts in the scenario's first account; other accounts are entered through
 * their first role. With a path the world is kept there, and goes on from it.
 */
export function simulatedEstate(params: {
  scenario: Scenario;
  clock: Clock;
  path: string | null;
}): Estate & { simulation: Simulation } {
  const { scenario, clock, path } = params;
  const persistence = path === null ? undefined : openWorld(path);
  const simulation = createSimulation({ scenario, clock, persistence });
  const [home] = simulation.accounts;
  const entry = new Map(
    scenario.accounts.flatMap(({ accountId, roles: [role] }) =>
      role === undefined || accountId === home!.accountId
        ? []
        : [
            [
              accountId,
              { roleArn: `arn:aws:iam::${accountId}:role/${role.name}`, externalId: role.externalId },
            ] as const,
          ],
    ),
  );
  return {
    simulation,
    simulated: true,
    aws: {
      services: ALL_SERVICES,
      region: Object.keys(scenario.accounts[0]!.regions)[0] ?? 'us-east-1',
      requestHandler: simulation.requestHandler(),
      credentials: { accessKeyId: home!.accessKeyId, secretAccessKey: home!.secretAccessKey },
      accounts: async (accountId) => entry.get(accountId) ?? null,
    },
    close: async () => {
      await simulation.close();
      persistence?.close();
    },
  };
}

/** The time at which a kept world stopped, ms since 1970; `null` if there is none. */
export function keptTime(path: string): number | null {
  const persistence = openWorld(path);
  try {
    return persistence.load()?.now ?? null;
  } finally {
    persistence.close();
  }
}

/** Throws what the store throws for a database file that cannot be used. */
function openWorld(path: string): ReturnType<typeof sqlitePersistence> {
  makePrivate(path);
  try {
    return sqlitePersistence(path);
  } catch (error) {
    throw explainSqliteError(error, path);
  }
}
