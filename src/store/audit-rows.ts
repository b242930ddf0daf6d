import type { AuditRecord, ChainedRecord } from '#core/audit-chain.ts';
import { BreakwaterError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import type { Key, Row, TableName, Write } from './port.ts';

/** Where the records of the audit trail lie in the store, and what goes beside them. */

export const AUDIT_TABLE: TableName = 'platform-records';
/** A partition holds so many records, so that none grows without end. */
const BLOCK = 10_000;
const BLOCKS = 'audit/';
export const AUDIT_HEAD = 'audit-head';
/** What nothing is ever taken out of: the links, and their head. `*` stands for any text. */
export const CHAIN_PARTITIONS: readonly string[] = [`${BLOCKS}*`, AUDIT_HEAD];
/** Records that were written with what they are about, and are to be chained yet. */
export const ANNOUNCED = 'audit-announced';

/** Of a record that is announced, as JSON: with its link it must fit into a row (400,000 bytes), or it could never be chained. */
const MOST_RECORD_BYTES = 399_000;

/** A record before it has its place in the chain. `at`: when it happened, if that is not when it is chained. */
export type NewAuditRecord = Omit<AuditRecord, 'sequence' | 'at'> & { readonly at?: string };

/**
 * What is written together with a change, and says which record is to be chained. Those with lower ids are chained first; an id is
 * used once and never again. Throws `RecordTooLarge`.
 */
export function announcementOf(record: NewAuditRecord, id: string): Write {
  const key: Key = { partition: ANNOUNCED, sort: id };
  const value = { record } as unknown as Json;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > MOST_RECORD_BYTES) {
    const message = `a record of the audit trail of ${bytes} bytes; at most ${MOST_RECORD_BYTES} are possible`;
    throw new BreakwaterError('RecordTooLarge', message, { details: { bytes } });
  }
  return { kind: 'put', table: AUDIT_TABLE, key, value, expect: 'absent' };
}

/** Takes an announcement away, which can be done once: whoever comes second is refused. */
export function claimOf({ key }: Pick<Write, 'key'>): Write {
  return { kind: 'remove', table: AUDIT_TABLE, key, expect: 1 };
}

/** The record that a row announces. */
export function announcedIn({ value }: Row): NewAuditRecord {
  return (value as unknown as { readonly record: NewAuditRecord }).record;
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

/** The number of the last record that a block holds. */
export function lastOf(block: number): number {
  return (block + 1) * BLOCK;
}

/** The partition of a block. */
export function partitionOf(block: number): string {
  return `${BLOCKS}${block}`;
}

/** From 0; -1 before the first record. */
export function blockOf(sequence: number): number {
  return Math.floor((sequence - 1) / BLOCK);
}

/** The index partition of an execution's records. */
export function indexOf(executionId: string): string {
  return `audit-of/${executionId}`;
}

/** The digits of a sequence number, so that they sort as text. */
export function pad(sequence: number): string {
  return String(sequence).padStart(12, '0');
}
