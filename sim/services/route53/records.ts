import type { ListResourceRecordSetsCommandInput, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { compareText, normalName, reversedName } from './names.ts';
import { getZone, records, type RecordRow } from './rows.ts';

const LARGEST_PAGE = 300;

/** Name, type and set identifier make a record set unique in its zone; in this form they also sort it. */
export function recordKey(record: Pick<ResourceRecordSet, 'Name' | 'Type' | 'SetIdentifier'>): string {
  return [reversedName(normalName(record.Name ?? '')), record.Type, record.SetIdentifier ?? ''].join('\n');
}

/** Record sets from a name (and type, and identifier) on, sorted by reversed name, then type, then identifier. */
export function listResourceRecordSets(call: Call, input: ListResourceRecordSetsCommandInput) {
  const zone = getZone(call, input.HostedZoneId);
  const sorted = sortedRecords(records(call, zone.id).all());
  const first = startOf(input, sorted);
  const size = Math.min(input.MaxItems ?? LARGEST_PAGE, LARGEST_PAGE);
  const next = sorted[first + size];
  return {
    ResourceRecordSets: sorted.slice(first, first + size).map(recordView),
    IsTruncated: next !== undefined,
    NextRecordName: next?.Name,
    NextRecordType: next?.Type,
    NextRecordIdentifier: next?.SetIdentifier,
    MaxItems: size,
  };
}

function sortedRecords(rows: readonly RecordRow[]): RecordRow[] {
  return rows
    .map((row) => ({ row, key: recordKey(row) }))
    .toSorted((a, b) => compareText(a.key, b.key))
    .map(({ row }) => row);
}

function startOf(input: ListResourceRecordSetsCommandInput, sorted: readonly RecordRow[]): number {
  if (input.StartRecordName === undefined) {
    if (input.StartRecordType === undefined) return 0;
    throw new ServiceError(
      'InvalidInput',
      'StartRecordType is specified but StartRecordName is not specified.',
    );
  }
  const from = [
    reversedName(normalName(input.StartRecordName)),
    input.StartRecordType,
    input.StartRecordIdentifier,
  ];
  const start = from.filter((part) => part !== undefined).join('\n');
  const index = sorted.findIndex((row) => recordKey(row) >= start);
  return index < 0 ? sorted.length : index;
}

function recordView(row: RecordRow): ResourceRecordSet {
  return { ...row, ResourceRecords: row.ResourceRecords ?? (row.AliasTarget === undefined ? [] : undefined) };
}
