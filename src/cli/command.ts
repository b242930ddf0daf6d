import type { z } from 'zod';
import { BreakwaterError } from '#core/errors.ts';
import type { ExitName } from './exit-codes.ts';
import type { LocalHost } from './host.ts';
import type { IoHost } from './io-host.ts';
import type { Output } from './output.ts';

/** What the outside gives to the command line. */
export interface Deps {
  readonly io: IoHost;
  readonly local: LocalHost;
}

/** What a command works with. */
export interface Context extends Deps {
  readonly output: Output;
  /** What of the command line chose the server, to be repeated in commands that are proposed: ` --api URL`. */
  readonly serverFlags: string;
}

/** One row of the table of commands. Help, parsing and documentation come from it. */
export interface Command {
  /** With its group: `executions list`. */
  readonly name: string;
  readonly summary: string;
  /** More for `--help`. */
  readonly description?: string;
  readonly arguments: readonly CommandArgument[];
  readonly options: readonly CommandOption[];
  readonly examples: readonly string[];
  readonly exits: readonly ExitName[];
  /** It works with a server as well, so it takes `--api` and `--auth`; `context.local` is bound to what they say. */
  readonly asksServer?: true;
  /** Runs with the arguments and options by name, as text or `true`. Throws `BreakwaterError`s. */
  run(input: Readonly<Record<string, unknown>>, context: Context): Promise<ExitName>;
}

export interface CommandArgument {
  /** As in the input. */
  readonly name: string;
  /** As in the help: `PLAN`. */
  readonly label: string;
  readonly summary: string;
}

export interface CommandOption {
  /** `--speed <n>`, or `--yes` without a value. */
  readonly flags: string;
  readonly summary: string;
}

interface CommandDefinition<S extends z.ZodObject> extends Omit<Command, 'run'> {
  readonly input: S;
  run(input: z.infer<S>, context: Context): Promise<ExitName>;
}

/** Makes a command whose input is checked by its schema before it runs. The wrong is `UsageInvalid`, all at once. */
export function defineCommand<S extends z.ZodObject>(definition: CommandDefinition<S>): Command {
  const { input: schema, ...rest } = definition;
  return {
    ...rest,
    run: async (input, context) => definition.run(parseInput({ schema, command: rest, input }), context),
  };
}

function parseInput<S extends z.ZodObject>(params: {
  schema: S;
  command: Pick<Command, 'arguments' | 'options'>;
  input: Readonly<Record<string, unknown>>;
}): z.infer<S> {
  const parsed = params.schema.safeParse(params.input);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0] ?? '');
    const value = params.input[name];
    return [labelOf(params.command, name), value === undefined ? '' : JSON.stringify(value), `(${message})`]
      .filter((part) => part !== '')
      .join(' ');
  });
  throw new BreakwaterError('UsageInvalid', `not understood: ${wrong.join('; ')}`);
}

/** The input name of an option: `--data-dir <dir>` is `dataDir`. */
export function optionName({ flags }: CommandOption): string {
  const name = /--([a-z-]+)/.exec(flags)?.[1] ?? flags;
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function labelOf(command: Pick<Command, 'arguments' | 'options'>, name: string): string {
  const argument = command.arguments.find((candidate) => candidate.name === name);
  const option = command.options.find((candidate) => optionName(candidate) === name);
  return argument?.label ?? option?.flags.split(' ')[0] ?? name;
}
