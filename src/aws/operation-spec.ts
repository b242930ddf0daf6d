/** The parts of an SDK v3 command that its input and output types can be read from. */
interface SdkCommand<I, O> {
  readonly input: I;
  resolveMiddleware(
    stack: never,
    configuration: never,
    options: never,
  ): (args: never) => Promise<{ output: O }>;
}

/** The class of an SDK v3 command. */
type CommandClass<I, O> = new (input: I) => SdkCommand<I, O>;

/**
 * One operation of a service, as data: how to make the command, and, if the operation pages, how to reach the items
 * and the next page. `O` is what the caller gets: the SDK's output, or the array of all items.
 */
export interface OperationSpec<I, O> {
  readonly makeCommand: (input: I) => object;
  /**
   * False: each call does something anew, and AWS offers no client token. Such a call is not repeated when nobody
   * knows whether it took effect; the caller has to look first.
   */
  readonly repeatable: boolean;
  readonly paging: Paging | null;
  /** Where to find the caller's answer in the SDK's output; for pages, an array to be joined. */
  readonly pick: (output: never) => O;
  /** For errors that are answers. Given what the SDK threw: what `pick` gets instead of an output, or throws what is to be judged. */
  readonly readError?: (error: unknown) => object;
}

/** Name of the input member that takes the token, and of the output member that gives it. */
interface Paging {
  readonly input: string;
  readonly output: string;
}

/** The narrow interface of a service: `target.drs.startRecovery(input, signal?)`. */
export type CallsOf<S> = {
  readonly [K in keyof S]: S[K] extends OperationSpec<infer I, infer O>
    ? (input: I, signal?: AbortSignal) => Promise<O>
    : never;
};

/** An operation that answers the SDK's output and may be repeated: it reads, or it sets a state. */
export function one<I, O>(command: CommandClass<I, O>): OperationSpec<I, O> {
  return {
    makeCommand: (input) => new command(input),
    repeatable: true,
    paging: null,
    pick: (output: O) => output,
  };
}

/** An operation that does something anew each time it is called. */
export function once<I, O>(command: CommandClass<I, O>): OperationSpec<I, O> {
  return { ...one(command), repeatable: false };
}

/** An operation that answers all items of all pages. `token`: `[input member, output member]`, or `null` if it never pages. */
export function all<I, O, T>(
  command: CommandClass<I, O>,
  items: (output: O) => readonly T[] | undefined,
  token: readonly [keyof I & string, keyof O & string] | null,
): OperationSpec<I, T[]> {
  return {
    makeCommand: (input) => new command(input),
    repeatable: true,
    paging: token === null ? null : { input: token[0], output: token[1] },
    pick: (output: O) => [...(items(output) ?? [])],
  };
}
