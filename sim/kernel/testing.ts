import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { z } from 'zod';
import { virtualClock, type VirtualClock } from '#clocks/virtual.ts';
import { service as sts } from '../services/sts/index.ts';
import { ServiceError, type Call, type Handlers, type ServiceDefinition } from './contract.ts';
import type { Persistence } from './persistence.ts';
import { createRequestHandler } from './request-handler.ts';
import { parseScenario, type Scenario } from './scenario.ts';
import { defaultAccessKey } from './seed-world.ts';
import { SimulationCore } from './simulation.ts';

export const ACCOUNT = '111111111111';
export const OTHER_ACCOUNT = '222222222222';
export const START = '2026-03-01T10:00:00Z';

interface Parameter {
  readonly value: string;
  readonly version: number;
}

const parameters = (call: Call) => call.world.table<Parameter>(call, 'ssm.parameters');

/** A service small enough to test the kernel with: values by name, each put a new version. */
export const parameterStore: ServiceDefinition = {
  name: 'ssm',
  operations: {
    PutParameter: (call, { Name = '', Value = '' }) => {
      if (Name === 'broken') throw new TypeError('a mistake in a service');
      const version = (parameters(call).get(Name)?.version ?? 0) + 1;
      parameters(call).put(Name, { value: Value, version });
      if (Name === 'refused') throw new ServiceError('ParameterLimitExceeded', 'no more');
      return { Version: version };
    },
    GetParameter: (call, { Name = '' }) => {
      const parameter = parameters(call).get(Name);
      if (parameter === undefined) throw new ServiceError('ParameterNotFound', `${Name} not found`);
      return { Parameter: { Name, Value: parameter.value, Version: parameter.version } };
    },
  } satisfies Handlers<typeof import('@aws-sdk/client-ssm')>,
  scenario: z.strictObject({ parameters: z.record(z.string(), z.string()).default({}) }),
  seed: (call, section: { parameters: Record<string, string> }) => {
    for (const [name, value] of Object.entries(section.parameters))
      parameters(call).put(name, { value, version: 1 });
  },
};

export const TEST_SERVICES: readonly ServiceDefinition[] = [parameterStore, sts];

export interface TestSimulation {
  readonly core: SimulationCore;
  readonly clock: VirtualClock;
  readonly scenario: Scenario;
  /** Configuration of an SDK client for an account, in process and without retries. */
  config(accountId?: string): ReturnType<typeof clientConfig>;
  put(name: string, value: string): Promise<number | undefined>;
  get(name: string): Promise<string | undefined>;
}

/** A simulation of two accounts with the parameter store in two Regions; `additions` goes into the scenario. */
export function testSimulation(
  additions: object = {},
  { persistence, startsAt }: { persistence?: Persistence; startsAt?: number } = {},
): TestSimulation {
  const scenario = parseScenario(
    {
      name: 'test',
      startsAt: START,
      accounts: [ACCOUNT, OTHER_ACCOUNT].map((accountId) => ({
        accountId,
        regions: { 'us-west-2': { ssm: {} } },
      })),
      ...additions,
    },
    TEST_SERVICES,
  );
  const clock = virtualClock({ startsAt: startsAt ?? scenario.startsAt });
  const core = new SimulationCore({ scenario, services: TEST_SERVICES, clock, persistence });
  const config = (accountId = ACCOUNT) => clientConfig(core, accountId);
  const client = new SSMClient(config());
  return {
    core,
    clock,
    scenario,
    config,
    put: async (Name, Value) =>
      (await client.send(new PutParameterCommand({ Name, Value, Overwrite: true }))).Version,
    get: async (Name) => (await client.send(new GetParameterCommand({ Name }))).Parameter?.Value,
  };
}

function clientConfig(core: SimulationCore, accountId: string) {
  return {
    region: 'us-west-2',
    credentials: defaultAccessKey(accountId),
    requestHandler: createRequestHandler(core),
    maxAttempts: 1,
  };
}

/** The error that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  const outcome = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome === null) throw new Error('expected a rejection');
  return outcome as Error;
}
