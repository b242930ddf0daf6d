import type { DatabaseSync } from 'node:sqlite';
import type { Write } from '../port.ts';
import type { Statements } from './statements.ts';

/** A write with its value as text, which is cheap to hand to another thread. */
export type TextWrite = Pick<Write, 'kind' | 'table' | 'key' | 'expect'> & {
  readonly index?: Extract<Write, { kind: 'put' }>['index'];
  readonly text: string | null;
};

/** What became of one call of `write`: its new revisions, or, when an expectation was unmet, the revisions that there were. */
export type Outcome =
  { readonly revisions: readonly number[] } | { readonly unmet: readonly (number | 'absent')[] };

/** Commits calls in one transaction. Throws SQLite's error, and then nothing is written. */
export function commitCalls(
  db: DatabaseSync,
  statements: Statements,
  calls: readonly (readonly TextWrite[])[],
): Outcome[] {
  try {
    db.exec('BEGIN IMMEDIATE');
    const outcomes = calls.map((writes) => applyCall(statements, writes));
    db.exec('COMMIT');
    return outcomes;
  } catch (error) {
    // SQLite has rolled back by itself after some errors, such as a full disk.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** Makes the changes of one call, or none of them. */
function applyCall(statements: Statements, writes: readonly TextWrite[]): Outcome {
  const before = writes.map(({ table, key }) => statements.revisionOf(table, key));
  const areMet = writes.every(({ expect }, i) => expect === 'any' || expect === before[i]);
  if (!areMet) return { unmet: before };
  return { revisions: writes.map((write, i) => change(statements, write, before[i]!)) };
}

function change(statements: Statements, write: TextWrite, before: number | 'absent'): number {
  const { kind, table, key, index, text } = write;
  if (kind === 'remove') statements.remove(table, key);
  if (kind !== 'put') return 0;
  const revision = before === 'absent' ? 1 : before + 1;
  statements.put({ table, key, revision, text: text!, index });
  return revision;
}
