import { createAws } from '#aws/create-aws.ts';
import { createRateLimiter } from '#aws/rate-limiter.ts';
import { findOperation } from '#adapters/registry.ts';
import { virtualClock, type VirtualClock } from '#clocks/virtual.ts';
import type { Control } from '#control/control.ts';
import { createControl } from '#control/create-control.ts';
import type { ExecutionEventRecord } from '#core/events.ts';
import { hasCode } from '#core/errors.ts';
import type { Json, JsonObject } from '#core/json.ts';
import type { Plan } from '#core/plan.ts';
import type { Engine, EngineEvent, EngineExecution, QueueHandler, TaskHandler } from '#engine/port.ts';
import type { ExecutionView } from '#core/view.ts';
import { simulatedEstate } from '#hosts/local/estate.ts';
import { idSource, sha256 } from '#hosts/ids.ts';
import { ExecutionRepository } from '#store/executions.ts';
import { LockRepository } from '#store/locks.ts';
import { memoryStore } from '#store/memory-store.ts';
import { TABLES, type Store } from '#store/port.ts';
import { receiveGate } from '#workflow/gates.ts';
import { HANDLERS } from '#workflow/handlers.ts';
import type { Services } from '#workflow/services.ts';
import { readScenario } from '#sim/index.ts';

/** A plan, the estate that it recovers, and what people do meanwhile. */
export interface Play {
  readonly plan: Plan;
  readonly mode: 'drill' | 'recovery';
  /** A scenario as YAML. */
  readonly estate: string;
  /** Told of each event once it is written. Virtual time stands still until what they do is done. */
  readonly people: (event: ExecutionEventRecord, acting: Acting) => Promise<void>;
  /** Puts something between the engine and its functions; anew for each engine. */
  readonly disturb?: (functions: Cast['functions']) => Cast['functions'];
}

export interface Acting {
  readonly control: Pick<Control, 'decide' | 'pause' | 'resume' | 'cancel'>;
  /** Acts after so much virtual time. */
  later(waitMs: number, act: () => Promise<void>): void;
}

/** What an engine runs in a play. */
export interface Cast {
  readonly clock: VirtualClock;
  readonly functions: Readonly<Record<string, TaskHandler>>;
  readonly receive: QueueHandler;
}

/** An engine with our two machines. */
export interface Stage {
  readonly engine: Engine;
  /** The id of an execution by the names of its machine and its own. */
  idOf(machine: 'recovery' | 'technology', name: string): string;
  settled(executionId: string): Promise<EngineExecution>;
  close(): Promise<void>;
}

/** What a play leaves behind. */
export interface Performed {
  readonly end: Pick<ExecutionView, 'status' | 'outcome'>;
  /** By the virtual clock. */
  readonly tookMs: number;
  /**
   * All rows of all tables but the tokens of gates, which belong to the engine. Events of one moment are sorted by what they say: side
   * by side, nobody promises which comes first.
   */
  readonly rows: Json;
  /** The events alone, in the order in which they were written. */
  readonly log: readonly JsonObject[];
  /** By the names of the executions: how each ended. */
  readonly ends: Readonly<Record<string, Pick<EngineExecution, 'status' | 'error' | 'cause' | 'output'>>>;
  /**
   * By the names of the executions: the states that it entered. Of a technology in order; of the master sorted, because its waves go
   * on side by side.
   */
  readonly states: Readonly<Record<string, readonly string[]>>;
  /** By wave: the Task states that the master scheduled for it, in order. */
  readonly tasks: Readonly<Record<number, readonly string[]>>;
  /** By the names of the executions: how many events of each type its history has. */
  readonly events: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Of any input, output, parameters or variables, in bytes. */
  readonly largestPayload: number;
}

const STARTS_AT = Date.parse('2026-01-07T10:00:00Z');

/** Plays a plan to its end on an engine, in virtual time; with records in memory, unless others are opened. */
export async function perform(
  play: Play,
  open: (cast: Cast) => Promise<Stage>,
  openStore: (clock: VirtualClock) => Store | Promise<Store> = memoryStore,
): Promise<Performed> {
  const clock = virtualClock({ startsAt: STARTS_AT });
  const store = await openStore(clock);
  const late: { stage?: Stage; control?: Control } = {};
  const troubles: unknown[] = [];
  const standStill = (act: () => Promise<void>): void => {
    const release = clock.hold();
    void act()
      .catch((error: unknown) => troubles.push(error))
      .finally(release);
  };
  const later: Acting['later'] = (waitMs, act) => clock.at(clock.now() + waitMs, () => standStill(act));
  const services = servicesOf(play, { store, clock, engine: () => late.stage!.engine }, (events) => {
    for (const event of events) standStill(() => play.people(event, { control: late.control!, later }));
  });
  const functions = Object.entries(HANDLERS).map(
    ([name, handler]) => [name, (input: Json) => handler(services, input)] as const,
  );
  const stage = await open({
    clock,
    functions: (play.disturb ?? ((same) => same))(Object.fromEntries(functions)),
    receive: (message) => receiveGate(services, message),
  });
  late.stage = stage;
  const newId = idSource(7);
  const { engine } = stage;
  late.control = createControl({ engine, store, services, simulated: true, newId, hash: sha256 });
  const { executionId } = await late.control.startExecution({ ...play, initiatedBy: 'ana' });
  await stage.settled(stage.idOf('recovery', executionId));
  const { status, outcome } = await late.control.getExecution({ executionId });
  const performed = {
    end: { status, ...(outcome && { outcome }) },
    tookMs: clock.now() - STARTS_AT,
    ...(await look(stage, store, executionId)),
  };
  await stage.close();
  if (troubles.length > 0) throw troubles[0];
  return performed;
}

function servicesOf(
  play: Play,
  { store, clock, engine }: { store: Store; clock: VirtualClock; engine: () => Engine },
  onEvents: (events: readonly ExecutionEventRecord[]) => void,
): Services {
  const estate = simulatedEstate({ scenario: readScenario(play.estate), clock, path: null });
  const rateLimiter = createRateLimiter({ clock });
  return {
    executions: new ExecutionRepository({ store, now: () => clock.now(), onEvents }),
    locks: new LockRepository(store),
    awsFor: (executionId) =>
      createAws({ ...estate.aws, clock, rateLimiter, sessionName: `breakwater-${executionId}` }),
    findOperation,
    storedProtectionGroup: async () => null,
    solution: async () => null,
    completeTask: async (taskToken, output) => {
      const release = clock.hold();
      try {
        await engine().completeTask({ taskToken, output });
        return true;
      } catch (error) {
        if (!hasCode(error, 'TaskTokenUsed')) throw error;
        return false;
      } finally {
        release();
      }
    },
    now: () => clock.now(),
    signal: new AbortController().signal,
  };
}

/** Reads what an execution has left behind in its engine and in the records. */
export async function look(
  stage: Pick<Stage, 'engine' | 'idOf'>,
  store: Store,
  executionId: string,
): Promise<Omit<Performed, 'end' | 'tookMs'>> {
  const master = stage.idOf('recovery', executionId);
  const history = await wholeHistory(stage.engine, master);
  const nested = history
    .filter(({ type, state }) => type === 'TaskStateEntered' && state === 'RunTechnology')
    .map(({ details }) => (details as { input: { name: string } }).input.name)
    .sort();
  const ends: Record<string, Performed['ends'][string]> = {};
  const states: Record<string, string[]> = {};
  const counts: Record<string, Record<string, number>> = {};
  let largestPayload = 0;
  const names = [executionId, ...nested];
  // Grows: after 500 polls a technology goes on in a fresh execution.
  for (const name of names) {
    const id = name === executionId ? master : stage.idOf('technology', name);
    const { status, error, cause, output } = (await stage.engine.describe({ executionId: id }))!;
    ends[name] = { status, ...(output === undefined ? { error: error!, cause: cause! } : { output }) };
    const events = id === master ? history : await wholeHistory(stage.engine, id);
    const entered = events.filter(({ type }) => type.endsWith('StateEntered')).map(({ state }) => state!);
    states[name] = id === master ? entered.sort() : entered;
    if (entered.includes('HandOver')) names.push(continuationOf(name));
    const count = (counts[name] = {} as Record<string, number>);
    for (const { type } of events) count[type] = (count[type] ?? 0) + 1;
    largestPayload = Math.max(largestPayload, ...events.map(payloadBytes));
  }
  return {
    rows: await allRows(store),
    log: await eventsOf(store, executionId),
    ends,
    states,
    tasks: tasksByWave(history),
    events: counts,
    largestPayload,
  };
}

/** As `HandOver` in `technology.asl.json` names it. */
function continuationOf(name: string): string {
  const [, base = name, continued = '0'] = /^(.*)-c(\d+)$/.exec(name) ?? [];
  return `${base}-c${Number(continued) + 1}`;
}

/** Parameters are what a task is asked; both engines have the wave's number somewhere in them. */
function tasksByWave(history: readonly EngineEvent[]): Record<number, string[]> {
  const tasks: Record<number, string[]> = {};
  for (const { type, state, details } of history) {
    const [, wave] = /"waveNumber":(\d+)/.exec(JSON.stringify(details ?? {})) ?? [];
    if (type === 'TaskScheduled') (tasks[Number(wave ?? 0)] ??= []).push(state!);
  }
  return tasks;
}

async function wholeHistory(engine: Engine, executionId: string): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await engine.history({ executionId, ...(cursor === undefined ? {} : { cursor }) });
    events.push(...page.events);
    ({ cursor } = page);
  } while (cursor !== undefined);
  return events;
}

function payloadBytes({ details }: EngineEvent): number {
  return Math.max(0, ...Object.values(details ?? {}).map((each) => Buffer.byteLength(JSON.stringify(each))));
}

async function eventsOf(store: Store, executionId: string): Promise<JsonObject[]> {
  const executions = new ExecutionRepository({ store, now: () => 0, onEvents: () => {} });
  const events = await executions.events(executionId, { after: 0, limit: 1_000 });
  return events as unknown as JsonObject[];
}

async function allRows(store: Store): Promise<Json> {
  const texts: string[] = [];
  for (const table of TABLES) {
    let cursor: string | undefined;
    do {
      const page = await store.scan({ table, limit: 1_000, ...(cursor !== undefined && { cursor }) });
      for (const { key, value } of page.rows) {
        const { sequence: _, ...event } = value as JsonObject;
        texts.push(
          textOf(key.sort.startsWith('event#') ? [event['at']!, event] : [table, { ...key }, value]),
        );
      }
      ({ cursor } = page);
    } while (cursor !== undefined);
  }
  return texts.sort().map((text) => JSON.parse(text) as Json);
}

function textOf(value: Json): string {
  return JSON.stringify(value, (name, member: unknown) => (name === 'taskToken' ? '…' : member));
}
