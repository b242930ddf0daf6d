import type {
  DescribeTargetGroupsCommandOutput,
  DescribeTargetHealthCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import { service as ec2 } from '../ec2/index.ts';
import { ACCOUNT, testWorld, type TestWorld } from '../testing.ts';
import { service } from './index.ts';

const instances = [
  { id: 'i-app01', name: 'app-1' },
  { id: 'i-app02', name: 'app-2' },
  { id: 'i-off01', name: 'off-1', state: 'stopped' },
];

function bank(group: object = {}, listeners: object[] = [{ port: 80, forward: 'app' }]): TestWorld {
  const elbv2 = {
    targetGroups: [{ name: 'app', port: 8080, ...group }],
    loadBalancers: [{ name: 'bank', listeners }],
  };
  return testWorld([service, ec2], { ec2: { 'eu-west-1': { instances } }, elbv2: { 'eu-west-1': elbv2 } });
}

function groupArn(sim: TestWorld): string {
  const { TargetGroups } = sim.invoke<DescribeTargetGroupsCommandOutput>('DescribeTargetGroups', {
    Names: ['app'],
  });
  return TargetGroups![0]!.TargetGroupArn!;
}

function healthOf(sim: TestWorld, input: object = {}): unknown[] {
  const output = sim.invoke<DescribeTargetHealthCommandOutput>('DescribeTargetHealth', {
    TargetGroupArn: groupArn(sim),
    ...input,
  });
  return output.TargetHealthDescriptions!.map(({ Target, TargetHealth }) => [
    `${Target!.Id}:${Target!.Port}`,
    TargetHealth!.State,
    TargetHealth!.Reason,
  ]);
}

function register(sim: TestWorld, ...ids: string[]): void {
  sim.invoke('RegisterTargets', { TargetGroupArn: groupArn(sim), Targets: ids.map((Id) => ({ Id })) });
}

describe('a target', () => {
  test('is initial for five checks of 30 seconds, then healthy', () => {
    const sim = bank();
    register(sim, 'i-app01');
    sim.pass(149);
    expect(healthOf(sim)).toEqual([['i-app01:8080', 'initial', 'Elb.InitialHealthChecking']]);
    sim.pass(1);
    expect(healthOf(sim)).toEqual([['i-app01:8080', 'healthy', undefined]]);
  });

  test('registered again stays as it is', () => {
    const sim = bank({ targets: ['i-app01'] });
    register(sim, 'i-app01');
    expect(healthOf(sim)).toEqual([['i-app01:8080', 'healthy', undefined]]);
  });

  test('that the scenario declares unhealthy, by Name tag, fails its checks', () => {
    const sim = bank({ unhealthyTargets: ['app-2'], targets: ['i-app01', 'i-app02'] });
    expect(healthOf(sim)).toEqual([
      ['i-app01:8080', 'healthy', undefined],
      ['i-app02:8080', 'unhealthy', 'Target.FailedHealthChecks'],
    ]);
  });

  test('of a group that no listener forwards to is unused', () => {
    expect(healthOf(bank({ targets: ['i-app01'] }, []))).toEqual([
      ['i-app01:8080', 'unused', 'Target.NotInUse'],
    ]);
  });

  test('whose instance has stopped is unused', () => {
    expect(healthOf(bank({ targets: ['i-off01'] }))).toEqual([
      ['i-off01:8080', 'unused', 'Target.InvalidState'],
    ]);
  });

  test('drains for 300 seconds when it is deregistered, then is gone', () => {
    const sim = bank({ targets: ['i-app01'] });
    sim.invoke('DeregisterTargets', { TargetGroupArn: groupArn(sim), Targets: [{ Id: 'i-app01' }] });
    sim.pass(299);
    expect(healthOf(sim)).toEqual([['i-app01:8080', 'draining', 'Target.DeregistrationInProgress']]);
    sim.pass(1);
    expect(healthOf(sim)).toEqual([]);
    expect(healthOf(sim, { Targets: [{ Id: 'i-app01' }] })).toEqual([
      ['i-app01:8080', 'unused', 'Target.NotRegistered'],
    ]);
  });

  test('deregistered twice, or never registered, is passed over', () => {
    const sim = bank({ targets: ['i-app01'] });
    const input = { TargetGroupArn: groupArn(sim), Targets: [{ Id: 'i-app01' }, { Id: 'i-app02' }] };
    sim.invoke('DeregisterTargets', input);
    sim.pass(100);
    sim.invoke('DeregisterTargets', input);
    sim.pass(200);
    expect(healthOf(sim)).toEqual([]);
  });
});

describe('RegisterTargets', () => {
  test.each([
    { name: 'an unknown instance', id: 'i-none', message: "Instance ID 'i-none' is not valid" },
    {
      name: 'a stopped instance',
      id: 'i-off01',
      message: "The following targets are not in a running state and cannot be registered: 'i-off01'",
    },
  ])('refuses $name and registers nothing', ({ id, message }) => {
    const sim = bank();
    const input = { TargetGroupArn: groupArn(sim), Targets: [{ Id: 'i-app01' }, { Id: id }] };
    const error = sim.refused('RegisterTargets', input);
    expect([error.code, error.message]).toEqual(['InvalidTargetException', message]);
    expect(healthOf(sim)).toEqual([]);
  });

  test('takes addresses where the group has them, and nothing else', () => {
    const sim = bank({ type: 'ip' });
    register(sim, '10.0.0.7');
    expect(healthOf(sim)).toEqual([['10.0.0.7:8080', 'initial', 'Elb.InitialHealthChecking']]);
    const input = { TargetGroupArn: groupArn(sim), Targets: [{ Id: 'i-app01' }] };
    expect(sim.refused('RegisterTargets', input).code).toBe('InvalidTargetException');
  });

  test('is counted', () => {
    const sim = bank();
    register(sim, 'i-app01', 'i-app02');
    expect(sim.world.table({ accountId: ACCOUNT, region: 'eu-west-1' }, 'elbv2.changes').all()).toMatchObject(
      [{ kind: 'register', targets: ['i-app01', 'i-app02'] }],
    );
  });
});
