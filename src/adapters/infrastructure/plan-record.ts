import type { ResourceRecordSet, RRType } from '@aws-sdk/client-route-53';
import { z } from 'zod';
import type { OperationContext } from '../contract.ts';
import type { Route53Record } from './dns-update-schema.ts';
import { canonicalZoneId, isLoadBalancerName } from './load-balancers.ts';
import type { Problem } from './problem.ts';
import { canonicalName } from './record-sets.ts';

/** What is to become of one name in a zone: `put` is set, and record sets of `dropTypes` go. */
export interface RecordGoal {
  readonly zoneId: string;
  readonly name: string;
  readonly put: readonly ResourceRecordSet[];
  readonly dropTypes: readonly string[];
}

const DEFAULT_TTL_SECONDS = 300;

/** Decides what a record is to be, from what it is now. `present`: all record sets of its name. */
export async function planRecord(
  context: OperationContext,
  given: Route53Record,
  place: {
    readonly zoneId: string;
    readonly zoneName: string;
    readonly present: readonly ResourceRecordSet[];
  },
): Promise<RecordGoal | Problem> {
  const { present } = place;
  const values = [given.newValue].flat();
  const routed = present.find(({ SetIdentifier }) => SetIdentifier !== undefined);
  if (routed !== undefined) {
    const problem = `${given.recordName} has a routing policy (set identifier ${routed.SetIdentifier}): it is not a record of one value`;
    return { rule: 'RoutingPolicy', problem, remedy: 'Change its weights or health checks instead.' };
  }
  const type = given.type ?? typeFor(values, present, place, given);
  const isAlias = given.alias ?? (type !== 'CNAME' && values.length === 1 && isLoadBalancerName(values[0]!));
  const problem = problemWith(given, { type, isAlias, values, ...place });
  if (problem !== null) return problem;
  const name = canonicalName(given.recordName);
  const now = present.find(({ Type }) => Type === type);
  const wanted = isAlias
    ? await aliasRecord(context, given, { name, type, dnsName: values[0]!, now })
    : plainRecord(given, { name, type, values, now });
  if ('problem' in wanted) return wanted;
  const others = present.map(({ Type = '' }): string => Type).filter((other) => other !== type);
  const dropTypes = others.filter((other) => type === 'CNAME' || other === 'CNAME');
  return { zoneId: place.zoneId, name, put: [wanted], dropTypes };
}

/** The present type if it can hold the value, else the value's own. At the top of a zone there can be no CNAME. */
function typeFor(
  values: readonly string[],
  present: readonly ResourceRecordSet[],
  { zoneName }: { readonly zoneName: string },
  { alias, recordName }: Route53Record,
): RRType {
  if (values.every((value) => isIpv4(value))) return 'A';
  if (values.every((value) => isIpv6(value))) return 'AAAA';
  if (alias === true) return 'A';
  const isTop = canonicalName(recordName) === zoneName;
  const canBeAlias = values.length === 1 && isLoadBalancerName(values[0]!) && alias !== false;
  const address = present.find(({ Type }) => Type === 'A') ?? present.find(({ Type }) => Type === 'AAAA');
  if (canBeAlias && (address !== undefined || isTop)) return address?.Type ?? 'A';
  return 'CNAME';
}

function problemWith(
  { recordName, alias }: Route53Record,
  plan: {
    readonly type: RRType;
    readonly isAlias: boolean;
    readonly values: readonly string[];
    readonly zoneName: string;
    readonly present: readonly ResourceRecordSet[];
  },
): Problem | null {
  const { type, isAlias, values, zoneName, present } = plan;
  const text = values.join(', ');
  const wrong = (problem: string, remedy: string): Problem => ({ rule: 'ValueUnfit', problem, remedy });
  if (alias === true && (type === 'CNAME' || values.length > 1 || isIpv4(text) || isIpv6(text))) {
    return wrong(
      `${recordName}: ${text} cannot be the target of an alias`,
      'An alias leads to one load balancer and has the type A or AAAA.',
    );
  }
  if (isAlias) return null;
  const fits = { A: isIpv4, AAAA: isIpv6, CNAME: isHostName }[type as 'A' | 'AAAA' | 'CNAME'];
  if (!values.every((value) => fits(value)) || (type === 'CNAME' && values.length > 1)) {
    return wrong(
      `${recordName}: a record of type ${type} cannot hold ${text}`,
      'Give a value of that type, or another type.',
    );
  }
  if (type !== 'CNAME') return null;
  if (canonicalName(recordName) === zoneName) {
    return wrong(
      `${recordName} is the top of its zone, where there can be no CNAME`,
      'Give an address, or the name of a load balancer.',
    );
  }
  const others = present.flatMap(({ Type }) =>
    Type === undefined || ['A', 'AAAA', 'CNAME'].includes(Type) ? [] : Type,
  );
  if (others.length === 0) return null;
  return wrong(
    `${recordName} has records of type ${others.join(', ')}, beside which there can be no CNAME`,
    'Give an address instead of a name.',
  );
}

function isIpv4(value: string): boolean {
  return z.ipv4().safeParse(value).success;
}

function isIpv6(value: string): boolean {
  return z.ipv6().safeParse(value).success;
}

function isHostName(value: string): boolean {
  return !isIpv4(value) && !isIpv6(value) && /^[\w*-]+(\.[\w-]+)*\.?$/.test(value);
}

function plainRecord(
  { ttl }: Route53Record,
  plan: { name: string; type: RRType; values: readonly string[]; now: ResourceRecordSet | undefined },
): ResourceRecordSet {
  return {
    Name: plan.name,
    Type: plan.type,
    TTL: ttl ?? plan.now?.TTL ?? DEFAULT_TTL_SECONDS,
    ResourceRecords: plan.values.map((Value) => ({ Value })),
  };
}

async function aliasRecord(
  context: OperationContext,
  { recordName, aliasZoneId }: Route53Record,
  plan: { name: string; type: RRType; dnsName: string; now: ResourceRecordSet | undefined },
): Promise<ResourceRecordSet | Problem> {
  const HostedZoneId = aliasZoneId ?? (await canonicalZoneId(context, plan.dnsName));
  if (HostedZoneId === null) {
    const problem = `${recordName}: there is no load balancer ${plan.dnsName} in this account, so its hosted zone is not known`;
    return { rule: 'ResourceUnresolved', problem, remedy: 'Check the name, or give aliasZoneId.' };
  }
  const EvaluateTargetHealth = plan.now?.AliasTarget?.EvaluateTargetHealth ?? false;
  return {
    Name: plan.name,
    Type: plan.type,
    AliasTarget: { DNSName: canonicalName(plan.dnsName), HostedZoneId, EvaluateTargetHealth },
  };
}
