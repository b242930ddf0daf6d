import type { Handlers, ServiceDefinition } from '#sim/kernel/contract.ts';
import { changeResourceRecordSets } from './change-record-sets.ts';
import { getChange } from './changes.ts';
import { listHealthChecks } from './health-checks.ts';
import { listResourceRecordSets } from './records.ts';
import { Route53Section, seed } from './scenario.ts';
import { changeTags, changeTagsForResource, listTagsForResource, taggedResources } from './tags.ts';
import { createHostedZone, getHostedZone, listHostedZones, listHostedZonesByName } from './zones.ts';

export const service: ServiceDefinition = {
  name: 'route53',
  global: true,
  operations: {
    ChangeResourceRecordSets: changeResourceRecordSets,
    ChangeTagsForResource: changeTagsForResource,
    CreateHostedZone: createHostedZone,
    GetChange: getChange,
    GetHostedZone: getHostedZone,
    ListHealthChecks: listHealthChecks,
    ListHostedZones: listHostedZones,
    ListHostedZonesByName: listHostedZonesByName,
    ListResourceRecordSets: listResourceRecordSets,
    ListTagsForResource: listTagsForResource,
  } satisfies Handlers<typeof import('@aws-sdk/client-route-53')>,
  scenario: Route53Section,
  seed,
  taggedResources,
  changeTags,
};
