import type { Json } from '#core/json.ts';
import { StateFailure } from '../asl/failure.ts';
import type { Scope, StatesVariable } from '../asl/expression.ts';
import type { Template } from '../asl/template.ts';
import type { EngineStatus } from '../port.ts';
import type { Doc } from './doc.ts';
import { ChunkWriter, type JournalRecord } from './records.ts';
import { applyRecord, type Thread } from './thread.ts';

/** What the interpreter needs from the engine. */
export interface TurnHost {
  now(): number;
  newId(): string;
  /** The token of a task of a thread, by the task's number. */
  tokenFor(thread: Thread, task: number): string;
  /** Takes the records of a turn that is over. */
  append(turn: Turn): void;
}

/** How an execution, or a thread of it, ended. */
export interface Ending {
  readonly status: Exclude<EngineStatus, 'RUNNING'>;
  readonly output?: Doc;
  readonly error?: string;
  readonly cause?: string;
}

/** What a state's fields can see besides its input. */
export interface Outcome {
  readonly result?: Json;
  readonly errorOutput?: Json;
  /** For the task being scheduled. */
  readonly token?: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What one thread does between two waits: its records, written and applied one by one. */
export class Turn {
  readonly thread: Thread;
  readonly host: TurnHost;
  readonly at: number;
  readonly chunk = new ChunkWriter();
  /** The state in which the turn began. */
  readonly place: string;
  /** How many states it has entered. */
  steps = 0;
  /** Set when the thread has ended. */
  ending: Ending | null = null;
  /** The engine has taken its records: the thread was not cut off meanwhile. */
  counted = false;
  #closed = false;

  constructor(thread: Thread, host: TurnHost) {
    this.thread = thread;
    this.host = host;
    this.at = host.now();
    this.place = thread.state === null ? '' : `${thread.state.type}:${thread.state.name}`;
  }

  /** Records and does. Nothing happens on a thread that has been cut off meanwhile. */
  emit(record: JournalRecord): void {
    if (this.thread.dead) return;
    this.chunk.write(record);
    applyRecord(this.thread, record, this.at);
    if (record.k === 'end') this.ending = { status: 'SUCCEEDED', output: record.o };
    if (record.k === 'break') this.ending = { status: 'FAILED', error: record.e, cause: record.c };
    if (this.ending !== null) this.close();
  }

  /** Hands the records over, once: at the end of a thread in the same instant, so no other turn can see it half done. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.host.append(this);
  }

  scope(outcome: Outcome = {}): Scope {
    const { thread } = this;
    const states: Mutable<StatesVariable> = {
      input: thread.value.value,
      get context(): Json {
        return contextOf(thread, outcome.token);
      },
    };
    if (outcome.result !== undefined) states.result = outcome.result;
    if (outcome.errorOutput !== undefined) states.errorOutput = outcome.errorOutput;
    return { states, variables: thread.variables, now: this.at };
  }

  /** Evaluates a text field. Throws `States.QueryEvaluationError` if it is something else. */
  async text(template: Template, scope: Scope, field: string): Promise<string> {
    const value = await template.evaluate(scope);
    if (typeof value === 'string') return value;
    throw new StateFailure(
      'States.QueryEvaluationError',
      `${field} must be a text, but is ${JSON.stringify(value)}`,
    );
  }

  /** Evaluates a field that holds a whole number from 0 to 99,999,999. */
  async number(template: Template, scope: Scope, field: string): Promise<number> {
    const value = await template.evaluate(scope);
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 99_999_999)
      return value;
    const message = `${field} must be a whole number from 0 to 99999999, but is ${JSON.stringify(value)}`;
    throw new StateFailure('States.QueryEvaluationError', message);
  }
}

/**
 * The context object.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
 */
function contextOf(thread: Thread, token: string | undefined): Json {
  const { execution } = thread;
  const item = mapItemOf(thread);
  return {
    Execution: {
      Id: execution.id,
      Input: execution.input.value,
      Name: execution.name,
      StartTime: new Date(execution.startedAt).toISOString(),
    },
    State: {
      EnteredTime: new Date(thread.enteredAt).toISOString(),
      Name: thread.state?.name ?? '',
      RetryCount: thread.retries.reduce((sum, count) => sum + (count ?? 0), 0),
    },
    StateMachine: { Name: execution.machine.name },
    ...(token === undefined ? {} : { Task: { Token: token } }),
    ...(item === null ? {} : { Map: { Item: item } }),
  };
}

/** The item of the nearest Map iteration around a thread. */
function mapItemOf(thread: Thread): Json | null {
  for (let inner = thread; inner.parent !== null; inner = inner.parent) {
    const { phase, state } = inner.parent;
    if (state?.type !== 'Map' || phase.kind !== 'children') continue;
    return { Index: inner.index, Value: (phase.source.value as readonly Json[])[inner.index] ?? null };
  }
  return null;
}
