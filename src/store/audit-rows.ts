import type { AuditRecord, ChainedRecord } from '#core/audit-chain.ts';
import type { Json } from '#core/json.ts';
import type { Row, TableName, Write } from './port.ts';

/** Where the records of the audit trail lie in the store, and what goes beside them. */

export const AUDIT_TABLE: TableName = 'platform-records';
/** A partition holds so many records, so that none grows without end. */
const BLOCK = 10_000;
/** Records that were written with what they are about, and are to be chained yet. */
export const ANNOUNCED = 'audit-announced';

/** A record before it has its place in the chain. */
export type NewAuditRecord = Omit<AuditRecord, 'sequence' | 'at'>;

export interface Announced {
  readonly record: NewAuditRecord;
  readonly id: string;
}

/** What is written together with a change, and says which record is to be chained. Those with lower ids are chained first. */
export function announcementOf(record: NewAuditRecord, id: string): Write {
  const value = { record, id } as unknown as Json;
  return {
    kind: 'put',
    table: AUDIT_TABLE,
    key: { partition: ANNOUNCED, sort: id },
    value,
    expect: 'absent',
  };
}

export function removalOf({ table, key }: Write): Write {
  return { kind: 'remove', table, key, expect: 'any' };
}

export function putOf(link: ChainedRecord): Write & { kind: 'put' } {
  const { executionId } = link.record;
  return {
    kind: 'put',
    table: AUDIT_TABLE,
    key: keyOf(link.sequence),
    value: link as unknown as Json,
    expect: 'absent',
    ...(executionId === undefined
      ? {}
      : { index: { partition: indexOf(executionId), sort: pad(link.sequence) } }),
  };
}

export function valueOf(row: Row): ChainedRecord {
  return row.value as unknown as ChainedRecord;
}

export function keyOf(sequence: number): { partition: string; sort: string } {
  return { partition: partitionOf(blockOf(sequence)), sort: pad(sequence) };
}

/** The partition of a block. */
export function partitionOf(block: number): string {
  return `audit/${block}`;
}

/** From 0; -1 before the first record. */
export function blockOf(sequence: number): number {
  return Math.floor((sequence - 1) / BLOCK);
}

/** The index partition of an execution's records. */
export function indexOf(executionId: string): string {
  return `audit-of/${executionId}`;
}

function pad(sequence: number): string {
  return String(sequence).padStart(12, '0');
}
