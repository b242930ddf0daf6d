import { randomUUID } from 'node:crypto';
import type { AwsCallRecord } from '#aws/options.ts';
import { findOperation } from '#adapters/registry.ts';
import { createAudit } from '#control/audit.ts';
import { createEventBus } from '#control/event-bus.ts';
import { recoverExecutions } from '#control/recover.ts';
import type { Clock } from '#core/clock.ts';
import type { Json } from '#core/json.ts';
import { BreakwaterError, isBreakwaterError } from '#core/errors.ts';
import type { Engine } from '#engine/port.ts';
import { openEmbeddedEngine } from '#engine/embedded/engine.ts';
import type { Store } from '#store/port.ts';
import type { Durability } from '#store/sqlite/open-database.ts';
import { openSqliteStore } from '#store/sqlite/open-sqlite-store.ts';
import { receiveGate } from '#workflow/gates.ts';
import { HANDLERS, LOCAL_NAMES } from '#workflow/handlers.ts';
import recovery from '#workflow/recovery.asl.json' with { type: 'json' };
import type { Services } from '#workflow/services.ts';
import technology from '#workflow/technology.asl.json' with { type: 'json' };
import { servicesOf } from '../services-of.ts';
import { idSource, sha256 } from '../ids.ts';
import { platformOn, type Platform as ControlPlatform } from '../platform.ts';
import type { Estate } from './estate.ts';
import { keptServerId } from '../server-id.ts';
import { solutionsOf } from '../solutions.ts';

/** A whole Breakwater in this process. */
export interface Platform extends ControlPlatform {
  /** Executions that an earlier process left unfinished; they go on. */
  readonly recovered: readonly string[];
  close(): Promise<void>;
}

export interface PlatformParams {
  /** Paths of the databases, or `:memory:`. */
  readonly recordsPath: string;
  /** In place of the database at `recordsPath`; closed with the platform. */
  readonly store?: Store;
  readonly enginePath: string;
  /** What both databases outlive; `power` unless told otherwise. */
  readonly durability?: Durability;
  readonly clock: Clock;
  readonly estate: Estate;
  /** Makes ids repeatable. */
  readonly seed?: number;
  /** Has the tokens for solutions of the settings. Default: none. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Puts store, engine, workflow and control together, and lets unfinished executions go on. */
export async function openPlatform(params: PlatformParams): Promise<Platform> {
  const { clock, estate, seed, durability = 'power', environment = {} } = params;
  const stopping = new AbortController();
  let failure: BreakwaterError | null = null;
  const store = openRecords(params, (error) => (failure ??= error));
  const newId = idSource(seed);
  const late: { engine?: Engine } = {};
  const events = createEventBus();
  const callListeners: ((call: AwsCallRecord) => void)[] = [];
  const services = servicesOf({
    store,
    clock,
    aws: estate.aws,
    events,
    findOperation,
    solution: solutionsOf({ store, clock, place: estate, environment, audit: () => audit }),
    signal: stopping.signal,
    engine: () => late.engine!,
    onCall: (executionId) => (call) => {
      estate.aws.onCall?.(call);
      audit.recordAwsCall(executionId, call);
      for (const listener of callListeners) listener(call);
    },
  });
  const serverId = await keptServerId(store);
  const audit = createAudit({
    store,
    executions: services.executions,
    hash: sha256,
    serverId,
    realNow: Date.now,
    newId: randomUUID,
    onFailure: (error) => (failure ??= failureOf(error)),
  });
  // Before anything happens: what an earlier process left unchained comes first.
  await audit.catchUp();
  events.subscribe((event) => audit.recordEvent(event));
  const engine = await openEmbeddedEngine({
    path: params.enginePath,
    durability,
    clock,
    newId: () => newId(''),
    machines: { recovery, technology },
    substitutions: LOCAL_NAMES,
    functions: functionsOf(services),
    queues: { [LOCAL_NAMES['PauseResumeQueue']!]: (message) => receiveGate(services, message) },
    onFailure: (error) => (failure = error),
  });
  late.engine = engine;
  const platform = platformOn({
    engine,
    store,
    services,
    clock,
    events,
    newId,
    audit,
    serverId,
    place: estate,
    onAwsCall: (listener) => void callListeners.push(listener),
    failure: () => failure,
  });
  const close = async (): Promise<void> => {
    // The engine first: a call that is broken off must not be written down as a failure.
    await engine.close();
    stopping.abort();
    await audit.settled();
    await store.close();
  };
  try {
    return { ...platform, recovered: await recoverExecutions(platform.deps), close };
  } catch (error) {
    // The executions are at work already: they must not go on in a directory that is given free.
    await close();
    throw error;
  }
}

function openRecords(
  { store, recordsPath: path, durability = 'power' }: PlatformParams,
  onDamage: (error: BreakwaterError) => void,
): Store {
  return store ?? openSqliteStore({ path, durability, onDamage });
}

function failureOf(error: unknown): BreakwaterError {
  return isBreakwaterError(error)
    ? error
    : new BreakwaterError('Bug', 'the audit trail cannot be written', { cause: error });
}

/** The handlers as the state machines call them. */
function functionsOf(services: Services): Record<string, (input: Json) => Promise<Json>> {
  return Object.fromEntries(
    Object.entries(HANDLERS).map(([name, handler]) => [name, (input) => handler(services, input)]),
  );
}
