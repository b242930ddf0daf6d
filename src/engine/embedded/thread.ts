import type { Json } from '#core/json.ts';
import { unreachable } from '#core/json.ts';
import type { Machine, State } from '../asl/machine.ts';
import type { Doc } from './doc.ts';
import type { JournalRecord } from './records.ts';

/** Which task of which execution waits for a nested one. */
export interface ParentLink {
  readonly execution: number;
  readonly thread: number;
  readonly task: number;
}

/** A running execution. */
export interface Execution {
  /** Its number in the journal. */
  readonly key: number;
  readonly id: string;
  readonly machine: Machine;
  readonly name: string;
  readonly input: Doc;
  readonly startedAt: number;
  readonly parent: ParentLink | null;
  readonly threads: Map<number, Thread>;
  nextThread: number;
  nextEvent: number;
  /** Set when the end is decided; the execution leaves memory when the end is committed. */
  ended: boolean;
  cancelTimeout: (() => void) | null;
}

/** What a thread waits for. */
export type Phase =
  | { readonly kind: 'ready'; readonly next: string }
  | { readonly kind: 'running' }
  | TaskPhase
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'backoff'; readonly until: number }
  | ChildrenPhase
  | { readonly kind: 'ended' };

export interface TaskPhase {
  readonly kind: 'task';
  /** 1 for the first task of the thread, and so on: names the attempt in tokens. */
  readonly number: number;
  readonly target: string;
  readonly body: Doc;
  readonly executionName: string | null;
  readonly timeoutAt: number | null;
  readonly heartbeatMs: number | null;
  heartbeatAt: number | null;
  submitted: boolean;
}

export interface ChildrenPhase {
  readonly kind: 'children';
  /** Map: the items. Parallel: the input of every branch. */
  readonly source: Doc;
  readonly results: (Doc | null)[];
  /** How many may run at once. */
  readonly limit: number;
  spawned: number;
  done: number;
  failure: { readonly error: string; readonly cause: string } | null;
}

const NO_TURN = Promise.resolve(true);

/**
 * One line of control in an execution: the execution itself, a Map iteration or a Parallel branch. Its fields change only in
 * `applyRecord`, in the same way when it happens and when the journal is read again; the last five are not journaled.
 */
export class Thread {
  readonly execution: Execution;
  readonly id: number;
  readonly parent: Thread | null;
  readonly index: number;
  /** Own variables; those of the parents are inherited. */
  readonly variables: Record<string, Json>;
  /** The input of the next state. */
  value: Doc;
  state: State | null = null;
  enteredAt = 0;
  /** Retries so far in this state, by retrier. */
  retries: number[] = [];
  tasks = 0;
  phase: Phase;

  /** Ended, or cut off by its parent or by `stop`: nothing that it still does counts. */
  dead = false;
  /** Grows with every wake-up: whoever wakes the thread must know the number of this wait, so one alone succeeds. */
  claim = 0;
  /** True during a turn. */
  awake = false;
  /** The turn under way, or the last one; true if it counted. */
  turn: Promise<boolean> = NO_TURN;
  /** Undoes what waits on the thread's behalf: timers, a nested execution. */
  cancels: (() => void)[] = [];

  constructor(place: Pick<Thread, 'execution' | 'id' | 'parent' | 'index'>, startAt: string, input: Doc) {
    this.execution = place.execution;
    this.id = place.id;
    this.parent = place.parent;
    this.index = place.index;
    this.value = input;
    this.phase = { kind: 'ready', next: startAt };
    this.variables = Object.create(place.parent?.variables ?? null) as Record<string, Json>;
  }

  get task(): TaskPhase | null {
    return this.phase.kind === 'task' ? this.phase : null;
  }
}

/** Changes a thread as a record says; `at` is the time of its chunk. */
export function applyRecord(thread: Thread, record: JournalRecord, at: number): void {
  switch (record.k) {
    case 'enter':
      thread.state = thread.execution.machine.states.get(record.s) ?? null;
      thread.value = record.o;
      thread.enteredAt = at;
      thread.retries = [];
      thread.phase = { kind: 'running' };
      return;
    case 'schedule':
      thread.phase = taskPhase(++thread.tasks, record, at);
      return;
    case 'beat':
      if (thread.task !== null) thread.task.heartbeatAt = at + (thread.task.heartbeatMs ?? Infinity);
      return;
    case 'submit':
      if (thread.task !== null) thread.task.submitted = true;
      return;
    case 'fail':
      cutChildren(thread);
      thread.phase = { kind: 'running' };
      return;
    case 'join':
      thread.phase = { kind: 'running' };
      return;
    case 'retry':
      thread.retries[record.i] = (thread.retries[record.i] ?? 0) + 1;
      thread.phase = { kind: 'backoff', until: record.u };
      return;
    case 'wait':
      thread.phase = { kind: 'wait', until: record.u };
      return;
    case 'items':
      thread.phase = childrenPhase(record.o, record.n, record.m);
      return;
    case 'branches':
      thread.phase = childrenPhase(record.o, record.n, record.n);
      return;
    case 'exit':
      thread.value = record.o;
      if (record.a !== undefined) Object.assign(thread.variables, record.a.value);
      thread.phase = { kind: 'running' };
      return;
    case 'yield':
      thread.phase = { kind: 'ready', next: record.s };
      return;
    case 'end':
      endThread(thread, (siblings) => {
        siblings.results[thread.index] = record.o;
        siblings.done++;
      });
      return;
    case 'break':
      endThread(thread, (siblings) => {
        siblings.failure ??= { error: record.e, cause: record.c };
      });
      return;
    case 'child':
      thread.value = record.o;
      return;
    case 'succeed':
      thread.phase = { kind: 'running' };
      return;
    default:
      unreachable(record);
  }
}

function taskPhase(number: number, record: JournalRecord & { k: 'schedule' }, at: number): TaskPhase {
  return {
    kind: 'task',
    number,
    target: record.t,
    body: record.o,
    executionName: record.n ?? null,
    timeoutAt: record.u ?? null,
    heartbeatMs: record.b ?? null,
    heartbeatAt: record.b === undefined ? null : at + record.b,
    submitted: false,
  };
}

function childrenPhase(source: Doc, count: number, limit: number): ChildrenPhase {
  return {
    kind: 'children',
    source,
    results: Array.from({ length: count }, () => null),
    limit,
    spawned: 0,
    done: 0,
    failure: null,
  };
}

function endThread(thread: Thread, tell: (siblings: ChildrenPhase) => void): void {
  thread.dead = true;
  thread.phase = { kind: 'ended' };
  thread.execution.threads.delete(thread.id);
  if (thread.parent === null) thread.execution.ended = true;
  else if (thread.parent.phase.kind === 'children') tell(thread.parent.phase);
}

/** Cuts off everything below a thread that waits for children. */
function cutChildren(thread: Thread): void {
  if (thread.phase.kind !== 'children') return;
  for (const other of thread.execution.threads.values()) if (isBelow(other, thread)) cutThread(other);
}

function isBelow(thread: Thread, ancestor: Thread): boolean {
  for (let parent = thread.parent; parent !== null; parent = parent.parent)
    if (parent === ancestor) return true;
  return false;
}

/** Cuts a thread off: what it waits for is called off and nothing that still comes for it counts. */
export function cutThread(thread: Thread): void {
  thread.dead = true;
  stopWaiting(thread);
  thread.execution.threads.delete(thread.id);
}

/** Where child number `index` of a thread begins, or `null` if the thread is in no Map or Parallel state. */
export function childStartOf({ state }: Thread, index: number): string | null {
  if (state?.type === 'Map') return state.processor.startAt;
  return state?.type === 'Parallel' ? (state.branches[index]?.startAt ?? null) : null;
}

/** Calls off what the thread waits for. */
export function stopWaiting(thread: Thread): void {
  const { cancels } = thread;
  thread.cancels = [];
  for (const cancel of cancels) cancel();
}

/** Cut off while it still had something to do. */
export function isCut(thread: Thread): boolean {
  return thread.dead && thread.phase.kind !== 'ended';
}
