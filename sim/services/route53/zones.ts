import type {
  CreateHostedZoneCommandInput,
  GetHostedZoneCommandInput,
  HostedZone,
  ListHostedZonesByNameCommandInput,
  ListHostedZonesCommandInput,
} from '@aws-sdk/client-route-53';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { changeView, recordChange } from './changes.ts';
import { compareText, normalName, reversedName } from './names.ts';
import { recordKey } from './records.ts';
import { bareId, getZone, newZoneId, records, zones, type Scoped, type ZoneRow } from './rows.ts';

const LARGEST_PAGE = 100;

/** In order of creation. `Marker` is the id of the first zone of the page. */
export function listHostedZones(call: Call, input: ListHostedZonesCommandInput) {
  const all = zones(call).all();
  const first = input.Marker === undefined ? 0 : all.findIndex((zone) => zone.id === bareId(input.Marker));
  if (first < 0)
    throw new ServiceError('NoSuchHostedZone', `No hosted zone found with ID: ${bareId(input.Marker)}`);
  const size = Math.min(input.MaxItems ?? LARGEST_PAGE, LARGEST_PAGE);
  const next = all[first + size];
  return {
    HostedZones: all.slice(first, first + size).map((zone) => zoneView(call, zone)),
    Marker: input.Marker ?? '',
    IsTruncated: next !== undefined,
    NextMarker: next?.id,
    MaxItems: size,
  };
}

/** In order of reversed names, from a name (and id) on. */
export function listHostedZonesByName(call: Call, input: ListHostedZonesByNameCommandInput) {
  const keyOf = (zone: ZoneRow): string => `${reversedName(zone.name)}\n${zone.id}`;
  const all = zones(call)
    .all()
    .toSorted((a, b) => compareText(keyOf(a), keyOf(b)));
  const start =
    input.DNSName === undefined
      ? ''
      : `${reversedName(normalName(input.DNSName))}\n${input.HostedZoneId === undefined ? '' : bareId(input.HostedZoneId)}`;
  const from = all.filter((zone) => keyOf(zone) >= start);
  const size = Math.min(input.MaxItems ?? LARGEST_PAGE, LARGEST_PAGE);
  const next = from[size];
  return {
    HostedZones: from.slice(0, size).map((zone) => zoneView(call, zone)),
    DNSName: input.DNSName,
    HostedZoneId: input.HostedZoneId,
    IsTruncated: next !== undefined,
    NextDNSName: next?.name,
    NextHostedZoneId: next?.id,
    MaxItems: size,
  };
}

export function getHostedZone(call: Call, input: GetHostedZoneCommandInput) {
  const zone = getZone(call, input.Id);
  return {
    HostedZone: zoneView(call, zone),
    DelegationSet: zone.isPrivate ? undefined : { NameServers: [...zone.nameServers] },
    VPCs: zone.isPrivate
      ? zone.vpcs.map(({ id, region }) => ({ VPCId: id, VPCRegion: region as 'eu-west-1' }))
      : undefined,
  };
}

export function createHostedZone(call: Call, input: CreateHostedZoneCommandInput) {
  const reference = input.CallerReference ?? '';
  if (
    zones(call)
      .all()
      .some((zone) => zone.callerReference === reference)
  ) {
    throw new ServiceError(
      'HostedZoneAlreadyExists',
      `A hosted zone has already been created with the specified caller reference: ${reference}`,
    );
  }
  const { VPCId, VPCRegion } = input.VPC ?? {};
  const zone = addZone(call, {
    name: input.Name ?? '',
    callerReference: reference,
    comment: input.HostedZoneConfig?.Comment ?? '',
    isPrivate: input.HostedZoneConfig?.PrivateZone === true || VPCId !== undefined,
    vpcs: VPCId === undefined ? [] : [{ id: VPCId, region: VPCRegion ?? 'us-east-1' }],
  });
  const change = recordChange(call, { zone, comment: null, changes: [] });
  return {
    HostedZone: zoneView(call, zone),
    ChangeInfo: changeView(change, call.now),
    DelegationSet: { NameServers: [...zone.nameServers] },
    Location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${zone.id}`,
  };
}

/** Makes a zone with its NS and SOA records. */
export function addZone(
  call: Scoped,
  given: Pick<ZoneRow, 'name' | 'callerReference' | 'comment' | 'isPrivate' | 'vpcs'> &
    Partial<Pick<ZoneRow, 'id' | 'tags' | 'busyUntil' | 'insyncSeconds'>>,
): ZoneRow {
  const id = given.id ?? newZoneId(call);
  const name = normalName(given.name);
  const number = Number.parseInt(call.world.random(`route53.servers/${id}`).hex(3), 16) % 512;
  const nameServers = ['com', 'net', 'org', 'co.uk'].map(
    (end, index) => `ns-${number + 512 * index}.awsdns-${number % 64}.${end}`,
  );
  const zone: ZoneRow = { tags: {}, busyUntil: 0, insyncSeconds: null, ...given, id, name, nameServers };
  zones(call).put(id, zone);
  const soa = `${nameServers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`;
  const own = [
    { Type: 'NS' as const, TTL: 172_800, values: nameServers.map((server) => `${server}.`) },
    { Type: 'SOA' as const, TTL: 900, values: [soa] },
  ];
  for (const { values, ...record } of own) {
    const row = { Name: name, ...record, ResourceRecords: values.map((Value) => ({ Value })) };
    records(call, id).put(recordKey(row), row);
  }
  return zone;
}

function zoneView(call: Scoped, zone: ZoneRow): HostedZone {
  return {
    Id: `/hostedzone/${zone.id}`,
    Name: zone.name,
    CallerReference: zone.callerReference,
    Config: { Comment: zone.comment, PrivateZone: zone.isPrivate },
    ResourceRecordSetCount: records(call, zone.id).size,
  };
}
