import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { Route53Calls, Route53Operations } from './services/route53.ts';

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
