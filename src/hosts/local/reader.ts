import type { Session, SessionClock } from '#cli/host.ts';
import { createControl } from '#control/create-control.ts';
import { BreakwaterError } from '#core/errors.ts';
import { refusingEngine } from '#engine/refusing-engine.ts';
import { ExecutionRepository } from '#store/executions.ts';
import { LockRepository } from '#store/locks.ts';
import { openSqliteStore } from '#store/sqlite/open-sqlite-store.ts';
import type { Services } from '#workflow/services.ts';
import type { DataFiles } from './data-directory.ts';
import { sha256 } from '../ids.ts';

/**
 * Looks at the records of a directory on which no process runs, and notes wishes such as a pause. Nothing goes on: for
 * that, the directory is taken over.
 */
export function openReader(dataDir: string, files: DataFiles, clock: SessionClock): Session {
  const store = openSqliteStore({ path: files.records });
  const refuse = (): never => {
    throw new BreakwaterError(
      'ExecutionNotRunning',
      `no process runs on ${dataDir}: take it over with \`breakwater executions resume\``,
    );
  };
  const services: Services = {
    executions: new ExecutionRepository({ store, now: () => clock.now() }),
    locks: new LockRepository(store),
    awsFor: refuse,
    findOperation: refuse,
    storedProtectionGroup: refuse,
    solution: refuse,
    // What is closed here is passed on by the process that takes over: it sweeps the gates at start.
    completeTask: async () => false,
    now: () => clock.now(),
    signal: AbortSignal.abort(),
  };
  return {
    control: createControl({
      engine: refusingEngine(refuse),
      store,
      services,
      simulated: false,
      newId: refuse,
      hash: sha256,
    }),
    clock,
    runsHere: false,
    nobodyRuns: true,
    recovered: [],
    failure: () => null,
    close: () => store.close(),
  };
}

/** True if the records hold an execution that has not ended. */
export function hasUnfinished(recordsPath: string): Promise<boolean> {
  return withRecords(recordsPath, async (executions) => (await executions.unfinished()).length > 0);
}

/**
 * The latest moment that the unfinished executions in the records have seen, ms since 1970; 0 without any. Time that goes on
 * from there never goes back for them, however their process ended.
 */
export function lastMomentIn(recordsPath: string): Promise<number> {
  return withRecords(recordsPath, async (executions) => {
    let latest = 0;
    for (const { executionId, eventCount } of await executions.unfinished()) {
      const [last] = await executions.events(executionId, { after: eventCount - 1, limit: 1 });
      latest = Math.max(latest, last === undefined ? 0 : Date.parse(last.at));
    }
    return latest;
  });
}

async function withRecords<T>(
  recordsPath: string,
  use: (executions: ExecutionRepository) => Promise<T>,
): Promise<T> {
  const store = openSqliteStore({ path: recordsPath });
  try {
    return await use(new ExecutionRepository({ store, now: () => 0 }));
  } finally {
    await store.close();
  }
}
