import type { Clock } from '#core/clock.ts';
import { BreakwaterError } from '#core/errors.ts';
import { isDeepStrictEqual } from 'node:util';
import { StateFailure } from '../asl/failure.ts';
import { checkOutput, checkStart } from '../limits.ts';
import type { Engine, EngineExecution, QueueHandler, TaskHandler } from '../port.ts';
import { submitted } from './dispatch.ts';
import { Doc } from './doc.ts';
import { describeExecution, executionIdOf, readExecution, readExecutionById } from './executions.ts';
import { readHistory } from './history.ts';
import type { Cause } from './interpreter.ts';
import { Journal } from './journal.ts';
import { loadMachines } from './machines.ts';
import { restoreExecutions, resumeExecutions } from './recover.ts';
import { Runtime } from './runtime.ts';
import type { Durability } from './statements.ts';
import type { Thread } from './thread.ts';
import { Tokens, type TokenPlace } from './tokens.ts';

export interface EmbeddedEngineOptions {
  /** The journal's file, or `:memory:`. */
  readonly path: string;
  /**
   * What is acknowledged outlives a power cut (`power`, the default), or only the death of this process (`process`), which
   * spares a disk flush a commit. The invariants hold for that. The choice is this opening's, not the file's.
   */
  readonly durability?: Durability;
  readonly clock: Clock;
  /** Names nested executions that the machine leaves unnamed, and seeds the seal of task tokens. */
  readonly newId: () => string;
  /** Definitions by name: the parsed JSON of `.asl.json` files. */
  readonly machines: Readonly<Record<string, unknown>>;
  /** Values for `${Name}` in definitions. */
  readonly substitutions?: Readonly<Record<string, string>>;
  /** Handlers by FunctionName. */
  readonly functions?: Readonly<Record<string, TaskHandler>>;
  /** Consumers by QueueUrl. */
  readonly queues?: Readonly<Record<string, QueueHandler>>;
  /** Called at named points between steps, to die there in tests: what it throws stops the engine as a crash would. */
  readonly faults?: { at(point: string): void };
  /** The engine has stopped by itself, because it can no longer write. */
  readonly onFailure?: (error: BreakwaterError) => void;
}

export interface EmbeddedEngine extends Engine {
  /** Commits what is under way and closes the file. Handlers that still run are asked again after the next opening. */
  close(): Promise<void>;
  /** Resolves when the execution has ended. Throws `EngineExecutionNotFound`, `EngineClosed`. */
  settled(params: { readonly executionId: string }): Promise<EngineExecution>;
}

/**
 * A durable engine in this process: machines in the States Language, journal in one SQLite file.
 *
 * Invariants, cited by number in code and tests:
 * 1. a Task is dispatched only after the commit that records it;
 * 2. a result is acknowledged only after its commit;
 * 3. after a kill at any instant a restart resumes every execution, re-dispatching only tasks whose result was not
 *    committed (at least once), everything else exactly once;
 * 4. a task token completes at most once;
 * 5. one writer: a second process on the same file is refused with `DataDirectoryInUse`;
 * 6. no transition depends on time other than through the clock port;
 * 7. suspension is never a thrown exception.
 *
 * Who does what: `interpreter.ts` runs a thread from a wake-up to its next wait and writes what happens as records;
 * `thread.ts` is the state, changed by records alone; `journal.ts` commits records; `runtime.ts` wakes threads;
 * `dispatch.ts` performs tasks; `recover.ts` reads the records again.
 *
 * Throws `DataDirectoryInUse`, `DataDirectoryUnusable`, `MachineInvalid`, `HandlerNotFound`.
 */
export async function openEmbeddedEngine(options: EmbeddedEngineOptions): Promise<EmbeddedEngine> {
  const { clock, newId, functions = {}, queues = {} } = options;
  let runtime: Runtime | null = null;
  const crash = (error: BreakwaterError): void => {
    runtime?.halt(error);
    options.onFailure?.(error);
  };
  const faults = (point: string): void => options.faults?.at(point);
  const survives = (point: string): boolean => {
    if (runtime?.halted !== null) return false;
    try {
      faults(point);
      return true;
    } catch (error) {
      crash(new BreakwaterError('EngineClosed', `the engine died at ${point}`, { cause: error }));
      return false;
    }
  };
  const { path, durability = 'power' } = options;
  const journal = new Journal({ path, durability, clock, faults, onFailure: crash });
  try {
    const machines = loadMachines(
      journal,
      { machines: options.machines, functions, queues },
      options.substitutions ?? {},
    );
    runtime = new Runtime(
      { clock, newId, machines, functions, queues, survives },
      journal,
      openTokens(journal, newId),
    );
    resumeSoon(runtime);
  } catch (error) {
    journal.abandon();
    throw error;
  }
  return engineOver(runtime);
}

/** Handlers may need the engine, so nothing is dispatched before the caller of `openEmbeddedEngine` has it. */
function resumeSoon(runtime: Runtime): void {
  const executions = restoreExecutions(runtime);
  const release = runtime.options.clock.hold();
  setImmediate(() => {
    resumeExecutions(runtime, executions);
    release();
  });
}

function openTokens(journal: Journal, newId: () => string): Tokens {
  const kept = journal.setting('token-key');
  if (kept !== null) return new Tokens(kept);
  const key = newId();
  journal.statements.saveSetting.run('token-key', key);
  return new Tokens(key);
}

function engineOver(runtime: Runtime): EmbeddedEngine {
  const { journal } = runtime;
  return {
    start: (params) => start(runtime, params),
    completeTask: async ({ taskToken, output }) => {
      const result = Doc.ofForeign(output);
      checkOutput(result.json);
      return endTask(runtime, taskToken, () => ({ kind: 'result', result }));
    },
    failTask: ({ taskToken, error, cause }) => {
      return endTask(runtime, taskToken, () => ({
        kind: 'failure',
        failure: new StateFailure(error, cause ?? ''),
      }));
    },
    heartbeat: ({ taskToken }) => heartbeat(runtime, taskToken),
    stop: (params) => stop(runtime, params),
    describe: async (params) => {
      checkOpen(runtime);
      const row =
        'name' in params
          ? readExecution(journal, params.machine, params.name)
          : readExecutionById(journal, params.executionId);
      return row === null ? null : describeExecution(row);
    },
    history: async ({ executionId, ...page }) => {
      checkOpen(runtime);
      const row = readExecutionById(journal, executionId);
      if (row === null) throw notFound(executionId);
      return readHistory(journal, row, page);
    },
    settled: (params) => settled(runtime, params.executionId),
    close: () => close(runtime),
  };
}

async function start(
  runtime: Runtime,
  params: Parameters<Engine['start']>[0],
): Promise<{ executionId: string }> {
  checkOpen(runtime);
  const machine = runtime.options.machines.get(params.machine);
  if (machine === undefined)
    throw new BreakwaterError('MachineNotFound', `there is no machine '${params.machine}'`);
  const input = Doc.ofForeign(params.input);
  checkStart(params.name, input.json);
  const executionId = executionIdOf(params.machine, params.name);
  const running = runtime.running(executionId);
  const exists =
    running !== undefined || readExecution(runtime.journal, params.machine, params.name) !== null;
  const isSame =
    running !== undefined && !running.ended && isDeepStrictEqual(running.input.value, input.value);
  if (exists && !isSame) {
    throw new BreakwaterError(
      'EngineExecutionExists',
      `execution '${params.name}' of '${params.machine}' exists already`,
    );
  }
  if (!exists) runtime.begin({ id: executionId, machine, name: params.name, input, parent: null });
  await committed(runtime);
  return { executionId };
}

/** Ends a token's task. The first caller wins; the others are told so once the first one's result is on disk. */
async function endTask(runtime: Runtime, taskToken: string, cause: () => Cause): Promise<void> {
  checkOpen(runtime);
  const place = placeOf(runtime, taskToken);
  const thread = threadAt(runtime, place);
  const isOpen = thread !== undefined && isWaitingFor(thread, place);
  // Whoever has the token has taken the message, even if its delivery has not come back yet.
  if (isOpen && thread.task?.submitted === false) submitted(runtime, thread, thread.claim, 'token');
  const isWoken = isOpen && runtime.wake(thread, thread.claim, cause());
  const counted = await thread?.turn;
  await committed(runtime);
  if (!isWoken || counted !== true) throw used(taskToken);
}

async function heartbeat(runtime: Runtime, taskToken: string): Promise<void> {
  checkOpen(runtime);
  const place = placeOf(runtime, taskToken);
  const thread = threadAt(runtime, place);
  if (thread === undefined || !isWaitingFor(thread, place)) throw used(taskToken);
  runtime.note(thread, { k: 'beat' });
  await committed(runtime);
}

function placeOf(runtime: Runtime, taskToken: string): TokenPlace {
  const place = runtime.tokens.read(taskToken);
  if (place === null) throw new BreakwaterError('TaskTokenInvalid', `'${taskToken}' was never issued`);
  return place;
}

function threadAt(runtime: Runtime, place: TokenPlace): Thread | undefined {
  return runtime.executions.get(place.execution)?.threads.get(place.thread);
}

function isWaitingFor(thread: Thread, place: TokenPlace): boolean {
  return !thread.awake && thread.task?.number === place.task;
}

function used(taskToken: string): BreakwaterError {
  return new BreakwaterError('TaskTokenUsed', `the task of token '${taskToken}' has ended`);
}

async function stop(runtime: Runtime, params: Parameters<Engine['stop']>[0]): Promise<void> {
  checkOpen(runtime);
  const execution = runtime.running(params.executionId);
  if (execution === undefined && readExecutionById(runtime.journal, params.executionId) === null) {
    throw notFound(params.executionId);
  }
  if (execution !== undefined) {
    runtime.abort(execution, { status: 'ABORTED', error: params.error ?? '', cause: params.cause ?? '' });
  }
  await committed(runtime);
}

async function settled(runtime: Runtime, executionId: string): Promise<EngineExecution> {
  checkOpen(runtime);
  const execution = runtime.running(executionId);
  if (execution !== undefined) await new Promise<void>((resolve) => runtime.onEnd(execution, resolve));
  checkOpen(runtime);
  const row = readExecutionById(runtime.journal, executionId);
  if (row === null) throw notFound(executionId);
  return describeExecution(row);
}

/** A turn is made of promises alone, so one turn of the event loop ends every turn that is under way. */
async function close(runtime: Runtime): Promise<void> {
  if (runtime.halted !== null) return;
  const release = runtime.options.clock.hold();
  await new Promise((resolve) => setImmediate(resolve));
  if (runtime.halted === null) {
    const closed = runtime.journal.close();
    runtime.halt(new BreakwaterError('EngineClosed', 'the engine is closed'));
    await closed;
  }
  release();
}

/** Resolves when what the caller did is on disk (invariant 2). */
async function committed(runtime: Runtime): Promise<void> {
  if (!(await runtime.journal.flushed())) checkOpen(runtime);
}

function checkOpen(runtime: Runtime): void {
  if (runtime.halted !== null) throw runtime.halted;
}

function notFound(executionId: string): BreakwaterError {
  return new BreakwaterError('EngineExecutionNotFound', `there is no execution '${executionId}'`);
}
