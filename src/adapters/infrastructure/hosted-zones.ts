import type { HostedZone } from '@aws-sdk/client-route-53';
import type { Problem } from './problem.ts';
import { canonicalName } from './record-sets.ts';

/** `Z123` of `/hostedzone/Z123`. */
export function bareZoneId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** The zone of a name: the one that is given, else the public one with the longest name that the name ends with. */
export function zoneOf(
  zones: readonly HostedZone[],
  { recordName, zoneId }: { readonly recordName: string; readonly zoneId?: string | undefined },
): { readonly zoneId: string; readonly zoneName: string } | Problem {
  const name = canonicalName(recordName);
  if (zoneId !== undefined) return givenZone(zones, name, bareZoneId(zoneId));
  const matching = zones
    .filter(({ Config }) => Config?.PrivateZone !== true)
    .filter(({ Name = '' }) => liesIn(name, canonicalName(Name)))
    .sort((a, b) => b.Name!.length - a.Name!.length);
  const [best, next] = matching;
  if (best === undefined) {
    const problem = `no public hosted zone of this account contains ${recordName}`;
    return { rule: 'ResourceUnresolved', problem, remedy: 'Check the name and the account, or give zoneId.' };
  }
  if (next?.Name === best.Name) {
    const ids = matching.filter(({ Name }) => Name === best.Name).map(({ Id = '' }) => bareZoneId(Id));
    const problem = `${recordName} lies in several hosted zones ${best.Name}: ${ids.join(', ')}`;
    return { rule: 'ZoneAmbiguous', problem, remedy: 'Give the zoneId that the domain is delegated to.' };
  }
  return { zoneId: bareZoneId(best.Id ?? ''), zoneName: canonicalName(best.Name ?? '') };
}

function givenZone(
  zones: readonly HostedZone[],
  name: string,
  zoneId: string,
): { zoneId: string; zoneName: string } | Problem {
  const zone = zones.find(({ Id = '' }) => bareZoneId(Id) === zoneId);
  const zoneName = canonicalName(zone?.Name ?? '');
  if (zone !== undefined && liesIn(name, zoneName)) return { zoneId, zoneName };
  const problem =
    zone === undefined
      ? `there is no hosted zone ${zoneId} in this account`
      : `${name} does not lie in zone ${zoneName}`;
  return { rule: 'ResourceUnresolved', problem, remedy: 'Check zoneId, name and account.' };
}

function liesIn(name: string, zoneName: string): boolean {
  return name === zoneName || name.endsWith(`.${zoneName}`);
}
