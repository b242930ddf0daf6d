import { Doc } from './doc.ts';
import { executionIdOf } from './executions.ts';
import type { ChunkRow, ExecutionRow } from './journal.ts';
import { loadKeptMachine } from './machines.ts';
import { eventsOf, readChunk } from './records.ts';
import type { Runtime } from './runtime.ts';
import { Thread, applyRecord, childStartOf, type Execution, type ParentLink } from './thread.ts';
import type { Machine } from '../asl/machine.ts';

const CHUNKS_A_READ = 1000;

/** Brings back every running execution from the journal, as it was; nothing goes on yet. */
export function restoreExecutions(runtime: Runtime): Execution[] {
  const { journal } = runtime;
  const machines = new Map<number, Machine>();
  for (const { key, machine } of runtime.options.machines.values()) machines.set(key, machine);
  const rows = journal.statements.runningExecutions.all() as unknown as ExecutionRow[];
  return rows.map((row) => {
    if (!machines.has(row.machine)) machines.set(row.machine, loadKeptMachine(journal, row.machine));
    return restore(runtime, row, machines.get(row.machine)!);
  });
}

/** Lets restored executions go on (invariant 3), except where a caller has woken them already. */
export function resumeExecutions(runtime: Runtime, executions: readonly Execution[]): void {
  if (runtime.halted !== null) return;
  for (const execution of executions) resume(runtime, execution);
  for (const execution of executions) abortIfOrphan(runtime, execution);
}

function restore(runtime: Runtime, row: ExecutionRow, machine: Machine): Execution {
  const execution = runtime.adopt({
    key: row.key,
    id: executionIdOf(row.machineName, row.name),
    machine,
    name: row.name,
    input: Doc.ofJson(row.input),
    startedAt: row.startedAt,
    parent: linkOf(row),
  });
  let from = 0;
  for (;;) {
    const chunks = runtime.journal.chunksOf(row.key, from, CHUNKS_A_READ);
    for (const chunk of chunks) applyChunk(execution, chunk);
    if (chunks.length < CHUNKS_A_READ) return execution;
    from = chunks.at(-1)!.id + 1;
  }
}

function linkOf(row: ExecutionRow): ParentLink | null {
  if (row.parentExecution === null) return null;
  return { execution: row.parentExecution, thread: row.parentThread!, task: row.parentTask! };
}

function applyChunk(execution: Execution, chunk: ChunkRow): void {
  for (const record of readChunk(chunk.records)) {
    execution.nextEvent += eventsOf(record);
    if (record.k === 'child') addChild(execution, chunk.thread, record);
    const thread = execution.threads.get(chunk.thread);
    if (thread !== undefined) applyRecord(thread, record, chunk.at);
  }
}

function addChild(execution: Execution, id: number, record: { p: number; i: number; o: Doc }): void {
  const parent = execution.threads.get(record.p);
  if (parent?.phase.kind !== 'children') return;
  const startAt = childStartOf(parent, record.i);
  if (startAt === null) return;
  const { phase } = parent;
  execution.threads.set(id, new Thread({ execution, id, parent, index: record.i }, startAt, record.o));
  execution.nextThread = Math.max(execution.nextThread, id + 1);
  phase.spawned = Math.max(phase.spawned, record.i + 1);
}

/** Parents go first: one whose child has failed cuts the others off before they do anything. */
function resume(runtime: Runtime, execution: Execution): void {
  if (execution.ended) return;
  runtime.armExecutionTimeout(execution);
  for (const thread of [...execution.threads.values()].sort((a, b) => a.id - b.id)) {
    if (thread.dead || thread.claim > 0) continue;
    respawnLost(runtime, thread);
    runtime.activate(thread);
  }
}

/** Children whose first turn was not committed, while that of a later sibling was. */
function respawnLost(runtime: Runtime, parent: Thread): void {
  const { phase } = parent;
  if (phase.kind !== 'children' || phase.failure !== null) return;
  const alive = new Set<number>();
  for (const thread of parent.execution.threads.values())
    if (thread.parent === parent) alive.add(thread.index);
  const upTo = phase.spawned;
  for (let index = 0; index < upTo; index++) {
    if (phase.results[index] === null && !alive.has(index)) runtime.spawn(parent, phase, index);
  }
}

/** A nested execution whose parent went on without it, in a commit that its own end did not reach. */
function abortIfOrphan(runtime: Runtime, execution: Execution): void {
  const { parent } = execution;
  if (parent === null) return;
  const thread = runtime.executions.get(parent.execution)?.threads.get(parent.thread);
  if (thread?.task?.number === parent.task) return;
  runtime.abort(execution, { status: 'ABORTED', error: '', cause: 'the parent no longer waits' });
}
