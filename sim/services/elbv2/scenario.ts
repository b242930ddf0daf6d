import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { z } from 'zod';
import type { Call } from '#sim/kernel/contract.ts';
import { distinct } from '#sim/services/distinct.ts';
import { defaultVpcId } from '#sim/services/ec2/network.ts';
import { listenerRuleArn } from './listeners.ts';
import { listeners, loadBalancers, rules, targetGroups, targets } from './rows.ts';
import { refreshUse } from './use.ts';

const Name = z.string().regex(/^[A-Za-z0-9-]{1,32}$/, 'expected letters, digits and dashes, at most 32');
const Tags = z.record(z.string(), z.string()).default({});

const Target = z.union([
  z.string().transform((id) => ({ id })),
  z.strictObject({ id: z.string(), port: z.int().optional() }),
]);

const TargetGroup = z.strictObject({
  name: Name,
  type: z.enum(['instance', 'ip']).default('instance'),
  protocol: z.enum(['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP']).default('HTTP'),
  port: z.int().min(1).max(65_535).default(80),
  path: z.string().default('/'),
  /** Default: 5 for HTTP and HTTPS, 3 otherwise. */
  healthyThreshold: z.int().min(2).max(10).optional(),
  unhealthyThreshold: z.int().min(2).max(10).default(2),
  intervalSeconds: z.int().min(5).max(300).default(30),
  drainSeconds: z.int().min(0).max(3_600).default(300),
  /** Registered and checked long before the start. */
  targets: z.array(Target).default([]),
  unhealthyTargets: z.array(z.string()).default([]),
  tags: Tags,
});

const Rule = z.strictObject({
  priority: z.int().min(1).max(50_000),
  paths: z.array(z.string()).default([]),
  hosts: z.array(z.string()).default([]),
  /** Name of a target group. */
  forward: Name,
});

const Listener = z.strictObject({
  port: z.int().min(1).max(65_535),
  protocol: z.enum(['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP']).default('HTTP'),
  forward: Name,
  rules: distinct(Rule, 'priority'),
});

const LoadBalancer = z.strictObject({
  name: Name,
  type: z.enum(['application', 'network']).default('application'),
  scheme: z.enum(['internet-facing', 'internal']).default('internet-facing'),
  dnsName: z.string().optional(),
  state: z.enum(['active', 'provisioning', 'active_impaired', 'failed']).default('active'),
  listeners: distinct(Listener, 'port'),
  tags: Tags,
});

/** `accounts[].regions.<region>.elbv2`. */
export const Elbv2Section = z
  .strictObject({
    targetGroups: distinct(TargetGroup, 'name'),
    loadBalancers: distinct(LoadBalancer, 'name'),
  })
  .superRefine((section, context) => {
    const known = new Set(section.targetGroups.map(({ name }) => name));
    section.loadBalancers.forEach(({ listeners: list }, index) => {
      const forwards = list.flatMap((listener) => [
        listener.forward,
        ...listener.rules.map(({ forward }) => forward),
      ]);
      const unknown = forwards.find((name) => !known.has(name));
      if (unknown === undefined) return;
      context.addIssue({
        code: 'custom',
        path: ['loadBalancers', index],
        message: `no target group ${unknown}`,
      });
    });
  });
type Elbv2Section = z.infer<typeof Elbv2Section>;

const LONG_AGO_MS = 86_400_000;

export function seed(call: Call, section: Elbv2Section): void {
  for (const group of section.targetGroups) seedTargetGroup(call, group);
  for (const balancer of section.loadBalancers) seedLoadBalancer(call, balancer);
  refreshUse({ ...call, now: call.now - LONG_AGO_MS });
}

function arnOf(call: Call, resource: string): string {
  return `arn:aws:elasticloadbalancing:${call.region}:${call.accountId}:${resource}`;
}

function idOf(call: Call, name: string): string {
  return call.world.random(`elbv2.id/${call.accountId}/${call.region}/${name}`).hex(16);
}

function seedTargetGroup(call: Call, given: z.infer<typeof TargetGroup>): void {
  const { type, targets: list, ...rest } = given;
  targetGroups(call).put(given.name, {
    ...rest,
    arn: arnOf(call, `targetgroup/${given.name}/${idOf(call, `group/${given.name}`)}`),
    targetType: type,
    healthyThreshold: given.healthyThreshold ?? (given.protocol.startsWith('HTTP') ? 5 : 3),
    vpcId: defaultVpcId(call),
    usedSince: null,
  });
  for (const target of list) {
    const row = { id: target.id, port: ('port' in target ? target.port : undefined) ?? given.port };
    targets(call, given.name).put(`${row.id}:${row.port}`, {
      ...row,
      registeredAt: call.now - LONG_AGO_MS,
      drainedAt: null,
    });
  }
}

function seedLoadBalancer(call: Call, given: z.infer<typeof LoadBalancer>): void {
  const { listeners: list, ...rest } = given;
  const path = `${given.type === 'application' ? 'app' : 'net'}/${given.name}/${idOf(call, `balancer/${given.name}`)}`;
  const arn = arnOf(call, `loadbalancer/${path}`);
  loadBalancers(call).put(given.name, {
    ...rest,
    arn,
    dnsName: given.dnsName ?? dnsNameOf(call, given),
    vpcId: defaultVpcId(call),
    zones: ['a', 'b'].map((letter) => `${call.region}${letter}`),
    createdAt: call.now,
  });
  for (const { port, protocol, forward: group, rules: ruleList } of list) {
    const listenerArn = arnOf(call, `listener/${path}/${idOf(call, `listener/${given.name}/${port}`)}`);
    listeners(call).put(listenerArn, {
      arn: listenerArn,
      loadBalancerArn: arn,
      port,
      protocol,
      actions: [forwardTo(call, group)],
    });
    for (const rule of ruleList) {
      const ruleArn = `${listenerRuleArn(listenerArn)}/${idOf(call, `rule/${given.name}/${port}/${rule.priority}`)}`;
      const { forward: target, ...conditions } = rule;
      rules(call).put(ruleArn, {
        ...conditions,
        arn: ruleArn,
        listenerArn,
        actions: [forwardTo(call, target)],
      });
    }
  }
}

function forwardTo(call: Call, group: string): Action {
  const TargetGroupArn = targetGroups(call).get(group)!.arn;
  return {
    Type: 'forward',
    TargetGroupArn,
    Order: 1,
    ForwardConfig: {
      TargetGroups: [{ TargetGroupArn, Weight: 1 }],
      TargetGroupStickinessConfig: { Enabled: false },
    },
  };
}

/** As AWS forms it: digits for an application load balancer, hexadecimal digits for a network one. */
function dnsNameOf(call: Call, { name, type, scheme }: z.infer<typeof LoadBalancer>): string {
  const random = call.world.random(`elbv2.dns/${call.accountId}/${call.region}/${name}`);
  const full = scheme === 'internal' ? `internal-${name}` : name;
  return type === 'network'
    ? `${full}-${random.hex(16)}.elb.${call.region}.amazonaws.com`
    : `${full}-${Math.floor(random.uniform(100_000_000, 2_000_000_000))}.${call.region}.elb.amazonaws.com`;
}
