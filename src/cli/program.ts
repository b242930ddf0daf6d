import { Command as Program, CommanderError } from 'commander';
import project from '../../package.json' with { type: 'json' };
import { BreakwaterError } from '#core/errors.ts';
import { optionName, type Command, type CommandOption, type Deps } from './command.ts';
import { COMMANDS, GROUPS } from './commands/table.ts';
import { EXIT_CODES, type ExitName } from './exit-codes.ts';
import type { LocalHost } from './host.ts';
import { makeOutput } from './output.ts';
import { printError } from './print-error.ts';
import { SERVER_OPTIONS, serverChoice, serverFlags } from './server-options.ts';

/** Runs one command line (without `node` and script) and gives the exit code. Never throws; prints every error itself. */
export async function runCommandLine(argv: readonly string[], deps: Deps): Promise<number> {
  let exit: ExitName = 'ok';
  const hidden: string[] = [];
  const program = buildProgram(deps, {
    onExit: (name) => (exit = name),
    onHidden: (text) => hidden.push(text),
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return EXIT_CODES[exit].code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODES.ok.code;
    if (error instanceof CommanderError && error.code === 'commander.help') {
      deps.io.note(hidden.join('').trimEnd());
      return EXIT_CODES.invalid.code;
    }
    const flags = { json: argv.includes('--json'), verbose: argv.includes('--verbose') };
    printError(error instanceof CommanderError ? usageError(error, argv) : error, deps.io, flags);
    return EXIT_CODES.invalid.code;
  }
}

interface Listeners {
  /** Hears how a command has ended. */
  readonly onExit: (exit: ExitName) => void;
  /** Hears what commander would print on stderr: it comes back as an error, too, and is printed with the others. */
  readonly onHidden: (text: string) => void;
}

/** The program with its commands, from the table. */
export function buildProgram(deps: Deps, listeners: Listeners): Program {
  const configure = (program: Program): Program =>
    program
      .exitOverride()
      .helpCommand(false)
      .configureOutput({
        writeOut: (text) => deps.io.print(text.trimEnd()),
        writeErr: listeners.onHidden,
        getOutHelpWidth: () => Math.min(110, deps.io.size().width),
      });
  const program = configure(new Program('breakwater')).description(
    'Disaster-recovery orchestration for AWS. Rehearse a plan on a simulated AWS before the worst day.',
  );
  program.version(project.version, '--version', 'print the version');
  const groups = new Map<string, Program>();
  for (const command of COMMANDS) {
    const [first, second] = command.name.split(' ') as [string, string?];
    if (second !== undefined && !groups.has(first)) {
      groups.set(first, configure(program.command(first)).description(GROUPS[first] ?? ''));
    }
    const own = second === undefined ? program.command(first) : groups.get(first)!.command(second);
    describeCommand(configure(own), command).action(async () => {
      const input = inputOf(own, command, deps);
      const output = makeOutput(deps.io, input['json'] === true);
      listeners.onExit(await command.run(input, { ...deps, ...serverOf(own, command, deps), output }));
    });
  }
  return program;
}

function describeCommand(program: Program, command: Command): Program {
  program.summary(command.summary).description(descriptionOf(command));
  for (const { label, summary } of command.arguments) program.argument(`<${label}>`, summary);
  for (const { flags, summary } of optionsOf(command)) program.option(flags, summary);
  return program
    .option('--verbose', 'show where in the code an error arose')
    .addHelpText('after', afterHelp(command));
}

/** The last of its own, which is `--json` mostly, stays last. */
function optionsOf({ options, asksServer }: Command): readonly CommandOption[] {
  return asksServer === undefined ? options : options.toSpliced(-1, 0, ...SERVER_OPTIONS);
}

function serverOf(
  program: Program,
  { asksServer }: Command,
  { local }: Deps,
): { local: LocalHost; serverFlags: string } {
  const { api, auth } = program.opts();
  const choice = asksServer === undefined ? null : serverChoice(api, auth);
  return choice === null
    ? { local, serverFlags: '' }
    : { local: local.at(choice), serverFlags: serverFlags(choice) };
}

function descriptionOf({ summary, description }: Command): string {
  const sentence = `${summary[0]!.toUpperCase()}${summary.slice(1)}.`;
  return description === undefined ? sentence : `${sentence}\n\n${description}`;
}

function afterHelp({ examples, exits }: Command): string {
  const codes = exits.map(
    (name) => `  ${String(EXIT_CODES[name].code).padEnd(4)} ${EXIT_CODES[name].summary}`,
  );
  return ['', 'Examples:', ...examples.map((example) => `  ${example}`), '', 'Exit codes:', ...codes].join(
    '\n',
  );
}

function inputOf(program: Program, command: Command, { io }: Deps): Record<string, unknown> {
  const input: Record<string, unknown> = { ...program.opts() };
  delete input['verbose'];
  if (command.asksServer !== undefined) {
    delete input['api'];
    delete input['auth'];
  }
  command.arguments.forEach(({ name }, index) => (input[name] = program.args[index]));
  const fromEnvironment = io.environment['BREAKWATER_DATA_DIR'];
  const takesDataDir = command.options.some((option) => optionName(option) === 'dataDir');
  if (takesDataDir && fromEnvironment) input['dataDir'] ??= fromEnvironment;
  return input;
}

function usageError(error: CommanderError, argv: readonly string[]): BreakwaterError {
  const given = argv.find((_, index) => /^(true|false)$/.test(argv[index + 1] ?? ''));
  if (error.code === 'commander.excessArguments' && given?.startsWith('--')) {
    return new BreakwaterError('UsageInvalid', `${given} takes no value: give it, or leave it out`);
  }
  const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  return new BreakwaterError('UsageInvalid', message);
}
