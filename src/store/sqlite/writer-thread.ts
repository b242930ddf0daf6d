import { parentPort, workerData } from 'node:worker_threads';
import { commitCalls, type TextWrite } from './commit-calls.ts';
import { connect } from './open-database.ts';
import { Statements } from './statements.ts';
import type { Answer } from './writer.ts';

/** The thread behind `writer.ts`: it has a connection of its own and does nothing else. */
const db = connect(workerData as string, 'power');
const statements = new Statements(db);

parentPort!.on('message', (calls: readonly (readonly TextWrite[])[] | 'stop') => {
  if (calls === 'stop') {
    db.close();
    parentPort!.close();
    return;
  }
  parentPort!.postMessage(answerTo(calls));
});

function answerTo(calls: readonly (readonly TextWrite[])[]): Answer {
  try {
    return { outcomes: commitCalls(db, statements, calls) };
  } catch (error) {
    // A message carries no members of an error but its text.
    const { message, errcode } = error as Error & { errcode?: number };
    return { message, errcode };
  }
}
