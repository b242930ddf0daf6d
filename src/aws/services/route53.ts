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

export type Route53Operations = CallsOf<typeof route53Service.operations>;

export interface Route53Calls extends Route53Operations {
  /** All record sets of exactly this name (with or without the final dot), of whatever type and set identifier. */
  findResourceRecordSets(zoneId: string, name: string, signal?: AbortSignal): Promise<ResourceRecordSet[]>;
}
