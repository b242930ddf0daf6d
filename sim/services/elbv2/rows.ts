import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ServiceError, type Call, type Scope } from '#sim/kernel/contract.ts';
import type { Table } from '#sim/kernel/world.ts';

export type Scoped = Scope & Pick<Call, 'world'>;

/** Load balancers and target groups are kept by name, which is unique in an account and Region. */
export interface LoadBalancerRow {
  readonly name: string;
  readonly arn: string;
  readonly type: 'application' | 'network';
  readonly scheme: 'internet-facing' | 'internal';
  readonly dnsName: string;
  readonly vpcId: string;
  readonly zones: readonly string[];
  readonly state: 'active' | 'provisioning' | 'active_impaired' | 'failed';
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: number;
}

export interface TargetGroupRow {
  readonly name: string;
  readonly arn: string;
  readonly targetType: 'instance' | 'ip';
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP';
  readonly port: number;
  readonly vpcId: string;
  readonly path: string;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  readonly intervalSeconds: number;
  readonly drainSeconds: number;
  /** Ids, addresses or Name tags of targets that fail their health checks; `*` is all. */
  readonly unhealthyTargets: readonly string[];
  /** Since when a listener or rule forwards here: checks run from then on. `null`: not in use. */
  readonly usedSince: number | null;
  readonly tags: Readonly<Record<string, string>>;
}

export interface TargetRow {
  readonly id: string;
  readonly port: number;
  readonly registeredAt: number;
  /** Being deregistered until then; gone from then on. */
  readonly drainedAt: number | null;
}

export interface ListenerRow {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly protocol: string;
  readonly actions: readonly Action[];
}

export interface RuleRow {
  readonly arn: string;
  readonly listenerArn: string;
  readonly priority: number;
  readonly paths: readonly string[];
  readonly hosts: readonly string[];
  readonly actions: readonly Action[];
}

/** One accepted registration, deregistration or change of a listener or rule, for whoever counts side effects. */
export interface ChangeRow {
  readonly kind: 'register' | 'deregister' | 'modify-listener' | 'modify-rule';
  readonly arn: string;
  readonly targets: readonly string[];
  readonly at: number;
}

export const loadBalancers = (s: Scoped): Table<LoadBalancerRow> => s.world.table(s, 'elbv2.loadBalancers');
export const targetGroups = (s: Scoped): Table<TargetGroupRow> => s.world.table(s, 'elbv2.targetGroups');
/** By `id:port`. */
export const targets = (s: Scoped, group: string): Table<TargetRow> =>
  s.world.table(s, `elbv2.targets.${group}`);
export const listeners = (s: Scoped): Table<ListenerRow> => s.world.table(s, 'elbv2.listeners');
export const rules = (s: Scoped): Table<RuleRow> => s.world.table(s, 'elbv2.rules');
export const changes = (s: Scoped): Table<ChangeRow> => s.world.table(s, 'elbv2.changes');

export function getLoadBalancer(call: Scoped, arn: string | undefined): LoadBalancerRow {
  const row = loadBalancers(call).get(nameInArn(arn, 2));
  if (row?.arn !== arn || row === undefined)
    throw notFound('LoadBalancerNotFoundException', 'Load balancers', arn);
  return row;
}

export function getTargetGroup(call: Scoped, arn: string | undefined): TargetGroupRow {
  const row = targetGroups(call).get(nameInArn(arn, 1));
  if (row?.arn !== arn || row === undefined)
    throw notFound('TargetGroupNotFoundException', 'Target groups', arn);
  return row;
}

export function getListener(call: Scoped, arn: string | undefined): ListenerRow {
  const row = listeners(call).get(arn ?? '');
  if (row === undefined) throw notFound('ListenerNotFoundException', 'Listeners', arn);
  return row;
}

export function getRule(call: Scoped, arn: string | undefined): RuleRow {
  const row = rules(call).get(arn ?? '');
  if (row === undefined) throw notFound('RuleNotFoundException', 'Rules', arn);
  return row;
}

export function noteChange(call: Call, change: Omit<ChangeRow, 'at'>): void {
  changes(call).put(String(call.world.count('elbv2.changes')), { ...change, at: call.now });
}

/** `loadbalancer/app/<name>/…` has its name in third place, `targetgroup/<name>/…` in second. */
function nameInArn(arn: string | undefined, place: number): string {
  return (arn ?? '').split(':').at(-1)!.split('/')[place] ?? '';
}

function notFound(code: string, what: string, name: string | undefined): ServiceError {
  return new ServiceError(code, `${what} '[${name}]' not found`);
}
