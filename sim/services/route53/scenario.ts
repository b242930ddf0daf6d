import { z } from 'zod';
import type { Call } from '#sim/kernel/contract.ts';
import { distinct } from '#sim/services/distinct.ts';
import { normalName } from './names.ts';
import { recordKey } from './records.ts';
import { healthChecks, records, type RecordRow } from './rows.ts';
import { addZone } from './zones.ts';

const Record = z
  .strictObject({
    name: z.string(),
    type: z.enum(['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'PTR', 'SRV', 'TXT']),
    ttl: z.int().min(0).default(300),
    values: z.array(z.string()).min(1).optional(),
    alias: z
      .strictObject({
        dnsName: z.string(),
        zoneId: z.string(),
        evaluateTargetHealth: z.boolean().default(false),
      })
      .optional(),
    setIdentifier: z.string().optional(),
    weight: z.int().min(0).max(255).optional(),
    failover: z.enum(['PRIMARY', 'SECONDARY']).optional(),
    healthCheckId: z.string().optional(),
  })
  .refine((record) => (record.values === undefined) !== (record.alias === undefined), {
    message: 'a record needs either values or alias',
  });

const Zone = z.strictObject({
  name: z.string(),
  id: z
    .string()
    .regex(/^Z[A-Z0-9]{1,31}$/, 'expected Z and capital letters and digits')
    .optional(),
  comment: z.string().default(''),
  private: z.boolean().default(false),
  vpcs: z.array(z.strictObject({ id: z.string(), region: z.string() })).default([]),
  tags: z.record(z.string(), z.string()).default({}),
  records: z.array(Record).default([]),
  /** From the start, changes are refused with `PriorRequestNotComplete` for so long. */
  busySeconds: z.number().min(0).default(0),
  /** Fixes the time from PENDING to INSYNC. */
  insyncSeconds: z.number().min(0).optional(),
});

/** `accounts[].route53`. */
export const Route53Section = z.strictObject({
  zones: distinct(Zone, 'id'),
  healthChecks: z
    .array(
      z.strictObject({
        id: z.string(),
        type: z.string().default('HTTPS'),
        fqdn: z.string(),
        port: z.int().default(443),
      }),
    )
    .default([]),
});
type Route53Section = z.infer<typeof Route53Section>;

export function seed(call: Call, section: Route53Section): void {
  section.zones.forEach((given, index) => {
    const zone = addZone(call, {
      ...(given.id === undefined ? {} : { id: given.id }),
      name: given.name,
      callerReference: `scenario-${index}`,
      comment: given.comment,
      isPrivate: given.private,
      vpcs: given.vpcs,
      tags: given.tags,
      busyUntil: call.now + Math.round(given.busySeconds * 1_000),
      insyncSeconds: given.insyncSeconds ?? null,
    });
    for (const record of given.records.map(recordRow)) records(call, zone.id).put(recordKey(record), record);
  });
  for (const check of section.healthChecks) healthChecks(call).put(check.id, check);
}

function recordRow(given: z.infer<typeof Record>): RecordRow {
  return {
    Name: normalName(given.name),
    Type: given.type,
    ...(given.setIdentifier === undefined ? {} : { SetIdentifier: given.setIdentifier }),
    ...(given.weight === undefined ? {} : { Weight: given.weight }),
    ...(given.failover === undefined ? {} : { Failover: given.failover }),
    ...(given.healthCheckId === undefined ? {} : { HealthCheckId: given.healthCheckId }),
    ...(given.alias === undefined
      ? { TTL: given.ttl, ResourceRecords: (given.values ?? []).map((Value) => ({ Value })) }
      : {
          AliasTarget: {
            DNSName: normalName(given.alias.dnsName),
            HostedZoneId: given.alias.zoneId,
            EvaluateTargetHealth: given.alias.evaluateTargetHealth,
          },
        }),
  };
}
