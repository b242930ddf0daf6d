import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import type { Table } from '#sim/kernel/world.ts';

/** The service is global: one set of tables an account, whatever Region the call came to. */
const everywhere = (call: Scoped) => ({ accountId: call.accountId, region: 'global' });
export type Scoped = Pick<Call, 'accountId' | 'world' | 'now'>;

export interface ZoneRow {
  readonly id: string;
  /** With the dot at the end. */
  readonly name: string;
  readonly callerReference: string;
  readonly comment: string;
  readonly isPrivate: boolean;
  readonly vpcs: readonly { readonly id: string; readonly region: string }[];
  readonly nameServers: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** Changes before this time are refused with `PriorRequestNotComplete`. */
  readonly busyUntil: number;
  /** Fixes the time to INSYNC. `null`: drawn from the calibrated model. */
  readonly insyncSeconds: number | null;
}

/** A record set as the API has it; names are normalised and everything in it is plain JSON. */
export type RecordRow = Readonly<ResourceRecordSet> & { readonly Name: string; readonly Type: string };

/** An accepted change batch. */
export interface ChangeRow {
  readonly id: string;
  readonly zoneId: string | null;
  readonly comment: string | null;
  readonly changes: readonly { readonly action: string; readonly name: string; readonly type: string }[];
  readonly submittedAt: number;
  readonly insyncAt: number;
}

export interface HealthCheckRow {
  readonly id: string;
  readonly type: string;
  readonly fqdn: string;
  readonly port: number;
}

export const zones = (call: Scoped): Table<ZoneRow> => call.world.table(everywhere(call), 'route53.zones');
export const records = (call: Scoped, zoneId: string): Table<RecordRow> =>
  call.world.table(everywhere(call), `route53.records.${zoneId}`);
/** Every accepted change, for whoever counts side effects. */
export const changes = (call: Scoped): Table<ChangeRow> =>
  call.world.table(everywhere(call), 'route53.changes');
export const healthChecks = (call: Scoped): Table<HealthCheckRow> =>
  call.world.table(everywhere(call), 'route53.healthChecks');

/** Ids may be given as `/hostedzone/Z…`. */
export function getZone(call: Scoped, idOrPath: string | undefined): ZoneRow {
  const id = bareId(idOrPath);
  const row = zones(call).get(id);
  if (row === undefined) throw new ServiceError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`);
  return row;
}

export function bareId(idOrPath: string | undefined): string {
  return (idOrPath ?? '').split('/').at(-1)!;
}

export function newZoneId(call: Scoped): string {
  return call.world.newId('Z', 20).toUpperCase();
}
