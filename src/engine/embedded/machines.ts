import { BreakwaterError } from '#core/errors.ts';
import { loadMachine } from '../asl/load.ts';
import type { Machine, TaskKind } from '../asl/machine.ts';
import { substituteNames } from '../asl/substitute.ts';
import type { Journal } from './journal.ts';

/** A machine and the number under which the journal keeps its definition. */
export interface LoadedMachine {
  readonly key: number;
  readonly machine: Machine;
}

/** The names that tasks may lead to. */
export interface Targets {
  readonly machines: Readonly<Record<string, unknown>>;
  readonly functions: Readonly<Record<string, unknown>>;
  readonly queues: Readonly<Record<string, unknown>>;
}

/**
 * Loads all machines and keeps each definition in the journal, so that an execution goes on with the definition it began
 * with. Throws `MachineInvalid`, and `HandlerNotFound` if a task names what nobody handles.
 */
export function loadMachines(
  journal: Journal,
  targets: Targets,
  substitutions: Readonly<Record<string, string>>,
): Map<string, LoadedMachine> {
  const loaded = new Map<string, LoadedMachine>();
  for (const [name, definition] of Object.entries(targets.machines)) {
    const machine = loadMachine({ name, definition, substitutions });
    checkTargets(machine, targets);
    const substituted = substituteNames(definition, substitutions, () => {});
    loaded.set(name, { key: keyOf(journal, name, JSON.stringify(substituted)), machine });
  }
  return loaded;
}

/** Loads the definition that an execution began with. */
export function loadKeptMachine(journal: Journal, key: number): Machine {
  const row = journal.statements.machineByKey.get(key) as { name: string; definition: string };
  return loadMachine({ name: row.name, definition: JSON.parse(row.definition) });
}

function keyOf(journal: Journal, name: string, definition: string): number {
  const { machineByDefinition, insertMachine } = journal.statements;
  const found = machineByDefinition.get(name, definition) as { key: number } | undefined;
  return found?.key ?? (insertMachine.get(name, definition) as { key: number }).key;
}

function checkTargets(machine: Machine, targets: Targets): void {
  for (const state of machine.states.values()) {
    if (state.type !== 'Task' || typeof state.target.constant !== 'string') continue;
    const handlers = handlersFor(state.kind, targets);
    if (nameIn(handlers, state.target.constant) !== null) continue;
    const message = `machine '${machine.name}', state '${state.name}' names '${state.target.constant}', which nobody handles`;
    throw new BreakwaterError('HandlerNotFound', message);
  }
}

function handlersFor(kind: TaskKind, targets: Targets): Readonly<Record<string, unknown>> {
  if (kind === 'queueToken') return targets.queues;
  return kind === 'nested' ? targets.machines : targets.functions;
}

/** A handler is named by its name, or by an ARN that ends in it (`…:function:name:$LATEST` too). */
export function nameIn(handlers: Readonly<Record<string, unknown>>, target: string): string | null {
  if (Object.hasOwn(handlers, target)) return target;
  const parts = target.split(':');
  const name = parts[0] === 'arn' ? parts[6] : undefined;
  return name !== undefined && Object.hasOwn(handlers, name) ? name : null;
}
