import { StateFailure } from '../asl/failure.ts';
import { Doc } from './doc.ts';
import { executionIdOf, readExecution } from './executions.ts';
import { nameIn } from './machines.ts';
import type { Runtime } from './runtime.ts';
import type { TaskPhase, Thread } from './thread.ts';

/** Waits between deliveries of a message that the consumer could not take. */
const REDELIVERY_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000];

/** Performs the task that a thread waits for. It is on disk already (invariant 1). */
export function dispatchTask(runtime: Runtime, thread: Thread, task: TaskPhase): void {
  const { state, claim } = thread;
  if (state?.type !== 'Task') return;
  if (!runtime.options.survives('task.dispatch')) return;
  armTimeouts(runtime, thread, task);
  switch (state.kind) {
    case 'lambda':
      void invoke(runtime, thread, task, (result) => runtime.wake(thread, claim, { kind: 'result', result }));
      return;
    case 'lambdaToken':
      if (!task.submitted)
        void invoke(runtime, thread, task, () => submitted(runtime, thread, claim, state.resource));
      return;
    case 'queueToken':
      if (!task.submitted) void deliver(runtime, thread, task, 0);
      return;
    case 'nested':
      startNested(runtime, thread, task);
  }
}

function armTimeouts(runtime: Runtime, thread: Thread, task: TaskPhase): void {
  if (task.timeoutAt !== null) {
    runtime.wakeAt(thread, task.timeoutAt, {
      kind: 'failure',
      failure: new StateFailure('States.Timeout', ''),
    });
  }
  if (task.heartbeatAt !== null) armHeartbeat(runtime, thread, task);
}

function armHeartbeat(runtime: Runtime, thread: Thread, task: TaskPhase): void {
  const { claim } = thread;
  const { clock } = runtime.options;
  const arm = (): (() => void) => clock.at(task.heartbeatAt!, check);
  const check = (): void => {
    const failure = new StateFailure('States.HeartbeatTimeout', '');
    if (task.heartbeatAt! > clock.now()) cancel = arm();
    else runtime.wake(thread, claim, { kind: 'failure', failure });
  };
  let cancel = arm();
  thread.cancels.push(() => cancel());
}

/** Calls a function. What it throws fails the task with the error's name. */
async function invoke(
  runtime: Runtime,
  thread: Thread,
  task: TaskPhase,
  answered: (result: Doc) => void,
): Promise<void> {
  const { claim } = thread;
  const { functions, survives } = runtime.options;
  const name = nameIn(functions, task.target);
  let result: Doc;
  try {
    if (name === null)
      throw new StateFailure('Lambda.ResourceNotFoundException', `no function '${task.target}'`);
    result = Doc.ofForeign(await functions[name]!(task.body.copy()));
  } catch (error) {
    runtime.wake(thread, claim, { kind: 'failure', failure: functionFailure(error) });
    return;
  }
  if (survives('task.result')) answered(result);
}

/** As the Lambda service reports it: the error's name, and the message in a JSON text. */
function functionFailure(thrown: unknown): StateFailure {
  if (thrown instanceof StateFailure) return thrown;
  const errorType = thrown instanceof Error ? thrown.name : 'Error';
  const errorMessage = thrown instanceof Error ? thrown.message : String(thrown);
  return new StateFailure(errorType, JSON.stringify({ errorMessage, errorType }));
}

/** Hands a message to its queue, again and again until it is taken or the task is over. */
async function deliver(runtime: Runtime, thread: Thread, task: TaskPhase, attempt: number): Promise<void> {
  const { claim } = thread;
  const { clock, queues } = runtime.options;
  const name = nameIn(queues, task.target);
  if (name === null) {
    const failure = new StateFailure('SQS.QueueDoesNotExistException', `no queue '${task.target}'`);
    runtime.wake(thread, claim, { kind: 'failure', failure });
    return;
  }
  try {
    await queues[name]!(task.body.copy());
  } catch {
    if (thread.claim !== claim || runtime.halted !== null) return;
    const waitMs = REDELIVERY_MS[Math.min(attempt, REDELIVERY_MS.length - 1)]!;
    thread.cancels.push(
      clock.at(clock.now() + waitMs, () => void deliver(runtime, thread, task, attempt + 1)),
    );
    return;
  }
  submitted(runtime, thread, claim, 'sqs');
}

/** Records that the message is taken: it is not sent again after a restart. */
export function submitted(runtime: Runtime, thread: Thread, claim: number, resource: string): void {
  if (thread.dead || thread.awake || thread.claim !== claim || runtime.halted !== null) return;
  runtime.note(thread, { k: 'submit', r: resource });
  runtime.options.survives('task.submitted');
}

/** Starts a nested execution, or finds the one that this same task started before a restart. */
function startNested(runtime: Runtime, thread: Thread, task: TaskPhase): void {
  const { claim } = thread;
  const { machines } = runtime.options;
  const machineName = nameIn(Object.fromEntries(machines), task.target);
  const machine = machineName === null ? undefined : machines.get(machineName);
  if (machine === undefined) {
    fail(runtime, thread, 'StepFunctions.StateMachineDoesNotExistException', `no machine '${task.target}'`);
    return;
  }
  const name = task.executionName!;
  const id = executionIdOf(machine.machine.name, name);
  const parent = { execution: thread.execution.key, thread: thread.id, task: task.number };
  let child = runtime.running(id);
  const row = child === undefined ? readExecution(runtime.journal, machine.machine.name, name) : null;
  const owner = child?.parent ?? (row && parentOf(row));
  if ((child !== undefined || row !== null) && !isSame(owner, parent)) {
    fail(
      runtime,
      thread,
      'StepFunctions.ExecutionAlreadyExistsException',
      `execution '${id}' exists already`,
    );
    return;
  }
  if (row !== null) {
    nestedEnded(runtime, thread, row.key);
    return;
  }
  if (child === undefined) {
    child = runtime.begin({ id, machine, name, input: task.body, parent });
    submitted(runtime, thread, claim, 'states');
  }
  const nested = child;
  thread.cancels.push(() =>
    runtime.abort(nested, { status: 'ABORTED', error: '', cause: 'the parent no longer waits' }),
  );
}

function fail(runtime: Runtime, thread: Thread, error: string, cause: string): void {
  runtime.wake(thread, thread.claim, { kind: 'failure', failure: new StateFailure(error, cause) });
}

function parentOf(row: {
  parentExecution: number | null;
  parentThread: number | null;
  parentTask: number | null;
}) {
  return { execution: row.parentExecution, thread: row.parentThread, task: row.parentTask };
}

function isSame(left: object | null | undefined, right: object): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** A nested execution has ended and that is on disk: its parent goes on. */
export function nestedEnded(runtime: Runtime, thread: Thread, key: number): void {
  const row = runtime.journal.executionByKey(key);
  if (row === null) return;
  const id = executionIdOf(row.machineName, row.name);
  const shared = {
    ExecutionArn: id,
    Name: row.name,
    StartDate: row.startedAt,
    Status: row.status,
    StopDate: row.stoppedAt,
    StateMachineArn: row.machineName,
  };
  if (row.status === 'SUCCEEDED') {
    const result = Doc.ofJson(
      `${JSON.stringify(shared).slice(0, -1)},"Input":${row.input},"Output":${row.output}}`,
    );
    runtime.wake(thread, thread.claim, { kind: 'result', result });
    return;
  }
  const cause = JSON.stringify({
    ...shared,
    Input: row.input,
    Error: row.error ?? '',
    Cause: row.cause ?? '',
  });
  fail(runtime, thread, 'States.TaskFailed', cause);
}
