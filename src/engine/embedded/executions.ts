import type { Json } from '#core/json.ts';
import type { EngineExecution } from '../port.ts';
import type { ExecutionRow, Journal } from './journal.ts';

const PREFIX = 'arn:aws:states:local:000000000000:execution:';

/** The id of an execution follows from its machine and name, in the form of Step Functions. */
export function executionIdOf(machine: string, name: string): string {
  return `${PREFIX}${machine}:${name}`;
}

/** The row of an execution by its id, or by machine and name; `null` if it is not on disk. */
export function readExecution(journal: Journal, machine: string, name: string): ExecutionRow | null {
  return (journal.statements.executionByName.get(machine, name) as ExecutionRow | undefined) ?? null;
}

export function readExecutionById(journal: Journal, id: string): ExecutionRow | null {
  if (!id.startsWith(PREFIX)) return null;
  const [machine, name] = id.slice(PREFIX.length).split(':');
  return machine === undefined || name === undefined ? null : readExecution(journal, machine, name);
}

/** What the port tells of an execution. */
export function describeExecution(row: ExecutionRow): EngineExecution {
  return {
    executionId: executionIdOf(row.machineName, row.name),
    machine: row.machineName,
    name: row.name,
    status: row.status,
    input: JSON.parse(row.input) as Json,
    ...(row.output === null ? {} : { output: JSON.parse(row.output) as Json }),
    ...(row.error === null || row.error === '' ? {} : { error: row.error }),
    ...(row.cause === null || row.cause === '' ? {} : { cause: row.cause }),
    startedAt: new Date(row.startedAt).toISOString(),
    ...(row.stoppedAt === null ? {} : { stoppedAt: new Date(row.stoppedAt).toISOString() }),
  };
}
