import type { OperationContext, OperationInput, Progress } from '#adapters/contract.ts';
import { createAws } from '#aws/create-aws.ts';
import { ALL_SERVICES } from '#aws/services/all.ts';
import type { AwsOptions } from '#aws/options.ts';
import { virtualClock, type VirtualClock } from '#clocks/virtual.ts';
import { isBreakwaterError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type { Failure, ResourceOutcome } from '#core/outcome.ts';
import { createSimulation, parseScenario, type Simulation } from '#sim/index.ts';
import { Crash, CrashPoints, type Step } from './crash-points.ts';
import { ACCOUNT, type OperationCase } from './operation-case.ts';
import { wrapAws, wrapDoor, type AroundCall } from './wrap-aws.ts';

export const STARTS_AT = Date.parse('2026-03-01T10:00:00Z');
/** The estate has stood for so long before anything is done: a stale read finds it as it was, and not before it was. */
const BEFORE_MS = 60_000;
/** As the workflow waits before it repeats a step that AWS could not answer. */
const TROUBLE_WAIT_MS = 15_000;
/** As the longest technology timeout that a plan gets by default. */
const TIMEOUT_MS = 4 * 3_600_000;
const LARGEST_STATE_BYTES = 64 * 1024;

export interface RunOptions {
  /** Fault rules of the scenario. */
  readonly faults?: readonly object[];
  /** Of the simulated AWS. Default 1. */
  readonly seed?: number;
  /** Around every AWS call. */
  readonly aroundCall?: AroundCall;
  /** The process dies right after these AWS calls or notes of intent, counted from 1 over all processes. */
  readonly crashAt?: readonly number[];
  /** Every step is done twice with the same state, as an engine that delivers at least once may do. */
  readonly repeatSteps?: boolean;
  /** Told of each attempt of each AWS call. */
  readonly onCall?: AwsOptions['onCall'];
}

/** How a run ended, and the world it left. `stuck`: not within four hours. */
export interface Run {
  readonly status: 'completed' | 'failed' | 'stuck';
  readonly outcomes: readonly ResourceOutcome[];
  readonly results: JsonObject;
  readonly error?: Failure;
  readonly simulation: Simulation;
  readonly clock: VirtualClock;
  readonly elapsedMs: number;
  /** Points at which the process could have died. */
  readonly points: number;
  readonly crashes: number;
}

/** A simulated AWS for a case, with a door to it and the case's context. */
export interface Stage {
  readonly clock: VirtualClock;
  readonly simulation: Simulation;
  readonly input: OperationInput<unknown, unknown>;
  /** The context of a new process; notes of intent outlive it. */
  context(step?: Step): OperationContext;
}

/** Sets the stage for a case. */
export function setStage(
  given: OperationCase,
  { faults = [], aroundCall, seed = 1, onCall }: RunOptions = {},
): Stage {
  const clock = virtualClock({ startsAt: STARTS_AT });
  const scenario = parseScenario({
    name: given.name,
    seed,
    startsAt: new Date(STARTS_AT).toISOString(),
    accounts: [{ accountId: ACCOUNT, ...given.estate }],
    faults,
  });
  const simulation = createSimulation({ scenario, clock });
  const notes: { value: JsonObject | null } = { value: null };
  return {
    clock,
    simulation,
    input: {
      resources: given.operation.resources.parse(given.resources),
      parameters: given.operation.parameters.parse(given.parameters ?? {}),
    },
    context: (step = (run) => run()) =>
      contextOf(given, { clock, simulation, notes, step, aroundCall, onCall }),
  };
}

/** Runs an operation to its end in virtual time, as the workflow does: start, then poll as often as it asks for. */
export async function runOperation(given: OperationCase, options: RunOptions = {}): Promise<Run> {
  const stage = setStage(given, options);
  await stage.clock.sleep(BEFORE_MS);
  return runOnStage(given, stage, options);
}

/** As `runOperation`, in a world in which something has happened already. */
export function runOnStage(given: OperationCase, stage: Stage, options: RunOptions = {}): Promise<Run> {
  return drive(stage, options, startOrPoll(given, stage));
}

/** Runs an operation to its end, and then, with these options, its undo. Answers how the undo ended. */
export async function runUndo(given: OperationCase, options: RunOptions = {}): Promise<Run> {
  const { undo } = given.operation;
  if ('irreversible' in undo) throw new TypeError(`${given.operation.operation} cannot be undone`);
  const stage = setStage(given, options.onCall === undefined ? {} : { onCall: options.onCall });
  await stage.clock.sleep(BEFORE_MS);
  const { results } = await runOnStage(given, stage);
  return drive(stage, options, (context) => undo.run(context, stage.input, results));
}

type Act = (context: OperationContext, state: JsonObject | undefined) => Promise<Progress<JsonObject>>;

function startOrPoll({ operation }: OperationCase, { input }: Stage): Act {
  return (context, state) =>
    state === undefined ? operation.start(context, input) : operation.poll(context, input, state);
}

async function drive(
  { clock, simulation, context: newContext }: Stage,
  options: RunOptions,
  act: Act,
): Promise<Run> {
  const points = new CrashPoints(options.crashAt ?? []);
  const outcomes = new Map<string, ResourceOutcome>();
  const startedAt = clock.now();
  let self = points.process();
  let context = newContext(self.step);
  let state: JsonObject | undefined;
  const ended = (status: Run['status'], results: JsonObject, error?: Failure): Run => ({
    status,
    outcomes: [...outcomes.values()],
    results,
    ...(error === undefined ? {} : { error }),
    simulation,
    clock,
    elapsedMs: clock.now() - startedAt,
    points: points.passed,
    crashes: points.crashes,
  });
  while (clock.now() < startedAt + TIMEOUT_MS) {
    try {
      const doStep = (): Promise<Progress<JsonObject>> => Promise.race([act(context, state), self.death]);
      if (options.repeatSteps === true) await doStep();
      const progress = asStored(await doStep());
      for (const outcome of progress.outcomes) outcomes.set(outcome.resourceId, outcome);
      if (progress.status !== 'in_progress') return ended(progress.status, progress.results, progress.error);
      state = progress.state;
      await clock.sleep(Math.max(1_000, progress.waitMs));
    } catch (error) {
      if (error instanceof Crash) {
        self = points.process();
        context = newContext(self.step);
      } else if (!isPassing(error)) {
        if (!isBreakwaterError(error) || error.retry === 'bug') throw error;
        return ended('failed', {}, { code: error.code, message: error.message });
      }
      await clock.sleep(TROUBLE_WAIT_MS);
    }
  }
  return ended('stuck', {});
}

function isPassing(error: unknown): boolean {
  return isBreakwaterError(error) && (error.retry === 'retryable' || error.retry === 'paused');
}

/** As it comes back from the store. */
function asStored<T extends Progress<JsonObject>>(progress: T): T {
  const text = JSON.stringify(progress.status === 'in_progress' ? progress.state : progress.results);
  if (text.length > LARGEST_STATE_BYTES) throw new TypeError(`a state of ${text.length} bytes is too large`);
  return JSON.parse(JSON.stringify(progress)) as T;
}

function contextOf(
  given: OperationCase,
  world: {
    clock: VirtualClock;
    simulation: Simulation;
    notes: { value: JsonObject | null };
    step: Step;
    aroundCall: AroundCall | undefined;
    onCall: AwsOptions['onCall'];
  },
): OperationContext {
  const { clock, simulation, notes, step, aroundCall = (run) => run(), onCall } = world;
  const { context: own = {}, region = 'us-west-2' } = given;
  const [account] = simulation.accounts;
  const { accessKeyId, secretAccessKey } = account!;
  const door = createAws({
    services: ALL_SERVICES,
    clock,
    region,
    credentials: { accessKeyId, secretAccessKey },
    requestHandler: simulation.requestHandler(),
    accounts: async () => null,
    sessionName: 'breakwater-exec-1',
    random: () => 0.5,
    ...(onCall === undefined ? {} : { onCall }),
  });
  return {
    executionId: 'exec-1',
    mode: own.mode ?? 'recovery',
    waveNumber: own.waveNumber ?? 1,
    technologyIndex: 0,
    attempt: own.attempt ?? 1,
    firstStartedAt: STARTS_AT,
    planning: own.planning ?? false,
    only: own.only ?? null,
    accountId: undefined,
    region,
    aws: wrapAws(door, (run) => step(() => aroundCall(run))),
    now: () => clock.now(),
    signal: new AbortController().signal,
    scripts: own.scripts ?? {},
    protectionGroup: async (groupId) =>
      own.protectionGroups?.find((group) => group.groupId === groupId) ?? null,
    solution: async (name) => {
      const solution = own.solution?.(simulation, clock);
      return solution?.name === name ? wrapDoor(solution, (run) => step(() => aroundCall(run))) : null;
    },
    recoveredServers: async () => own.recoveredServers ?? [],
    intent: {
      read: async (attempt) => (attempt === undefined ? notes.value : null),
      write: (value) =>
        step(async () => void (notes.value = JSON.parse(JSON.stringify(value)) as JsonObject)),
    },
  };
}
