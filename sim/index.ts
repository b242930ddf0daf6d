import type { Clock } from '#core/clock.ts';
import type { CallHook, Stats } from './kernel/call-log.ts';
import { listen, type Listener } from './kernel/http-server.ts';
import type { Persistence } from './kernel/persistence.ts';
import { readScenario as readScenarioOf } from './kernel/read-scenario.ts';
import {
  createRequestHandler,
  IN_PROCESS_SETTINGS,
  type InProcessHandler,
} from './kernel/request-handler.ts';
import { defaultAccessKey } from './kernel/seed-world.ts';
import { parseScenario as parseScenarioOf, type Scenario } from './kernel/scenario.ts';
import { SimulationCore } from './kernel/simulation.ts';
import type { World } from './kernel/world.ts';
import { SERVICES } from './services/index.ts';

export { ScenarioError, type Scenario } from './kernel/scenario.ts';
export type { CallHook, Stats } from './kernel/call-log.ts';
export type { Listener } from './kernel/http-server.ts';
export type { Persistence } from './kernel/persistence.ts';
export { sqlitePersistence } from './kernel/sqlite-persistence.ts';
export { defaultAccessKey } from './kernel/seed-world.ts';

/** A simulated AWS at work. */
export interface Simulation {
  readonly world: World;
  readonly stats: Stats;
  /** The accounts of the scenario, with the access keys to act in them. */
  readonly accounts: readonly SimulatedAccount[];
  /** Regions that the scenario names. */
  readonly regions: readonly string[];
  /** For SDK clients in this process: `new RDSClient({ requestHandler: simulation.requestHandler(), … })`. */
  requestHandler(): InProcessHandler;
  /**
   * All settings of an SDK client in this process: `new RDSClient(simulation.clientConfig({ region: 'us-west-2' }))`. Without
   * `accountId` it acts in the first account. Calls take no virtual time.
   */
  clientConfig(place: { readonly region: string; readonly accountId?: string }): InProcessClientConfig;
  /** Serves HTTP on 127.0.0.1. */
  listen(options?: { readonly port?: number }): Promise<Listener>;
  /** Calls a hook around each request; returns the way to take it off. */
  hook(hook: CallHook): () => void;
  /** Ends all listeners. */
  close(): Promise<void>;
}

export type InProcessClientConfig = typeof IN_PROCESS_SETTINGS & {
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly requestHandler: InProcessHandler;
};

export interface SimulatedAccount {
  readonly accountId: string;
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Reads a scenario from YAML. Throws `ScenarioError` with every problem, its line and its column. */
export function readScenario(yaml: string): Scenario {
  return readScenarioOf(yaml, SERVICES);
}

/** Checks a scenario that is an object already. Throws `ScenarioError` with every problem. */
export function parseScenario(value: unknown): Scenario {
  return parseScenarioOf(value, SERVICES);
}

/**
 * Makes a simulated AWS of a scenario, or, where `persistence` has one, goes on with the world that was kept. The clock
 * should start at `scenario.startsAt`, or at the time that `persistence.load()` answers.
 */
export function createSimulation(options: {
  readonly scenario: Scenario;
  readonly clock: Clock;
  readonly persistence?: Persistence | undefined;
}): Simulation {
  const core = new SimulationCore({ ...options, services: SERVICES });
  const listeners = new Set<Listener>();
  const accounts = accountsOf(options.scenario);
  return {
    world: core.world,
    stats: core.stats,
    accounts,
    regions: [...new Set(options.scenario.accounts.flatMap(({ regions }) => Object.keys(regions)))].sort(),
    requestHandler: () => createRequestHandler(core),
    clientConfig: ({ region, accountId = accounts[0]!.accountId }) => ({
      ...IN_PROCESS_SETTINGS,
      region,
      credentials: credentialsOf(accounts, accountId),
      requestHandler: createRequestHandler(core),
    }),
    listen: async (where) => {
      const listener = await listen(core, where);
      listeners.add(listener);
      return listener;
    },
    hook: (hook) => core.hook(hook),
    close: async () => {
      await Promise.all([...listeners].map((listener) => listener.close()));
      listeners.clear();
    },
  };
}

function accountsOf({ accounts }: Scenario): SimulatedAccount[] {
  return accounts.map(({ accountId, name = accountId, accessKeyId, secretAccessKey }) => {
    const defaults = defaultAccessKey(accountId);
    return {
      accountId,
      name,
      accessKeyId: accessKeyId ?? defaults.accessKeyId,
      secretAccessKey: secretAccessKey ?? defaults.secretAccessKey,
    };
  });
}

function credentialsOf(accounts: readonly SimulatedAccount[], accountId: string) {
  const account = accounts.find((each) => each.accountId === accountId);
  if (account === undefined) throw new TypeError(`the scenario has no account ${accountId}`);
  return { accessKeyId: account.accessKeyId, secretAccessKey: account.secretAccessKey };
}
