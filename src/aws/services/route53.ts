import {
  Route53Client,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { all, once, one, type CallsOf } from '../operation-spec.ts';
import type { ClientConfig, ServiceSpec } from '../service-spec.ts';

/** What Breakwater calls of Route 53. `listResourceRecordSets` answers one page: it serves to look at one name. */
export const route53Service = {
  iamPrefix: 'route53',
  global: true,
  newClient: (config: ClientConfig) => new Route53Client(config),
  operations: {
    listHostedZones: all(ListHostedZonesCommand, (output) => output.HostedZones, ['Marker', 'NextMarker']),
    listResourceRecordSets: one(ListResourceRecordSetsCommand),
    changeResourceRecordSets: once(ChangeResourceRecordSetsCommand),
    getChange: one(GetChangeCommand),
  },
} satisfies ServiceSpec;

type Route53Operations = CallsOf<typeof route53Service.operations>;

export interface Route53Calls extends Route53Operations {
  /** All record sets of exactly this name (with or without the final dot), of whatever type and set identifier. */
  findResourceRecordSets(zoneId: string, name: string, signal?: AbortSignal): Promise<ResourceRecordSet[]>;
}

/** Adds `findResourceRecordSets` to the plain operations. */
export function withRecordSearch(calls: Route53Operations): Route53Calls {
  return {
    ...calls,
    findResourceRecordSets: (zoneId, name, signal) => findRecordSets(calls, zoneId, name, signal),
  };
}

/** Route 53 lists names in its own order from `StartRecordName` on, so those of one name come first and together. */
async function findRecordSets(
  calls: Route53Operations,
  HostedZoneId: string,
  name: string,
  signal?: AbortSignal,
): Promise<ResourceRecordSet[]> {
  const wanted = canonicalName(name);
  const found: ResourceRecordSet[] = [];
  let page = await calls.listResourceRecordSets({ HostedZoneId, StartRecordName: wanted }, signal);
  for (;;) {
    const records = page.ResourceRecordSets ?? [];
    found.push(...records.filter((record) => canonicalName(record.Name) === wanted));
    if (page.IsTruncated !== true || canonicalName(page.NextRecordName) !== wanted) return found;
    page = await calls.listResourceRecordSets(
      {
        HostedZoneId,
        StartRecordName: page.NextRecordName,
        StartRecordType: page.NextRecordType,
        StartRecordIdentifier: page.NextRecordIdentifier,
      },
      signal,
    );
  }
}

/** Lower case, final dot, and `*` instead of Route 53's `\052`. */
function canonicalName(name: string | undefined): string {
  const lower = (name ?? '').toLowerCase().replaceAll('\\052', '*');
  return lower.endsWith('.') ? lower : `${lower}.`;
}
