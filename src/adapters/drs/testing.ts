import type { Aws } from '#aws/aws.ts';
import { createAws } from '#aws/create-aws.ts';
import { ALL_SERVICES } from '#aws/services/all.ts';
import type { AwsCallRecord } from '#aws/options.ts';
import { virtualClock, type VirtualClock } from '#clocks/virtual.ts';
import type { JsonObject } from '#core/json.ts';
import type { RecoveredServer, ResourceOutcome } from '#core/outcome.ts';
import type { ProtectionGroup } from '#core/plan.ts';
import { createSimulation, defaultAccessKey, parseScenario, type Simulation } from '#sim/index.ts';
import type { Operation, OperationContext, Progress } from '../contract.ts';

const OWN = '111122223333';
export const REGION = 'eu-central-1';

/** A simulated account with DRS in virtual time, and one process that works in it. */
export interface DrsWorld {
  readonly clock: VirtualClock;
  readonly simulation: Simulation;
  readonly calls: AwsCallRecord[];
  readonly groups: Map<string, ProtectionGroup>;
  readonly recovered: RecoveredServer[];
  /** By piece of work and attempt. */
  readonly intents: Map<string, JsonObject>;
  /** The door of the process that runs now. */
  aws: Aws;
  /** Stops the process, so to speak, when that many answers have come back from AWS. */
  crashAfter: number;
  onCrash: () => void;
}

export interface Run {
  readonly end: Extract<Progress<JsonObject>, { status: 'completed' | 'failed' }>;
  readonly outcomes: ReadonlyMap<string, ResourceOutcome>;
  readonly elapsedMs: number;
  readonly polls: number;
  readonly largestState: number;
  readonly crashes: number;
}

export interface WorldOptions {
  readonly faults?: readonly object[];
  /** Operations that the caller may not call. */
  readonly denies?: readonly string[];
  /** Further Regions and accounts of the scenario. */
  readonly regions?: object;
  readonly accounts?: readonly object[];
}

export function openWorld(
  drs: object,
  { faults = [], denies = [], regions = {}, accounts = [] }: WorldOptions = {},
): DrsWorld {
  const startsAt = '2026-11-24T10:00:00Z';
  const clock = virtualClock({ startsAt: Date.parse(startsAt) });
  const own = { accountId: OWN, denies, regions: { [REGION]: { drs }, ...regions } };
  const scenario = parseScenario({ name: 'drs', startsAt, accounts: [own, ...accounts], faults });
  const world: Omit<DrsWorld, 'aws'> = {
    clock,
    simulation: createSimulation({ scenario, clock }),
    calls: [],
    groups: new Map(),
    recovered: [],
    intents: new Map(),
    crashAfter: Number.POSITIVE_INFINITY,
    onCrash: () => {},
  };
  return Object.assign(world, { aws: openDoor(world) });
}

/** Opens the door anew, as a new process does. */
function openDoor(world: Omit<DrsWorld, 'aws'>): Aws {
  const handler = world.simulation.requestHandler();
  const handle = async (request: never): Promise<unknown> => {
    const answer = await handler.handle(request);
    if (--world.crashAfter > 0) return answer;
    world.crashAfter = Number.POSITIVE_INFINITY;
    world.onCrash();
    return new Promise(() => {});
  };
  return createAws({
    services: ALL_SERVICES,
    clock: world.clock,
    region: REGION,
    credentials: defaultAccessKey(OWN),
    accounts: async (accountId) =>
      accountId === OWN ? null : { roleArn: `arn:aws:iam::${accountId}:role/breakwater` },
    sessionName: 'breakwater-exec-1',
    random: () => 0.5,
    onCall: (record) => world.calls.push(record),
    requestHandler: { handle },
  });
}

export function contextIn(world: DrsWorld, overrides: Partial<OperationContext> = {}): OperationContext {
  const { waveNumber = 1, technologyIndex = 0, attempt = 1 } = overrides;
  const intentKey = (of = attempt): string => `${waveNumber}/${technologyIndex}/${of}`;
  return {
    executionId: 'exec-1',
    mode: 'drill',
    waveNumber,
    technologyIndex,
    attempt,
    firstStartedAt: Date.parse('2026-11-24T10:00:00.000Z'),
    planning: false,
    only: null,
    accountId: undefined,
    region: REGION,
    aws: world.aws,
    now: () => world.clock.now(),
    signal: new AbortController().signal,
    scripts: {},
    protectionGroup: async (id) => world.groups.get(id) ?? null,
    solution: async () => null,
    recoveredServers: async () => world.recovered,
    intent: {
      read: async (of) => world.intents.get(intentKey(of)) ?? null,
      write: async (value) => void world.intents.set(intentKey(), value),
    },
    ...overrides,
  };
}

/**
 * Runs an operation to its end as the workflow does: state survives only if a step returns. An AWS error that is
 * retryable is answered by the same call, later. A crash abandons the step, and the next process repeats it with the
 * old state.
 */
export async function runToEnd<R, P, S extends JsonObject>(
  world: DrsWorld,
  operation: Operation<R, P, S>,
  given: { resources: object; parameters?: object },
  overrides: Partial<OperationContext> = {},
): Promise<Run> {
  const input = {
    resources: operation.resources.parse(given.resources),
    parameters: operation.parameters.parse(given.parameters ?? {}),
  };
  const startedAt = world.clock.now();
  const outcomes = new Map<string, ResourceOutcome>();
  let [state, polls, largestState, crashes]: [S | null, number, number, number] = [null, 0, 0, 0];
  for (;;) {
    const progress = await oneStep(world, overrides, (context) =>
      state === null ? operation.start(context, input) : operation.poll(context, input, state),
    );
    if (progress === 'crashed' || progress === 'again') {
      if (progress === 'crashed') crashes++;
      await world.clock.sleep(10_000);
      continue;
    }
    polls++;
    for (const outcome of progress.outcomes) outcomes.set(outcome.resourceId, outcome);
    if (progress.status !== 'in_progress') {
      return {
        end: progress,
        outcomes,
        elapsedMs: world.clock.now() - startedAt,
        polls,
        largestState,
        crashes,
      };
    }
    state = JSON.parse(JSON.stringify(progress.state)) as S;
    largestState = Math.max(largestState, JSON.stringify(state).length);
    await world.clock.sleep(progress.waitMs);
  }
}

async function oneStep<T>(
  world: DrsWorld,
  overrides: Partial<OperationContext>,
  step: (context: OperationContext) => Promise<T>,
): Promise<T | 'crashed' | 'again'> {
  const crashed = new Promise<'crashed'>((resolve) => {
    world.onCrash = () => {
      world.aws = openDoor(world);
      resolve('crashed');
    };
  });
  return Promise.race([crashed, step(contextIn(world, overrides))]).catch((error: { retry?: string }) => {
    if (error.retry === 'retryable') return 'again';
    throw error;
  });
}

export const APP = { Tier: 'app' };
export const SELECT_APP = { resources: { tags: APP } };
/** Timings without chance, so that the end of a job is known. */
export const EXACT = { timing: { sigma: 0, snapshotSecondsPerServer: 0 } };

export function servers(count: number, more: object = {}): object {
  return { count, tags: APP, ...more };
}

export function statuses(outcomes: ReadonlyMap<string, ResourceOutcome>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of outcomes.values()) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

export function jobsStarted({ simulation }: DrsWorld): number {
  return simulation.stats.effects({ service: 'drs', operation: 'StartRecovery' });
}
