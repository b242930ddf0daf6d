import type { Call } from '#sim/kernel/contract.ts';
import { zoneIdOfRegion } from '#sim/services/elbv2/zones.ts';
import type { Draft } from './apply-changes.ts';
import { liesIn } from './names.ts';
import { recordKey } from './records.ts';
import { bareId, records, zones, type RecordRow, type ZoneRow } from './rows.ts';

/**
 * An alias targets a record set of an own zone, which has to exist, or a load balancer, whose name has to belong to
 * the zone id. Zone ids of other services (CloudFront, S3 …) are taken as they are.
 */
export function aliasProblem(
  call: Call,
  { draft, zone, record }: { draft: Draft; zone: ZoneRow; record: RecordRow },
): string | null {
  if (record.AliasTarget === undefined) return null;
  const { DNSName: name = '', HostedZoneId } = record.AliasTarget;
  const zoneId = bareId(HostedZoneId);
  const tried = `Tried to create an alias that targets ${name}, type ${record.Type} in zone ${zoneId}, but`;
  const outside = `${tried} the alias target name does not lie within the target zone`;
  const own = zones(call).get(zoneId);
  if (own !== undefined) {
    const key = recordKey({ Name: name, Type: record.Type });
    const found = own.id === zone.id ? draft.get(key) : records(call, own.id).get(key);
    if (!liesIn(name, own.name)) return outside;
    return found === undefined ? `${tried} that target was not found` : null;
  }
  const region = /\.(?:elb\.)?([a-z]{2}-[a-z]+-\d)\.(?:elb\.)?amazonaws\.com\.$/.exec(name)?.[1];
  if (region === undefined || !name.includes('.elb.')) return null;
  return zoneId === zoneIdOfRegion(region, name.includes(`.elb.${region}.`) ? 'network' : 'application')
    ? null
    : outside;
}
