import type { z } from 'zod';
import { BreakwaterError } from '#core/errors.ts';
import { checkFlow } from './check.ts';
import { compileFlow } from './compile.ts';
import type { Machine, State } from './machine.ts';
import { machineSchema } from './schema.ts';
import { substituteNames } from './substitute.ts';

/**
 * Loads a definition (the parsed JSON of an `.asl.json` file): substitutes `${Name}`, checks it and compiles its
 * expressions. Throws `MachineInvalid` with every fault found; each names the state and the field.
 */
export function loadMachine(params: {
  readonly name: string;
  readonly definition: unknown;
  readonly substitutions?: Readonly<Record<string, string>>;
}): Machine {
  const findings: string[] = [];
  const report = (state: string, field: string, message: string): void => {
    findings.push(state === '' ? `${field}: ${message}` : `state '${state}', ${field}: ${message}`);
  };
  const reportPath = (path: readonly PropertyKey[], message: string): void => {
    const { state, field } = placeOf(path);
    report(state, field, message);
  };
  const substituted = substituteNames(params.definition, params.substitutions ?? {}, (path, name) => {
    reportPath(path, `no substitution is given for \${${name}}`);
  });
  const parsed = machineSchema.safeParse(substituted);
  if (!parsed.success) for (const issue of parsed.error.issues) reportIssue(issue, [], reportPath);
  const states = new Map<string, State>();
  if (parsed.success && findings.length === 0) {
    checkFlow(parsed.data, '', report);
    compileFlow(parsed.data, states, report);
  }
  if (!parsed.success || findings.length > 0) {
    throw new BreakwaterError('MachineInvalid', `machine '${params.name}': ${findings.join('; ')}`, {
      details: { machine: params.name, findings },
    });
  }
  const timeoutMs = parsed.data.TimeoutSeconds === undefined ? null : parsed.data.TimeoutSeconds * 1000;
  return { name: params.name, root: { startAt: parsed.data.StartAt }, states, timeoutMs };
}

function reportIssue(
  issue: z.core.$ZodIssue,
  prefix: readonly PropertyKey[],
  report: (path: readonly PropertyKey[], message: string) => void,
): void {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) report([...path, key], 'is not supported here');
  } else report(path, issue.message);
}

/** `States.A.ItemProcessor.States.B.Retry.0.ErrorEquals` is field `Retry[0].ErrorEquals` of state `B`. */
function placeOf(path: readonly PropertyKey[]): { state: string; field: string } {
  let from = 0;
  let state = '';
  for (let index = 0; index + 1 < path.length; index++) {
    const isStates =
      path[index] === 'States' &&
      (index === 0 || typeof path[index - 1] === 'number' || path[index - 1] === 'ItemProcessor');
    if (!isStates) continue;
    state = String(path[index + 1]);
    from = index + 2;
  }
  const field = path.slice(from).reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
  return { state, field: field === '' ? 'definition' : field };
}
