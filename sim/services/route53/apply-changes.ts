import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { aliasProblem } from './alias.ts';
import { compareText, liesIn, normalName, reversedName } from './names.ts';
import { recordKey } from './records.ts';
import { records, type RecordRow, type ZoneRow } from './rows.ts';

/** Record sets that a batch puts or (null) removes, by key, over those that the zone has. */
export interface Draft {
  readonly next: Map<string, RecordRow | null>;
  get(key: string): RecordRow | undefined;
  /** Record sets of one name, whatever their type and identifier. */
  named(name: string): RecordRow[];
}

/** Works a batch out in order, without touching the zone. Any message means that nothing may be applied. */
export function applyChanges(
  call: Call,
  zone: ZoneRow,
  batch: readonly Change[],
): { next: Map<string, RecordRow | null>; messages: string[] } {
  const draft = draftOf(call, zone);
  const messages: string[] = [];
  for (const { Action = 'UPSERT', ResourceRecordSet: given } of batch) {
    const record = normalRecord(given!, Action);
    const problem =
      Action === 'DELETE'
        ? deleteProblem(draft, zone, record)
        : putProblem(call, { draft, zone, record, mustBeNew: Action === 'CREATE' });
    if (problem === null) draft.next.set(recordKey(record), Action === 'DELETE' ? null : record);
    else messages.push(problem);
  }
  return { next: draft.next, messages };
}

function draftOf(call: Call, zone: ZoneRow): Draft {
  const table = records(call, zone.id);
  const next = new Map<string, RecordRow | null>();
  const present = Map.groupBy(table.all(), ({ Name }) => Name);
  const get = (key: string): RecordRow | undefined =>
    next.has(key) ? (next.get(key) ?? undefined) : table.get(key);
  return {
    next,
    get,
    named: (name) => {
      const prefix = `${reversedName(name)}\n`;
      const keys = new Set([
        ...(present.get(name) ?? []).map(recordKey),
        ...[...next.keys()].filter((key) => key.startsWith(prefix)),
      ]);
      return [...keys].flatMap((key) => get(key) ?? []);
    },
  };
}

function normalRecord(given: ResourceRecordSet, action: string): RecordRow {
  const { Name, Type, ResourceRecords = [], AliasTarget, TTL } = given;
  if (Name === undefined || Type === undefined) {
    throw new ServiceError('InvalidInput', 'Invalid request: a resource record set needs Name and Type');
  }
  const hasValues = TTL !== undefined && ResourceRecords.length > 0;
  if (hasValues === (AliasTarget !== undefined)) {
    throw new ServiceError(
      'InvalidInput',
      'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or ' +
        `TrafficPolicyInstanceId], but found ${hasValues ? 'more than one' : 'none'} in Change with ` +
        `[Action=${action}, Name=${Name}, Type=${Type}, SetIdentifier=${given.SetIdentifier ?? null}]`,
    );
  }
  const { ResourceRecords: _, ...rest } = given;
  return {
    ...rest,
    Name: normalName(Name),
    Type,
    ...(AliasTarget === undefined
      ? { ResourceRecords: ResourceRecords.map(({ Value }) => ({ Value })) }
      : { AliasTarget: { ...AliasTarget, DNSName: normalName(AliasTarget.DNSName ?? '') } }),
  };
}

function describeRecord({ Name, Type, SetIdentifier }: RecordRow): string {
  const identifier = SetIdentifier === undefined ? '' : `, set identifier='${SetIdentifier}'`;
  return `resource record set [name='${Name}', type='${Type}'${identifier}]`;
}

function deleteProblem(draft: Draft, zone: ZoneRow, record: RecordRow): string | null {
  const present = draft.get(recordKey(record));
  const isOfZone = record.Name === zone.name && (record.Type === 'SOA' || record.Type === 'NS');
  if (isOfZone)
    return `A HostedZone must contain ${record.Type === 'SOA' ? 'exactly one SOA record' : 'at least one NS record for the zone itself'}.`;
  if (present === undefined) return `Tried to delete ${describeRecord(record)} but it was not found`;
  if (canonical(present) !== canonical(record)) {
    return `Tried to delete ${describeRecord(record)} but the values provided do not match the current values`;
  }
  return null;
}

/** Equal for record sets that say the same: order of values does not count. */
function canonical({ TTL, ResourceRecords = [], AliasTarget, Weight }: RecordRow): string {
  const { DNSName, HostedZoneId, EvaluateTargetHealth = false } = AliasTarget ?? {};
  const values = ResourceRecords.map(({ Value = '' }) => Value).toSorted(compareText);
  return JSON.stringify([TTL, values, DNSName, HostedZoneId, EvaluateTargetHealth, Weight]);
}

function putProblem(
  call: Call,
  { draft, zone, record, mustBeNew }: { draft: Draft; zone: ZoneRow; record: RecordRow; mustBeNew: boolean },
): string | null {
  if (!liesIn(record.Name, zone.name)) {
    return `RRSet with DNS name ${record.Name} is not permitted in zone ${zone.name}`;
  }
  if (mustBeNew && draft.get(recordKey(record)) !== undefined) {
    return `Tried to create ${describeRecord(record)} but it already exists`;
  }
  return (
    cnameProblem(draft, zone, record) ??
    identifierProblem(draft, record) ??
    valueProblem(record) ??
    aliasProblem(call, { draft, zone, record })
  );
}

function cnameProblem(draft: Draft, zone: ZoneRow, record: RecordRow): string | null {
  const isCname = record.Type === 'CNAME';
  const what = `RRSet of type ${record.Type} with DNS name ${record.Name} is not permitted`;
  if (isCname && record.Name === zone.name) return `${what} at apex in zone ${zone.name}`;
  const others = draft.named(record.Name).filter((other) => other.Type !== record.Type);
  if (isCname && others.length > 0) {
    return `${what} as it conflicts with other records with the same DNS name in zone ${zone.name}`;
  }
  if (others.some((other) => other.Type === 'CNAME')) {
    return `${what} because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone.name}`;
  }
  return null;
}

/** A simple record set and those with a routing policy cannot share name and type. */
function identifierProblem(draft: Draft, record: RecordRow): string | null {
  const isSimple = record.SetIdentifier === undefined;
  const clash = draft
    .named(record.Name)
    .some((other) => other.Type === record.Type && (other.SetIdentifier === undefined) !== isSimple);
  if (!clash) return null;
  return `RRSet with DNS name ${record.Name}, type ${record.Type}, SetIdentifier ${record.SetIdentifier ?? 'null'} cannot be created as other RRSets exist with the same name and type.`;
}

const IPV4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

function valueProblem({ Type, ResourceRecords = [] }: RecordRow): string | null {
  const problem = (code: string, text: string, value: string): string =>
    `Invalid Resource Record: 'FATAL problem: ${code} (${text}) encountered with '${value}''`;
  const bad = Type === 'A' ? ResourceRecords.find(({ Value = '' }) => !IPV4.test(Value)) : undefined;
  if (bad !== undefined)
    return problem('ARRDATAIllegalIPv4Address', 'Value is not a valid IPv4 address', bad.Value ?? '');
  const noName =
    Type === 'CNAME' ? ResourceRecords.find(({ Value = '' }) => !/^[\w*.-]+$/.test(Value)) : undefined;
  if (noName !== undefined)
    return problem('DomainNameInvalid', 'Value is not a valid domain name', noName.Value ?? '');
  if (Type === 'CNAME' && ResourceRecords.length > 1) {
    return problem(
      'CNAMERRDATANotSingleValue',
      'Value is not a single domain name',
      ResourceRecords[1]!.Value ?? '',
    );
  }
  return null;
}
