import type {
  DescribeListenersCommandOutput,
  DescribeLoadBalancersCommandOutput,
  DescribeRulesCommandOutput,
  DescribeTargetGroupsCommandOutput,
  DescribeTargetHealthCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import { testWorld, type TestWorld } from '../testing.ts';
import { service } from './index.ts';

function bank(): TestWorld {
  const rules = [
    { priority: 20, paths: ['/old/*'], forward: 'blue' },
    { priority: 10, paths: ['/api/*'], forward: 'blue' },
  ];
  return testWorld([service], {
    elbv2: {
      'eu-west-1': {
        targetGroups: [
          { name: 'blue', type: 'ip', targets: ['10.0.0.1'] },
          { name: 'green', type: 'ip', targets: ['10.0.0.2'], tags: { 'DR-Wave': '3' } },
          { name: 'other', type: 'ip', protocol: 'TCP' },
        ],
        loadBalancers: [
          { name: 'bank', listeners: [{ port: 80, forward: 'blue', rules }], tags: { 'DR-Enabled': 'true' } },
          { name: 'wire', type: 'network', listeners: [{ port: 5000, protocol: 'TCP', forward: 'other' }] },
        ],
      },
    },
  });
}

function groupArn(sim: TestWorld, name: string): string {
  const output = sim.invoke<DescribeTargetGroupsCommandOutput>('DescribeTargetGroups', { Names: [name] });
  return output.TargetGroups![0]!.TargetGroupArn!;
}

function balancerOf(sim: TestWorld, name = 'bank') {
  return sim.invoke<DescribeLoadBalancersCommandOutput>('DescribeLoadBalancers', { Names: [name] })
    .LoadBalancers![0]!;
}

function listenerArn(sim: TestWorld): string {
  const input = { LoadBalancerArn: balancerOf(sim).LoadBalancerArn };
  return sim.invoke<DescribeListenersCommandOutput>('DescribeListeners', input).Listeners![0]!.ListenerArn!;
}

function rulesOf(sim: TestWorld) {
  return sim.invoke<DescribeRulesCommandOutput>('DescribeRules', { ListenerArn: listenerArn(sim) }).Rules!;
}

const forwardTo = (TargetGroupArn: string) => [{ Type: 'forward', TargetGroupArn }];

test('a load balancer has the name and the zone id that alias records need', () => {
  const sim = bank();
  expect(balancerOf(sim).DNSName).toMatch(/^bank-\d+\.eu-west-1\.elb\.amazonaws\.com$/);
  expect(balancerOf(sim).CanonicalHostedZoneId).toBe('Z32O12XQLNTSW2');
  expect(balancerOf(sim, 'wire').DNSName).toMatch(/^wire-[0-9a-f]{16}\.elb\.eu-west-1\.amazonaws\.com$/);
  expect(balancerOf(sim, 'wire').CanonicalHostedZoneId).toBe('Z2IFOLAFXWLO4F');
});

describe('ModifyListener', () => {
  test('forwards to another group, whose targets are checked from then on', () => {
    const sim = bank();
    const TargetGroupArn = groupArn(sim, 'green');
    const stateOf = (): string | undefined =>
      sim.invoke<DescribeTargetHealthCommandOutput>('DescribeTargetHealth', { TargetGroupArn })
        .TargetHealthDescriptions![0]!.TargetHealth!.State;
    expect(stateOf()).toBe('unused');
    sim.invoke('ModifyListener', {
      ListenerArn: listenerArn(sim),
      DefaultActions: forwardTo(TargetGroupArn),
    });
    expect(stateOf()).toBe('initial');
    sim.pass(150);
    expect(stateOf()).toBe('healthy');
  });

  test('refuses a group that is unknown, and one of another load balancer', () => {
    const sim = bank();
    const ListenerArn = listenerArn(sim);
    const unknown = { ListenerArn, DefaultActions: forwardTo(`${groupArn(sim, 'green')}0`) };
    expect(sim.refused('ModifyListener', unknown).code).toBe('TargetGroupNotFoundException');
    const foreign = { ListenerArn, DefaultActions: forwardTo(groupArn(sim, 'other')) };
    expect(sim.refused('ModifyListener', foreign).code).toBe('TargetGroupAssociationLimitException');
  });
});

test('rules are listed by priority, the default last, and one can be changed', () => {
  const sim = bank();
  expect(rulesOf(sim).map((rule) => rule.Priority)).toEqual(['10', '20', 'default']);
  const green = groupArn(sim, 'green');
  sim.invoke('ModifyRule', { RuleArn: rulesOf(sim)[0]!.RuleArn, Actions: forwardTo(green) });
  expect(rulesOf(sim)[0]).toMatchObject({
    Conditions: [{ Field: 'path-pattern', Values: ['/api/*'] }],
    Actions: [{ Type: 'forward', TargetGroupArn: green, Order: 1 }],
  });
  expect(sim.refused('ModifyRule', { RuleArn: rulesOf(sim)[2]!.RuleArn, Actions: [] }).code).toBe(
    'OperationNotPermittedException',
  );
});

test.each([
  { operation: 'DescribeLoadBalancers', input: { Names: ['none'] }, code: 'LoadBalancerNotFoundException' },
  { operation: 'DescribeTargetGroups', input: { Names: ['none'] }, code: 'TargetGroupNotFoundException' },
  { operation: 'DescribeListeners', input: { ListenerArns: ['none'] }, code: 'ListenerNotFoundException' },
  {
    operation: 'DescribeTargetHealth',
    input: { TargetGroupArn: 'none' },
    code: 'TargetGroupNotFoundException',
  },
])('$operation answers $code for what is not there', ({ operation, input, code }) => {
  expect(bank().refused(operation, input).code).toBe(code);
});

test('tags are added and described by ARN', () => {
  const sim = bank();
  const ResourceArns = [groupArn(sim, 'green'), balancerOf(sim).LoadBalancerArn!];
  sim.invoke('AddTags', { ResourceArns, Tags: [{ Key: 'Team', Value: 'core' }] });
  expect(sim.invoke('DescribeTags', { ResourceArns })).toEqual({
    TagDescriptions: [
      {
        ResourceArn: ResourceArns[0],
        Tags: [
          { Key: 'DR-Wave', Value: '3' },
          { Key: 'Team', Value: 'core' },
        ],
      },
      {
        ResourceArn: ResourceArns[1],
        Tags: [
          { Key: 'DR-Enabled', Value: 'true' },
          { Key: 'Team', Value: 'core' },
        ],
      },
    ],
  });
});

test('a listener that forwards to no known group is refused when the scenario is read', () => {
  const section = { loadBalancers: [{ name: 'bank', listeners: [{ port: 80, forward: 'none' }] }] };
  expect(service.scenario!.safeParse(section).error!.issues).toMatchObject([
    { path: ['loadBalancers', 0], message: 'no target group none' },
  ]);
});
