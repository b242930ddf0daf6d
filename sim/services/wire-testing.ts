import type { Clock } from '#core/clock.ts';
import { createSimulation, parseScenario, type Simulation } from '#sim/index.ts';
import { ACCOUNT, START } from './testing.ts';

/** A simulation for tests that use real SDK clients in this process. Time moves by `pass` alone. */
export interface WireWorld {
  readonly simulation: Simulation;
  /** What SDK clients take. `new RDSClient(sim.client())`; retries are off. */
  client(region?: string): {
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
    maxAttempts: number;
    requestHandler: ReturnType<Simulation['requestHandler']>;
  };
  pass(seconds: number): void;
}

/** `account`: what stands in the scenario for the one account, beside its id. `faults`: those of the scenario. */
export function wireWorld(account: object, { faults = [] }: { faults?: object[] } = {}): WireWorld {
  let now = START;
  const stopped = { now: () => now } as Clock;
  const scenario = parseScenario({
    name: 'test',
    startsAt: new Date(START).toISOString(),
    accounts: [{ accountId: ACCOUNT, ...account }],
    faults,
    rateLimits: { route53: null },
  });
  const simulation = createSimulation({ scenario, clock: stopped });
  const [{ accessKeyId, secretAccessKey }] = simulation.accounts as [Simulation['accounts'][number]];
  return {
    simulation,
    client: (region = 'eu-west-1') => ({
      region,
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: 1,
      requestHandler: simulation.requestHandler(),
    }),
    pass: (seconds) => void (now += Math.round(seconds * 1_000)),
  };
}
