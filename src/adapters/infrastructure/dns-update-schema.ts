import { z } from 'zod';

const DnsName = z
  .string()
  .regex(/^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_-]*\.?)+$/, 'expected a DNS name such as app.company.com')
  .max(255);

const Route53Record = z.strictObject({
  recordName: DnsName,
  /** An address or a name; several addresses as a list. */
  newValue: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(20)]),
  /** Default: the type that the record has, if it can hold the value; else A, AAAA or CNAME, by the value. */
  type: z.enum(['A', 'AAAA', 'CNAME']).optional(),
  /** Seconds. Default: what the record has, else 300. */
  ttl: z.int().min(0).max(2_147_483_647).optional(),
  /** Default: the public zone with the longest name that the record's name ends with. */
  zoneId: z.string().min(1).max(64).optional(),
  /** An alias to a load balancer. Default: true where an A or AAAA record is to lead to one. */
  alias: z.boolean().optional(),
  /** The load balancer's canonical hosted zone, where Breakwater cannot look it up (another account). */
  aliasZoneId: z.string().min(1).max(64).optional(),
});
export type Route53Record = z.infer<typeof Route53Record>;

/** `technology.resources` of `infrastructure/dns_update`. */
export const DnsResources = z
  .strictObject({
    // The before-images of all of them have to fit into one note of 64 KiB.
    route53Records: z.array(Route53Record).min(1).max(50),
  })
  .refine(({ route53Records }) => new Set(recordIds(route53Records)).size === route53Records.length, {
    message: 'expected each record name (and type) once',
  });
export type DnsResources = z.infer<typeof DnsResources>;

/** `technology.parameters` of `infrastructure/dns_update`: there are none. */
export const DnsParameters = z.strictObject({});
export type DnsParameters = z.infer<typeof DnsParameters>;

/** The resource id of each record: its name; with the type, if several records of that name are given. */
export function recordIds(records: readonly Route53Record[]): string[] {
  const names = records.map(({ recordName }) => recordName);
  return records.map(({ recordName, type }) => {
    const isAlone = names.filter((name) => name === recordName).length === 1;
    return isAlone || type === undefined ? recordName : `${recordName} ${type}`;
  });
}
