import type { Clock } from '#core/clock.ts';
import { BreakwaterError } from '#core/errors.ts';
import { unreachable } from '#core/json.ts';
import { StateFailure } from '../asl/failure.ts';
import type { QueueHandler, TaskHandler } from '../port.ts';
import { dispatchTask, nestedEnded } from './dispatch.ts';
import type { Doc } from './doc.ts';
import { runTurn, type Cause } from './interpreter.ts';
import { Journal } from './journal.ts';
import type { LoadedMachine } from './machines.ts';
import { ChunkWriter, type JournalRecord } from './records.ts';
import {
  Thread,
  childStartOf,
  cutThread,
  isCut,
  stopWaiting,
  type ChildrenPhase,
  type Execution,
  type ParentLink,
} from './thread.ts';
import { Tokens } from './tokens.ts';
import { Turn, type Ending, type TurnHost } from './turn.ts';

export interface RuntimeOptions {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly machines: ReadonlyMap<string, LoadedMachine>;
  readonly functions: Readonly<Record<string, TaskHandler>>;
  readonly queues: Readonly<Record<string, QueueHandler>>;
  /** Passes a fault point; false if the engine has died there. */
  readonly survives: (point: string) => boolean;
}

/**
 * The running executions: who waits for what, and who wakes whom. It owns the threads; the interpreter changes them during a
 * turn, `dispatch.ts` performs their tasks, the journal says when a turn is on disk.
 *
 * A thread is woken by `wake` alone, with the number of the wait that the caller knows of; the first one wins. After its turn
 * `append` queues the records, and `activate`, after their commit, does what the new phase asks for. After a restart
 * `activate` is called on what the journal left, and everything goes on the same way.
 */
export class Runtime implements TurnHost {
  readonly options: RuntimeOptions;
  readonly journal: Journal;
  readonly tokens: Tokens;
  readonly executions = new Map<number, Execution>();
  readonly #byId = new Map<string, Execution>();
  readonly #onEnd = new Map<number, (() => void)[]>();
  halted: BreakwaterError | null = null;

  constructor(options: RuntimeOptions, journal: Journal, tokens: Tokens) {
    this.options = options;
    this.journal = journal;
    this.tokens = tokens;
  }

  now(): number {
    return this.options.clock.now();
  }

  newId(): string {
    return this.options.newId();
  }

  tokenFor(thread: Thread, task: number): string {
    return this.tokens.issue({ execution: thread.execution.key, thread: thread.id, task });
  }

  /** The running execution of this id, until its end is committed. */
  running(id: string): Execution | undefined {
    return this.#byId.get(id);
  }

  /** Starts an execution. The caller has made sure that the name is free. */
  begin(params: {
    id: string;
    machine: LoadedMachine;
    name: string;
    input: Doc;
    parent: ParentLink | null;
  }): Execution {
    const { machine, name, input, parent } = params;
    const execution = this.adopt({
      ...params,
      key: this.journal.nextExecution(),
      machine: machine.machine,
      startedAt: this.now(),
    });
    const link = [parent?.execution ?? null, parent?.thread ?? null, parent?.task ?? null] as const;
    const { key, startedAt } = execution;
    this.journal.enqueue(input.json.length, ({ insertExecution }) => {
      insertExecution.run(key, machine.key, machine.machine.name, name, input.json, startedAt, ...link);
    });
    this.armExecutionTimeout(execution);
    const root = execution.threads.get(0)!;
    this.wake(root, root.claim, { kind: 'start', next: machine.machine.root.startAt });
    return execution;
  }

  /** Takes an execution into memory, at its beginning. */
  adopt(
    params: Pick<Execution, 'key' | 'id' | 'machine' | 'name' | 'input' | 'startedAt' | 'parent'>,
  ): Execution {
    const { key, id, machine, name, input, startedAt, parent } = params;
    const execution: Execution = {
      key,
      id,
      machine,
      name,
      input,
      startedAt,
      parent,
      threads: new Map(),
      nextThread: 1,
      nextEvent: 2,
      ended: false,
      cancelTimeout: null,
    };
    execution.threads.set(
      0,
      new Thread({ execution, id: 0, parent: null, index: 0 }, machine.root.startAt, input),
    );
    this.executions.set(key, execution);
    this.#byId.set(id, execution);
    return execution;
  }

  armExecutionTimeout(execution: Execution): void {
    const { timeoutMs } = execution.machine;
    if (timeoutMs === null) return;
    execution.cancelTimeout = this.options.clock.at(execution.startedAt + timeoutMs, () => {
      this.abort(execution, { status: 'TIMED_OUT', error: 'States.Timeout', cause: '' });
    });
  }

  /** Lets a thread go on, if it still waits for what the caller knows as `claim`. */
  wake(thread: Thread, claim: number, cause: Cause): boolean {
    if (thread.dead || thread.awake || thread.claim !== claim || this.halted !== null) return false;
    thread.claim++;
    thread.awake = true;
    stopWaiting(thread);
    thread.turn = this.#run(thread, cause);
    return true;
  }

  async #run(thread: Thread, cause: Cause): Promise<boolean> {
    const turn = new Turn(thread, this);
    await runTurn(turn, cause);
    return turn.counted;
  }

  append(turn: Turn): void {
    const { thread } = turn;
    if (isCut(thread) || this.halted !== null) return;
    const { claim } = thread;
    turn.counted = true;
    thread.awake = false;
    this.#appendChunk(turn, () => {
      if (thread.claim === claim) this.activate(thread);
    });
    if (thread.phase.kind !== 'ended') return;
    if (thread.parent !== null) this.#goOnWithChildren(thread.parent);
  }

  /** Records something about a waiting thread that does not wake it. */
  note(thread: Thread, record: JournalRecord): void {
    const turn = new Turn(thread, this);
    turn.emit(record);
    this.#appendChunk(turn);
  }

  #appendChunk({ thread, chunk, at, place, ending }: Turn, committed?: () => void): void {
    const { execution } = thread;
    const first = execution.nextEvent;
    execution.nextEvent += chunk.events;
    this.journal.appendChunk(
      execution.key,
      { thread: thread.id, at, first, place, records: chunk.text },
      committed,
    );
    if (ending !== null && thread.parent === null) this.#finish(execution, ending, at);
  }

  /** Does what the phase of a thread asks for; its records are committed. */
  activate(thread: Thread): void {
    if (thread.dead || thread.awake || this.halted !== null) return;
    const { phase } = thread;
    switch (phase.kind) {
      case 'ready':
        this.wake(thread, thread.claim, { kind: 'start', next: phase.next });
        return;
      case 'task':
        dispatchTask(this, thread, phase);
        return;
      case 'wait':
        this.wakeAt(thread, phase.until, { kind: 'woke' });
        return;
      case 'backoff':
        this.wakeAt(thread, phase.until, { kind: 'again' });
        return;
      case 'children':
        this.#goOnWithChildren(thread);
        return;
      case 'running':
      case 'ended':
        return;
      default:
        unreachable(phase);
    }
  }

  wakeAt(thread: Thread, timeMs: number, cause: Cause): void {
    const { claim } = thread;
    thread.cancels.push(this.options.clock.at(timeMs, () => this.wake(thread, claim, cause)));
  }

  #goOnWithChildren(thread: Thread): void {
    const { phase } = thread;
    if (phase.kind !== 'children' || thread.awake) return;
    if (phase.failure !== null) {
      const failure = new StateFailure(phase.failure.error, phase.failure.cause);
      this.wake(thread, thread.claim, { kind: 'failure', failure });
    } else if (phase.done === phase.results.length) this.wake(thread, thread.claim, { kind: 'joined' });
    else
      while (phase.spawned < phase.results.length && phase.spawned - phase.done < phase.limit)
        this.spawn(thread, phase);
  }

  /** Starts the next child of a Map or Parallel state. */
  spawn(parent: Thread, phase: ChildrenPhase, index = phase.spawned++): void {
    const { execution } = parent;
    const startAt = childStartOf(parent, index);
    if (startAt === null) return;
    const child = new Thread({ execution, id: execution.nextThread++, parent, index }, startAt, phase.source);
    execution.threads.set(child.id, child);
    this.wake(child, child.claim, { kind: 'child', startAt });
  }

  /** Ends an execution from outside: all its threads are cut off, and nested executions with them. */
  abort(execution: Execution, ending: Ending): void {
    if (execution.ended || this.halted !== null) return;
    const root = execution.threads.get(0)!;
    for (const thread of execution.threads.values()) cutThread(thread);
    const at = this.now();
    const chunk = new ChunkWriter();
    const h = ending.status === 'TIMED_OUT' ? 'ExecutionTimedOut' : 'ExecutionAborted';
    chunk.write({ k: 'break', e: ending.error ?? '', c: ending.cause ?? '', h });
    execution.ended = true;
    const place = root.state === null ? '' : `${root.state.type}:${root.state.name}`;
    const first = execution.nextEvent++;
    this.journal.appendChunk(execution.key, { thread: 0, at, first, place, records: chunk.text });
    this.#finish(execution, ending, at);
  }

  #finish(execution: Execution, ending: Ending, at: number): void {
    const { status, output, error, cause } = ending;
    execution.cancelTimeout?.();
    const text = output?.json ?? null;
    this.journal.enqueue(
      text?.length ?? 0,
      ({ endExecution }) => endExecution.run(status, at, text, error ?? null, cause ?? null, execution.key),
      () => this.#forget(execution),
    );
  }

  /** The end is on disk: the execution leaves memory, and whoever waits for it goes on. */
  #forget(execution: Execution): void {
    this.executions.delete(execution.key);
    this.#byId.delete(execution.id);
    for (const tell of this.#onEnd.get(execution.key) ?? []) tell();
    this.#onEnd.delete(execution.key);
    const { parent } = execution;
    if (parent === null) return;
    const thread = this.executions.get(parent.execution)?.threads.get(parent.thread);
    if (thread?.task?.number === parent.task) nestedEnded(this, thread, execution.key);
  }

  onEnd(execution: Execution, tell: () => void): void {
    const list = this.#onEnd.get(execution.key) ?? [];
    this.#onEnd.set(execution.key, [...list, tell]);
  }

  /** Stops everything, without a trace in the journal. */
  halt(reason: BreakwaterError): void {
    if (this.halted !== null) return;
    this.halted = reason;
    for (const execution of this.executions.values()) {
      execution.cancelTimeout?.();
      for (const thread of execution.threads.values()) stopWaiting(thread);
    }
    this.executions.clear();
    this.#byId.clear();
    this.journal.abandon();
    for (const list of this.#onEnd.values()) for (const tell of list) tell();
    this.#onEnd.clear();
  }
}
