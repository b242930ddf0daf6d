import {
  AddTagsCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  InvalidTargetException,
  ModifyListenerCommand,
  ModifyRuleCommand,
  RegisterTargetsCommand,
  TargetGroupNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, test } from 'vitest';
import { wireWorld } from '../wire-testing.ts';

const rules = [{ priority: 1, paths: ['/api/*'], forward: 'blue' }];
const sim = wireWorld({
  regions: {
    'eu-west-1': {
      ec2: { instances: [{ id: 'i-app01', name: 'app-1' }] },
      elbv2: {
        targetGroups: [{ name: 'blue' }, { name: 'green' }],
        loadBalancers: [{ name: 'bank', listeners: [{ port: 80, forward: 'blue', rules }] }],
      },
    },
  },
});
const elbv2 = new ElasticLoadBalancingV2Client(sim.client());

async function blue(): Promise<string> {
  const { TargetGroups } = await elbv2.send(new DescribeTargetGroupsCommand({ Names: ['blue'] }));
  return TargetGroups![0]!.TargetGroupArn!;
}

test('a target is registered, becomes healthy and drains as a real client sees it', async () => {
  const target = { TargetGroupArn: await blue(), Targets: [{ Id: 'i-app01' }] };
  const stateOf = async (): Promise<string | undefined> => {
    const { TargetHealthDescriptions } = await elbv2.send(new DescribeTargetHealthCommand(target));
    return TargetHealthDescriptions![0]!.TargetHealth!.State;
  };
  await elbv2.send(new RegisterTargetsCommand(target));
  expect(await stateOf()).toBe('initial');
  sim.pass(150);
  expect(await stateOf()).toBe('healthy');
  await elbv2.send(new DeregisterTargetsCommand(target));
  expect(await stateOf()).toBe('draining');
});

test('listeners, rules and tags cross the wire', async () => {
  const { LoadBalancers } = await elbv2.send(new DescribeLoadBalancersCommand({ Names: ['bank'] }));
  const { LoadBalancerArn, State, Type } = LoadBalancers![0]!;
  expect([State!.Code, Type]).toEqual(['active', 'application']);
  const { Listeners } = await elbv2.send(new DescribeListenersCommand({ LoadBalancerArn }));
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: await blue() }];
  const { ListenerArn } = Listeners![0]!;
  const modified = await elbv2.send(new ModifyListenerCommand({ ListenerArn, DefaultActions }));
  expect(modified.Listeners![0]!.DefaultActions).toEqual([{ ...DefaultActions[0], Order: 1 }]);
  const { Rules } = await elbv2.send(new DescribeRulesCommand({ ListenerArn }));
  expect(Rules!.map((rule) => [rule.Priority, rule.IsDefault])).toEqual([
    ['1', false],
    ['default', true],
  ]);
  await elbv2.send(new ModifyRuleCommand({ RuleArn: Rules![0]!.RuleArn, Actions: DefaultActions }));
  await elbv2.send(
    new AddTagsCommand({ ResourceArns: [LoadBalancerArn!], Tags: [{ Key: 'a', Value: '1' }] }),
  );
  const { TagDescriptions } = await elbv2.send(new DescribeTagsCommand({ ResourceArns: [LoadBalancerArn!] }));
  expect(TagDescriptions).toEqual([{ ResourceArn: LoadBalancerArn, Tags: [{ Key: 'a', Value: '1' }] }]);
});

test('errors are typed', async () => {
  const bad = elbv2.send(
    new RegisterTargetsCommand({ TargetGroupArn: await blue(), Targets: [{ Id: 'i-none' }] }),
  );
  await expect(bad).rejects.toBeInstanceOf(InvalidTargetException);
  const unknown = elbv2.send(new DescribeTargetGroupsCommand({ Names: ['none'] }));
  await expect(unknown).rejects.toBeInstanceOf(TargetGroupNotFoundException);
});
