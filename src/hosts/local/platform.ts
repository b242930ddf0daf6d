import { createAws } from '#aws/create-aws.ts';
import { createRateLimiter } from '#aws/rate-limiter.ts';
import { findOperation } from '#adapters/registry.ts';
import type { Aws } from '#aws/aws.ts';
import type { Control } from '#control/control.ts';
import { createControl } from '#control/create-control.ts';
import type { ControlDeps } from '#control/deps.ts';
import { createEventBus, type EventBus } from '#control/event-bus.ts';
import { recoverExecutions } from '#control/recover.ts';
import type { Clock } from '#core/clock.ts';
import { hasCode, type BreakwaterError } from '#core/errors.ts';
import type { ProtectionGroup } from '#core/plan.ts';
import type { Engine } from '#engine/port.ts';
import { openEmbeddedEngine } from '#engine/embedded/engine.ts';
import { ExecutionRepository } from '#store/executions.ts';
import { LockRepository } from '#store/locks.ts';
import type { Store } from '#store/port.ts';
import type { Durability } from '#store/sqlite/open-database.ts';
import { openSqliteStore } from '#store/sqlite/open-sqlite-store.ts';
import { receiveGate } from '#workflow/gates.ts';
import { HANDLERS, LOCAL_NAMES } from '#workflow/handlers.ts';
import recovery from '#workflow/recovery.asl.json' with { type: 'json' };
import type { Services } from '#workflow/services.ts';
import technology from '#workflow/technology.asl.json' with { type: 'json' };
import { idSource, sha256 } from './ids.ts';
import type { Estate } from './estate.ts';

/** A whole Breakwater in this process. */
export interface Platform {
  readonly control: Control;
  /** What the parts of the control plane stand on, as `control` does. */
  readonly deps: ControlDeps & { readonly clock: Clock; readonly events: EventBus };
  /** Executions that an earlier process left unfinished; they go on. */
  readonly recovered: readonly string[];
  /** Why nothing can go on any more, such as a full disk; `null` as long as all is well. */
  failure(): BreakwaterError | null;
  close(): Promise<void>;
}

export interface PlatformParams {
  /** Paths of the databases, or `:memory:`. */
  readonly recordsPath: string;
  readonly enginePath: string;
  /** What both databases outlive; `power` unless told otherwise. */
  readonly durability?: Durability;
  readonly clock: Clock;
  readonly estate: Estate;
  /** Makes ids repeatable. */
  readonly seed?: number;
}

/** Puts store, engine, workflow and control together, and lets unfinished executions go on. */
export async function openPlatform(params: PlatformParams): Promise<Platform> {
  const { clock, estate, seed, durability = 'power' } = params;
  const stopping = new AbortController();
  const store = openSqliteStore({ path: params.recordsPath, durability });
  const newId = idSource(seed);
  const late: { engine?: Engine } = {};
  let failure: BreakwaterError | null = null;
  const events = createEventBus();
  const services = servicesOf({
    store,
    clock,
    estate,
    events,
    signal: stopping.signal,
    engine: () => late.engine!,
  });
  const engine = await openEmbeddedEngine({
    path: params.enginePath,
    durability,
    clock,
    newId: () => newId(''),
    machines: { recovery, technology },
    substitutions: LOCAL_NAMES,
    functions: Object.fromEntries(
      Object.entries(HANDLERS).map(([name, handler]) => [name, (input) => handler(services, input)]),
    ),
    queues: { [LOCAL_NAMES['PauseResumeQueue']!]: (message) => receiveGate(services, message) },
    onFailure: (error) => (failure = error),
  });
  late.engine = engine;
  const deps = {
    engine,
    store,
    services,
    simulated: estate.simulated,
    newId,
    hash: sha256,
    clock,
    events,
  };
  return {
    control: createControl(deps),
    deps,
    recovered: await recoverExecutions(deps),
    failure: () => failure,
    close: async () => {
      // The engine first: a call that is broken off must not be written down as a failure.
      await engine.close();
      stopping.abort();
      await store.close();
    },
  };
}

/** Each holds its clients and the credentials of its roles. */
const MOST_DOORS = 200;

function servicesOf({
  store,
  clock,
  estate,
  events,
  signal,
  engine,
}: {
  store: Store;
  clock: Clock;
  estate: Estate;
  events: EventBus;
  signal: AbortSignal;
  engine: () => Engine;
}): Services {
  const doors = new Map<string, Aws>();
  // One for all doors: the limits are those of the accounts, however many executions work in them.
  const rateLimiter = createRateLimiter({ clock });
  return {
    executions: new ExecutionRepository({ store, now: () => clock.now(), onEvents: events.publish }),
    locks: new LockRepository(store),
    awsFor: (executionId) => {
      const door =
        doors.get(executionId) ??
        createAws({ ...estate.aws, clock, rateLimiter, sessionName: `breakwater-${executionId}` });
      doors.set(executionId, door);
      // Requests and executions come and go; a door that is dropped is made again when it is asked for.
      if (doors.size > MOST_DOORS) doors.delete(doors.keys().next().value!);
      return door;
    },
    findOperation,
    storedProtectionGroup: async (groupId) => {
      const row = await store.get({ table: 'protection-groups', key: { partition: groupId, sort: '' } });
      return row === null ? null : (row.value as unknown as ProtectionGroup);
    },
    completeTask: async (taskToken, output) => {
      try {
        await engine().completeTask({ taskToken, output });
      } catch (error) {
        if (!hasCode(error, 'TaskTokenUsed')) throw error;
      }
    },
    now: () => clock.now(),
    signal,
  };
}
