import type { HostedZone } from '@aws-sdk/client-route-53';
import type { Finding } from '#core/outcome.ts';
import type { Assessment, OperationContext, OperationInput } from '../contract.ts';
import { noteFor } from './change-records.ts';
import { recordIds, type DnsParameters, type DnsResources, type Route53Record } from './dns-update-schema.ts';
import { zoneOf } from './hosted-zones.ts';
import { planRecord } from './plan-record.ts';
import type { Problem } from './problem.ts';
import { describeRecord, fromJson } from './record-sets.ts';

interface AssessedRecord {
  readonly finding: Finding | null;
  readonly resource: Assessment['resources'][number] | null;
  readonly zoneId: string | null;
}

/** The dry run of `infrastructure/dns_update`: each record's zone, what it says now, and what it would say. */
export async function assessDnsUpdate(
  context: OperationContext,
  { resources: { route53Records } }: OperationInput<DnsResources, DnsParameters>,
): Promise<Assessment> {
  const { accountId, route53 } = context.aws.for(context);
  const zones = await route53.listHostedZones({}, context.signal);
  const ids = recordIds(route53Records);
  const assessed: AssessedRecord[] = [];
  for (const [i, given] of route53Records.entries()) {
    if (context.only !== null && !context.only.includes(ids[i]!)) continue;
    assessed.push(
      await assessRecord(context, { given, zones, id: ids[i]!, path: `resources.route53Records[${i}]` }),
    );
  }
  const batches = new Set(assessed.flatMap(({ zoneId }) => zoneId ?? [])).size;
  const where = accountId === undefined ? {} : { accountId };
  return {
    findings: assessed.flatMap(({ finding }) => finding ?? []),
    resources: assessed.flatMap(({ resource }) => resource ?? []),
    calls: [
      {
        iamAction: 'route53:ChangeResourceRecordSets',
        ...where,
        count: batches,
        summary: `change ${assessed.length} records in ${batches} zones`,
      },
      {
        iamAction: 'route53:GetChange',
        ...where,
        count: 4 * batches,
        summary: 'wait until the name servers have them',
      },
    ],
    quotas: [],
    estimatedMs: batches === 0 ? 0 : 40_000,
    estimateBasis:
      'Route 53 is in sync in under 60 s (AWS documentation), 35 s observed (n=1); resolvers keep old answers for their TTL besides',
  };
}

async function assessRecord(
  context: OperationContext,
  record: { given: Route53Record; zones: readonly HostedZone[]; id: string; path: string },
): Promise<AssessedRecord> {
  const { given, zones, id, path } = record;
  const refused = ({ rule, problem, remedy }: Problem): AssessedRecord => ({
    finding: { level: 'error', rule, path, value: given.recordName, message: problem, remedy },
    resource: null,
    zoneId: null,
  });
  const zone = zoneOf(zones, given);
  if ('problem' in zone) return refused(zone);
  const { route53 } = context.aws.for(context);
  const present = await route53.findResourceRecordSets(zone.zoneId, given.recordName, context.signal);
  const goal = await planRecord(context, given, { ...zone, present });
  if ('problem' in goal) return refused(goal);
  const { before, isMet } = noteFor(goal, present, context.now());
  const was = before.map((one) => describeRecord(fromJson(one))).join(', ') || 'nothing';
  const message = isMet ? `${given.recordName} is as wanted already` : '';
  return {
    finding: isMet
      ? {
          level: 'info',
          rule: 'NothingToDo',
          path,
          value: given.recordName,
          message,
          remedy: 'Nothing will be changed.',
        }
      : null,
    resource: {
      resourceId: id,
      description: `${given.recordName} in zone ${zone.zoneName}: ${was}, to be ${goal.put.map(describeRecord).join(', ')}`,
      lock: `route53:${zone.zoneId}/${goal.name}`,
    },
    zoneId: isMet ? null : zone.zoneId,
  };
}
