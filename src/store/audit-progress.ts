import { hasCode } from '#core/errors.ts';
import type { HeadRecord } from '#core/records.ts';
import { hasEnded } from '#core/states.ts';
import { allRows } from './all-rows.ts';
import { AUDIT_TABLE } from './audit-rows.ts';
import { HISTORY } from './execution-rows.ts';
import type { Key, Row, Store, Write } from './port.ts';

/** How many of an execution's events are in the chain: a row an execution, never removed. */
const CHAINED = 'audit-chained';
/** Executions whose events may not all be in the chain. */
export const UNCHAINED = 'audit-unchained';

/** How far the chain has the events of an execution. */
export interface Progress {
  readonly executionId: string;
  /** The last one that is chained; 0 before the first. */
  readonly events: number;
  /** Of the row that says so. */
  readonly revision: number | 'absent';
}

/** Written together with events that may find nobody at work who would chain them: the first, and those after the end. */
export function unchainedNote(executionId: string): Write {
  return { kind: 'put', table: AUDIT_TABLE, key: noteKey(executionId), value: {}, expect: 'any' };
}

/** Says that the events up to `events` are chained, which can be said once of each state before: whoever comes second is refused. */
export function claimOfEvents({ executionId, revision }: Progress, events: number): Write {
  const key = progressKey(executionId);
  return { kind: 'put', table: AUDIT_TABLE, key, value: { events }, expect: revision };
}

/** The state that such a claim has brought about. */
export function progressAfter({ executionId, revision }: Progress, events: number): Progress {
  return { executionId, events, revision: revision === 'absent' ? 1 : revision + 1 };
}

export async function readProgress(store: Store, executionId: string): Promise<Progress> {
  const row = await store.get({ table: AUDIT_TABLE, key: progressKey(executionId) });
  if (row === null) return { executionId, events: 0, revision: 'absent' };
  const { events } = row.value as { readonly events: number };
  return { executionId, events, revision: row.revision };
}

/** Executions that have events which may not be in the chain. */
export async function unchained(store: Store): Promise<string[]> {
  const rows = await allRows(store, { table: AUDIT_TABLE, partition: UNCHAINED });
  return rows.map(({ key }) => key.sort);
}

/**
 * Takes the note away when the execution has ended and all its events are chained; answers whether it has. An event that is written
 * meanwhile changes the head, and then the note stays.
 */
export async function noteIfWhole(store: Store, { executionId, events }: Progress): Promise<boolean> {
  const key: Key = { partition: executionId, sort: '' };
  const row = await store.get({ table: HISTORY, key });
  if (row === null || !isWhole(row, events)) return false;
  try {
    await store.write([
      { kind: 'check', table: HISTORY, key, expect: row.revision },
      { kind: 'remove', table: AUDIT_TABLE, key: noteKey(executionId), expect: 'any' },
    ]);
    return true;
  } catch (error) {
    if (!hasCode(error, 'RevisionConflict')) throw error;
    return false;
  }
}

function isWhole({ value }: Row, events: number): boolean {
  const { status, eventCount } = value as unknown as HeadRecord;
  return hasEnded(status) && events >= eventCount;
}

function noteKey(executionId: string): Key {
  return { partition: UNCHAINED, sort: executionId };
}

function progressKey(executionId: string): Key {
  return { partition: CHAINED, sort: executionId };
}
