import { hasCode } from '#core/errors.ts';
import { hasEnded } from '#core/states.ts';
import { cleanUpExecution } from '#workflow/execution.ts';
import { sweepGates } from '#workflow/gates.ts';
import type { ControlDeps } from './deps.ts';
import { goRound } from './rounds.ts';
import { startEngine } from './start.ts';

/**
 * Makes up for what a process that died left undone: an execution whose records exist but whose state machine does
 * not, gates that were closed and not passed on. Answers the executions that go on. Safe to repeat.
 */
export async function recoverExecutions(deps: ControlDeps): Promise<string[]> {
  const { executions } = deps.services;
  const heads = await executions.unfinished();
  for (const { executionId } of heads) {
    await say(deps, executionId);
    await restart(deps, executionId);
  }
  return heads.map(({ executionId }) => executionId);
}

/**
 * So long after it began, hardly anybody is in the middle of it any more. If somebody is, nothing is done twice: a start bears the
 * execution's name, and a token completes once.
 */
const GRACE_MS = 120_000;
/** So much later nobody's clock is so wrong that what was closed last is within the grace yet. */
const QUIET_MS = 2 * GRACE_MS;
/** Of executions. AWS bears some eight looks at a state machine a second (`limits-table.ts`), which is what holds a sweep up. */
const LOOKS_AT_ONCE = 20;
/** How many executions in which nothing changes are looked at a minute, so that many that wait cost no more than some do. */
const QUIET_LOOKS_A_MINUTE = 100;

/** What a process remembers of an unfinished execution, to spare reads. It may forget it at any time. */
interface Seen {
  /** Of its head: a gate does not change without it. */
  readonly revision: number;
  /** When that revision was seen first. */
  readonly since: number;
  /** When nothing was found that was left undone, and nothing could still be within the grace: its records need no other look. */
  quietAt?: number;
}

/** Answers the executions in which something was left undone. No look is begun once its time is over: the next sweep goes on there. */
export type Sweep = (deps: ControlDeps, once?: { readonly isOver?: () => boolean }) => Promise<string[]>;

/**
 * The same where nothing starts and nothing says that something has ended, every now and then: it looks at all unfinished executions, and
 * acts, and says so in an event, only where something was left undone and nobody can be about to do it.
 * Any number of processes may do so at once. One that fails keeps no other from being looked at. Of one whose records have not changed
 * only the state machine is looked at, and where there are many, not of each of them in every sweep.
 */
export function createSweep(): Sweep {
  let seen: ReadonlyMap<string, Seen> = new Map();
  return async (deps, { isOver = () => false } = {}) => {
    const now = deps.services.now();
    const listed = await deps.services.executions.listedAsUnfinished();
    const mine = new Map<string, Seen>();
    for (const { head, revision } of listed) {
      const { executionId, startedAt } = head;
      if (now - Date.parse(startedAt) < GRACE_MS) continue;
      const known = seen.get(executionId);
      mine.set(executionId, known?.revision === revision ? known : { revision, since: now });
    }
    seen = mine;
    const restMs = Math.max(0, mine.size / QUIET_LOOKS_A_MINUTE - 1) * 60_000;
    const isDue = ({ quietAt }: Seen): boolean => quietAt === undefined || now - quietAt >= restMs;
    const ids = [...mine.keys()].filter((id) => isDue(mine.get(id)!));
    const swept: string[] = [];
    const look = async (executionId: string): Promise<void> => {
      if (await sweep(deps, executionId, mine.get(executionId)!)) swept.push(executionId);
    };
    await goRound(deps.store, { name: 'sweep', ids, most: LOOKS_AT_ONCE, isOver, look });
    return swept;
  };
}

/** Answers whether there was anything to do. */
async function sweep(deps: ControlDeps, executionId: string, seen: Seen): Promise<boolean> {
  const { services, engine } = deps;
  const now = services.now();
  const machine = await engine.describe({ machine: 'recovery', name: executionId });
  if (machine?.status === 'RUNNING') {
    const closedBefore = now - GRACE_MS;
    const count = seen.quietAt === undefined ? await sweepGates(services, executionId, { closedBefore }) : 0;
    if (count > 0) await say(deps, executionId, `${count === 1 ? 'a gate' : `${count} gates`} held it up`);
    else if (now - seen.since >= QUIET_MS) seen.quietAt = now;
    return count > 0;
  }
  // Read behind the end of the state machine, whose last step writes how the execution has ended.
  if (hasEnded((await services.executions.head(executionId)).status)) return false;
  if (machine === null) {
    await startEngine(deps, executionId);
    await say(deps, executionId, 'its state machine had not been started');
    return true;
  }
  const { status, error: Error = 'Bug', cause } = machine;
  const Cause = `the state machine ended (${status}) without writing how${cause === undefined ? '' : `: ${cause}`}`;
  // The event of the end says why.
  await cleanUpExecution(services, { executionId, failure: { Error, Cause } });
  return true;
}

/** Unless it has ended meanwhile: its state machine may be at work. */
async function say({ services }: ControlDeps, executionId: string, undone?: string): Promise<void> {
  await services.executions.change(executionId, (change) => {
    if (hasEnded(change.head().status)) return;
    change.emit('ProcessRestarted', undone === undefined ? {} : { undone });
  });
}

async function restart(deps: ControlDeps, executionId: string): Promise<void> {
  try {
    await startEngine(deps, executionId);
  } catch (error) {
    if (!hasCode(error, 'EngineExecutionExists')) throw error;
    // The state machine has ended without its clean-up having been written: that is a failure, and it says so.
    const failure = { Error: 'Bug', Cause: 'the state machine ended without writing how' };
    await cleanUpExecution(deps.services, { executionId, failure });
    return;
  }
  await sweepGates(deps.services, executionId);
}
