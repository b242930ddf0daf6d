import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { JsonObject } from '#core/json.ts';

/** Lower case, with the final dot, and `*` instead of Route 53's `\052`. */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase().replaceAll('\\052', '*');
  return lower.endsWith('.') ? lower : `${lower}.`;
}

/** True if two record sets say the same to a resolver. */
export function saysTheSame(a: ResourceRecordSet, b: ResourceRecordSet): boolean {
  return contentOf(a) === contentOf(b);
}

function contentOf({ Name = '', Type, TTL, ResourceRecords = [], AliasTarget }: ResourceRecordSet): string {
  const values = ResourceRecords.map(({ Value = '' }) =>
    Type === 'CNAME' ? canonicalName(Value) : Value,
  ).sort();
  const alias =
    AliasTarget === undefined
      ? null
      : [
          canonicalName(AliasTarget.DNSName ?? ''),
          AliasTarget.HostedZoneId,
          AliasTarget.EvaluateTargetHealth ?? false,
        ];
  return JSON.stringify([canonicalName(Name), Type, alias === null ? TTL : null, values, alias]);
}

/** A record set as JSON: members that it does not have are left out. */
export function toJson(record: ResourceRecordSet): JsonObject {
  return JSON.parse(
    JSON.stringify({ ...record, ...(record.AliasTarget ? { ResourceRecords: undefined } : {}) }),
  ) as JsonObject;
}

export function fromJson(record: JsonObject): ResourceRecordSet {
  return record as unknown as ResourceRecordSet;
}

/** What a person reads: `CNAME old.example.com` or `A alias lb-1.elb.amazonaws.com`. */
export function describeRecord({ Type, ResourceRecords = [], AliasTarget }: ResourceRecordSet): string {
  const values = ResourceRecords.map(({ Value }) => Value).join(', ');
  return AliasTarget === undefined ? `${Type} ${values}` : `${Type} alias ${AliasTarget.DNSName}`;
}
