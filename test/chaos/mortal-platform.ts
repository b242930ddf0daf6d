import type { Aws } from '#aws/aws.ts';
import { createAws } from '#aws/create-aws.ts';
import { ALL_SERVICES } from '#aws/services/all.ts';
import { createRateLimiter } from '#aws/rate-limiter.ts';
import { findOperation } from '#adapters/registry.ts';
import type { Control } from '#control/control.ts';
import { createControl } from '#control/create-control.ts';
import { recoverExecutions } from '#control/recover.ts';
import type { Clock } from '#core/clock.ts';
import { hasCode } from '#core/errors.ts';
import { openEmbeddedEngine, type EmbeddedEngine } from '#engine/embedded/engine.ts';
import { idSource, sha256 } from '#hosts/ids.ts';
import { ExecutionRepository } from '#store/executions.ts';
import { LockRepository } from '#store/locks.ts';
import { openSqliteStore } from '#store/sqlite/open-sqlite-store.ts';
import type { Store } from '#store/port.ts';
import { receiveGate } from '#workflow/gates.ts';
import { HANDLERS, LOCAL_NAMES } from '#workflow/handlers.ts';
import recovery from '#workflow/recovery.asl.json' with { type: 'json' };
import type { Services } from '#workflow/services.ts';
import technology from '#workflow/technology.asl.json' with { type: 'json' };
import type { Simulation } from '#sim/index.ts';

/**
 * A whole Breakwater that can die at any moment: around every call of AWS, around every write of records, and at every fault
 * point of the engine. From then on nothing of it acts any more: its store and its AWS refuse, its engine has halted.
 */
export interface MortalPlatform {
  readonly control: Control;
  readonly engine: EmbeddedEngine;
  readonly services: Services;
  readonly store: Store;
  readonly life: Life;
  /** Lets go of the files. What a dead platform had not committed is lost. */
  bury(): Promise<void>;
}

/** Thrown at the moment of death, and at everything that the dead still try. */
class Dead extends Error {}

/** Counts the moments at which a process could die, and dies at one of them. */
export class Life {
  readonly #lastMoment: number;
  readonly #died = Promise.withResolvers<void>();
  #moments = 0;
  #isOver = false;
  /** Where death struck, such as `aws.after StartRecovery`. */
  diedAt = '';

  constructor(lastMoment: number) {
    this.#lastMoment = lastMoment;
  }

  /** How many moments it has had. */
  get moments(): number {
    return this.#moments;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get death(): Promise<void> {
    return this.#died.promise;
  }

  pass(place: string): void {
    if (!this.#isOver && ++this.#moments >= this.#lastMoment) this.end(place);
    if (this.#isOver) throw new Dead(place);
  }

  end(place: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.diedAt = place;
    this.#died.resolve();
  }
}

interface MortalParams {
  readonly recordsPath: string;
  readonly enginePath: string;
  readonly clock: Clock;
  readonly simulation: Simulation;
  readonly life: Life;
  readonly seed: number;
}

export async function openMortal(params: MortalParams): Promise<MortalPlatform> {
  const { clock, life, simulation } = params;
  const inner = openSqliteStore({ path: params.recordsPath, durability: 'process' });
  const store = mortalStore(inner, life);
  const newId = idSource(params.seed);
  const late: { engine?: EmbeddedEngine } = {};
  const services = servicesOf({ store, clock, simulation, life, engine: () => late.engine! });
  const bury = async (): Promise<void> => {
    await late.engine?.close().catch(() => {});
    await inner.close();
  };
  try {
    const engine = await openEmbeddedEngine({
      path: params.enginePath,
      durability: 'process',
      clock,
      newId: () => newId(''),
      machines: { recovery, technology },
      substitutions: LOCAL_NAMES,
      functions: Object.fromEntries(
        Object.entries(HANDLERS).map(([name, handler]) => [name, (input) => handler(services, input)]),
      ),
      queues: { [LOCAL_NAMES['PauseResumeQueue']!]: (message) => receiveGate(services, message) },
      faults: { at: (point) => life.pass(`engine ${point}`) },
      onFailure: () => life.end('engine'),
    });
    late.engine = engine;
    const deps = { engine, store, services, simulated: true, newId, hash: sha256 };
    const control = createControl(deps);
    await recoverExecutions(deps);
    return { control, engine, services, store, life, bury };
  } catch (error) {
    await bury();
    throw error;
  }
}

/** Every write may be the last thing that happened, or the first that did not. */
function mortalStore(inner: Store, life: Life): Store {
  const alive = async <T>(work: () => Promise<T>): Promise<T> => {
    if (life.isOver) throw new Dead('store');
    return work();
  };
  return {
    get: (params) => alive(() => inner.get(params)),
    query: (params) => alive(() => inner.query(params)),
    scan: (params) => alive(() => inner.scan(params)),
    write: async (writes) => {
      life.pass('store.before');
      const revisions = await inner.write(writes);
      life.pass('store.after');
      return revisions;
    },
    close: () => inner.close(),
  };
}

function servicesOf({
  store,
  clock,
  simulation,
  life,
  engine,
}: {
  store: Store;
  clock: Clock;
  simulation: Simulation;
  life: Life;
  engine: () => EmbeddedEngine;
}): Services {
  const handler = simulation.requestHandler();
  const [home] = simulation.accounts;
  const rateLimiter = createRateLimiter({ clock });
  const doors = new Map<string, Aws>();
  const openDoor = (executionId: string): Aws =>
    createAws({
      services: ALL_SERVICES,
      region: simulation.regions[0]!,
      credentials: { accessKeyId: home!.accessKeyId, secretAccessKey: home!.secretAccessKey },
      accounts: async () => null,
      clock,
      rateLimiter,
      sessionName: `breakwater-${executionId}`,
      requestHandler: {
        ...handler,
        handle: async (request) => {
          life.pass('aws.before');
          const answer = await handler.handle(request);
          life.pass('aws.after');
          return answer;
        },
      },
    });
  return {
    executions: new ExecutionRepository({ store, now: () => clock.now() }),
    locks: new LockRepository(store),
    awsFor: (executionId) => {
      const door = doors.get(executionId) ?? openDoor(executionId);
      doors.set(executionId, door);
      return door;
    },
    findOperation,
    storedProtectionGroup: async () => null,
    solution: async () => null,
    completeTask: async (taskToken, output) => {
      if (life.isOver) throw new Dead('engine');
      try {
        await engine().completeTask({ taskToken, output });
        return true;
      } catch (error) {
        if (!hasCode(error, 'TaskTokenUsed')) throw error;
        return false;
      }
    },
    now: () => clock.now(),
    signal: new AbortController().signal,
  };
}
