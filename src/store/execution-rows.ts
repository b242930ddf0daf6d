import type { Json } from '#core/json.ts';
import type { HeadRecord } from '#core/records.ts';
import type { Key, TableName, Write } from './port.ts';

export const HISTORY = 'execution-history';
export const RECORDS = 'execution-records';

/** Keys of an execution's rows in `execution-records`; the partition is the execution id. */
export const keys = {
  plan: () => 'plan',
  wave: (wave: number) => `wave#${pad(wave, 5)}`,
  technology: (wave: number, index?: number) =>
    `technology#${pad(wave, 5)}#${index === undefined ? '' : pad(index, 3)}`,
  intent: (wave: number, index: number, attempt: number) =>
    `intent#${pad(wave, 5)}#${pad(index, 3)}#${attempt}`,
  names: (wave: number, index: number) => `names#${pad(wave, 5)}#${pad(index, 3)}`,
  outcome: (wave: number, index: number, id: string) => `outcome#${pad(wave, 5)}#${pad(index, 3)}#${id}`,
  gate: (wave: number, gateId: string) => `gate#${pad(wave, 5)}#${gateId}`,
  /** What the keys of all events begin with. */
  events: () => 'event#',
  event: (sequence: number) => `event#${pad(sequence, 9)}`,
};

/** The row of an execution's head, and its place in the list of executions by status. */
export function headWrite(head: HeadRecord, expect: Write['expect']): Write {
  const key: Key = { partition: head.executionId, sort: '' };
  const index: Key = { partition: head.status, sort: `${head.startedAt}#${head.executionId}` };
  return { kind: 'put', table: HISTORY, key, value: head as unknown as Json, index, expect };
}

/** A row in `execution-records`. */
export function record(executionId: string, sort: string, value: unknown, expect: Write['expect']): Write {
  const table: TableName = RECORDS;
  return { kind: 'put', table, key: { partition: executionId, sort }, value: value as Json, expect };
}

/** Digits that sort as text. */
export function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
