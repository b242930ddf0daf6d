import { Worker } from 'node:worker_threads';
import { BreakwaterError } from '#core/errors.ts';
import { THREAD_FLAGS } from './writer.ts';

/** Reads a whole file in another thread, for damage, while it is in use. Answers how to give up. */
export function checkBeside(path: string, onDamage: (error: BreakwaterError) => void): () => Promise<void> {
  const flags = { workerData: path, execArgv: THREAD_FLAGS };
  const worker = new Worker(new URL('./check-thread.ts', import.meta.url), flags);
  const details = { path };
  worker.once('message', (message: string) =>
    onDamage(new BreakwaterError('StoreCorrupt', message, { details })),
  );
  worker.once('error', (cause) => {
    const message = `${path} could not be checked for damage`;
    onDamage(new BreakwaterError('DataDirectoryUnusable', message, { cause, details }));
  });
  worker.unref();
  return async () => {
    await worker.terminate();
  };
}
