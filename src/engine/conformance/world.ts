import { test as vitestTest } from 'vitest';
import type { Json } from '#core/json.ts';
import type { Engine, EngineExecution, QueueHandler, TaskHandler } from '../port.ts';

/** What a test runs: machines by name, and what their tasks lead to. Definitions name handlers as `${name}`. */
export interface Program {
  readonly machines: Readonly<Record<string, unknown>>;
  readonly functions?: Readonly<Record<string, TaskHandler>>;
  readonly queues?: Readonly<Record<string, QueueHandler>>;
}

/** An engine with a program loaded. */
export interface World {
  readonly engine: Engine;
  /** Waits until an execution has ended. */
  settled(executionId: string): Promise<EngineExecution>;
  /** Milliseconds in the time that the engine lives in. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export interface ConformanceOptions {
  readonly name: string;
  readonly setup: (program: Program) => Promise<World>;
  /** Runs after each test; fails if something leaked. */
  readonly teardown: (world: World) => Promise<void>;
  /** Cases that are left out, by their titles as the suite writes them, each for a reason that its title then shows. */
  readonly leftOut?: readonly { readonly reason: string; readonly tests: readonly string[] }[];
}

type Body = () => Promise<void>;

/** `test` of vitest, as far as the suite uses it. */
export interface Test {
  (title: string, body: Body): void;
  each<T>(cases: readonly T[]): (title: string, body: (one: T) => Promise<void>) => void;
}

const met = new WeakMap<ConformanceOptions, Set<string>>();

/** Titles that the options leave out and the suite does not have, once all its parts are declared. */
export function unknownTitles(options: ConformanceOptions): string[] {
  const titles = (options.leftOut ?? []).flatMap(({ tests }) => tests);
  return titles.filter((title) => !met.get(options)?.has(title));
}

/** `test`, but for what the options leave out. */
export function testsOf(options: ConformanceOptions): Test {
  const { leftOut = [] } = options;
  const skippedHere = met.get(options) ?? new Set();
  met.set(options, skippedHere);
  const reasons = new Map(leftOut.flatMap(({ reason, tests }) => tests.map((title) => [title, reason])));
  const skipped = (title: string): boolean => {
    const reason = reasons.get(title);
    if (reason === undefined) return false;
    skippedHere.add(title);
    vitestTest.skip(`${title} Left out: ${reason}`);
    return true;
  };
  const test = (title: string, body: Body): void => {
    if (!skipped(title)) vitestTest(title, body);
  };
  return Object.assign(test, {
    each:
      <T>(cases: readonly T[]) =>
      (title: string, body: (one: T) => Promise<void>): void => {
        if (!skipped(title)) vitestTest.each([...cases])(title, body);
      },
  });
}

export type Use = <T>(program: Program, test: (world: World) => Promise<T>) => Promise<T>;

/** Sets up a world for one test and takes it down again. */
export function worldsOf(options: ConformanceOptions): Use {
  return async (program, test) => {
    const world = await options.setup(program);
    try {
      return await test(world);
    } finally {
      await options.teardown(world);
    }
  };
}

let names = 0;

/** Starts the machine `main` and waits for its end. */
export async function run(world: World, input: Json = {}): Promise<EngineExecution> {
  const { executionId } = await world.engine.start({ machine: 'main', name: `run-${++names}`, input });
  return world.settled(executionId);
}

export function machine(startAt: string, states: object, more: object = {}): object {
  return { QueryLanguage: 'JSONata', StartAt: startAt, States: states, ...more };
}

/** A Task state that calls a function with the state's input and answers its result. */
export function call(name: string, more: object = { End: true }): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: `\${${name}}`, Payload: '{% $states.input %}' },
    Output: '{% $states.result.Payload %}',
    ...more,
  };
}

/** A Task state that waits at a gate. */
export function gate(more: object = { End: true }): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
    Arguments: {
      QueueUrl: '${gates}',
      MessageBody: { taskToken: '{% $states.context.Task.Token %}', input: '{% $states.input %}' },
    },
    ...more,
  };
}

/** A Task state that runs the machine `inner` and answers its output. */
export function nested(more: object = { End: true }): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::states:startExecution.sync:2',
    Arguments: { StateMachineArn: '${inner}', Input: '{% $states.input %}' },
    Output: '{% $states.result.Output %}',
    ...more,
  };
}

/** A queue that keeps the tokens it gets, and tells whoever waits for the next one. */
export function gateQueue(): { readonly handler: QueueHandler; next(): Promise<string> } {
  const tokens: string[] = [];
  const waiting: ((token: string) => void)[] = [];
  return {
    handler: async (message) => {
      const { taskToken } = message as { taskToken: string };
      const tell = waiting.shift();
      if (tell === undefined) tokens.push(taskToken);
      else tell(taskToken);
    },
    next: async () => tokens.shift() ?? new Promise((resolve) => waiting.push(resolve)),
  };
}
