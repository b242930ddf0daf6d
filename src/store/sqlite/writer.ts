import { once } from 'node:events';
import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { BreakwaterError } from '#core/errors.ts';
import { commitCalls, type Outcome, type TextWrite } from './commit-calls.ts';
import type { Statements } from './statements.ts';

type Calls = readonly (readonly TextWrite[])[];

/** Commits calls of `write` in one transaction; one `commit` at a time. Throws SQLite's error, and then nothing is written. */
export interface Writer {
  commit(calls: Calls): Promise<readonly Outcome[]>;
  close(): Promise<void>;
}

/** Commits before the event loop goes on. */
export function writerHere(db: DatabaseSync, statements: Statements): Writer {
  return { commit: async (calls) => commitCalls(db, statements, calls), close: async () => {} };
}

/** Not the flags of this process: with `-e` among them there would be no thread. */
export const THREAD_FLAGS = ['--disable-warning=ExperimentalWarning'];

/** What the thread says to a commit: what became of the calls, or SQLite's error. */
export type Answer =
  | { readonly outcomes: readonly Outcome[] }
  | { readonly message: string; readonly errcode: number | undefined };

/**
 * Commits in a thread of its own, which the first commit starts: what is to outlive a power cut waits for the disk, for some
 * milliseconds and now and then for many, and meanwhile this thread answers. It reads what is committed, and nothing else.
 */
export function writerInThread(path: string): Writer {
  let worker: Worker | null = null;
  let failure: BreakwaterError | null = null;
  let answered = Promise.withResolvers<Answer>();
  const fail = (cause?: unknown): void => {
    const message = `${path} can no longer be written: the thread that writes it has ended`;
    failure ??= new BreakwaterError('DataDirectoryUnusable', message, { cause });
    answered.reject(failure);
  };
  const start = (): Worker =>
    new Worker(new URL('./writer-thread.ts', import.meta.url), { workerData: path, execArgv: THREAD_FLAGS })
      .on('message', (answer: Answer) => answered.resolve(answer))
      .once('error', fail)
      .once('exit', () => fail());
  return {
    async commit(calls) {
      if (failure !== null) throw failure;
      answered = Promise.withResolvers();
      worker ??= start();
      // A commit keeps the process alive, a thread that waits does not.
      worker.ref();
      worker.postMessage(calls);
      const answer = await answered.promise;
      worker.unref();
      if ('outcomes' in answer) return answer.outcomes;
      throw Object.assign(new Error(answer.message), { errcode: answer.errcode });
    },
    async close() {
      if (worker === null || failure !== null) return;
      worker.ref();
      worker.postMessage('stop');
      await once(worker, 'exit');
    },
  };
}
