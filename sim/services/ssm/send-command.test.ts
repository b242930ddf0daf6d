import type {
  DescribeInstanceInformationCommandOutput,
  GetCommandInvocationCommandOutput,
  ListCommandInvocationsCommandOutput,
  ListCommandsCommandOutput,
  SendCommandCommandOutput,
} from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, testWorld, type TestWorld } from '../testing.ts';
import { service } from './index.ts';
import type { ExecutionRow } from './rows.ts';

const APP_1 = 'i-0000000000000000a';
const APP_2 = 'i-0000000000000000b';
const LOST = 'i-0000000000000000c';
const WINDOWS = 'i-0000000000000000d';

const nodes = [
  { id: APP_1, name: 'app-1', tags: { Tier: 'app' } },
  { id: APP_2, name: 'app-2', tags: { Tier: 'app' } },
  { id: LOST, name: 'lost', ping: 'ConnectionLost', tags: { Tier: 'lost' } },
  { id: WINDOWS, name: 'win-1', platform: 'Windows' },
];

function bank(section: object = {}): TestWorld {
  return testWorld([service], { ssm: { 'eu-west-1': { nodes, ...section } } });
}

const shell = { DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['echo started'] } };

function send(sim: TestWorld, input: object = { InstanceIds: [APP_1] }): string {
  return sim.invoke<SendCommandCommandOutput>('SendCommand', { ...shell, ...input }).Command!.CommandId!;
}

function invocationOf(
  sim: TestWorld,
  CommandId: string,
  InstanceId = APP_1,
): GetCommandInvocationCommandOutput {
  return sim.invoke('GetCommandInvocation', { CommandId, InstanceId });
}

function commandOf(sim: TestWorld, CommandId: string) {
  return sim.invoke<ListCommandsCommandOutput>('ListCommands', { CommandId }).Commands![0]!;
}

function executionsOf(sim: TestWorld): ExecutionRow[] {
  return sim.world.table<ExecutionRow>({ accountId: ACCOUNT, region: 'eu-west-1' }, 'ssm.executions').all();
}

describe('SendCommand', () => {
  test('runs a script on a node: unknown at first, then in progress, then a success with its output', () => {
    const sim = bank({ scripts: [{ match: 'echo started', durationSeconds: 10 }] });
    const id = send(sim, { InstanceIds: [APP_1], Comment: 'exec-1/w2/t1' });
    expect(sim.refused('GetCommandInvocation', { CommandId: id, InstanceId: APP_1 }).code).toBe(
      'InvocationDoesNotExist',
    );
    sim.pass(2);
    expect(invocationOf(sim, id)).toMatchObject({
      Status: 'InProgress',
      ResponseCode: -1,
      StandardOutputContent: '',
    });
    expect(commandOf(sim, id)).toMatchObject({
      Status: 'InProgress',
      Comment: 'exec-1/w2/t1',
      TargetCount: 1,
    });
    sim.pass(10);
    expect(invocationOf(sim, id)).toMatchObject({
      Status: 'Success',
      StatusDetails: 'Success',
      ResponseCode: 0,
      StandardOutputContent: 'started\n',
    });
    expect(commandOf(sim, id)).toMatchObject({ Status: 'Success', CompletedCount: 1, ErrorCount: 0 });
  });

  test('the same command sent twice runs twice, and both are counted', () => {
    const sim = bank();
    send(sim);
    send(sim);
    expect(executionsOf(sim).map((row) => [row.instanceId, row.script])).toEqual([
      [APP_1, 'AWS-RunShellScript\necho started'],
      [APP_1, 'AWS-RunShellScript\necho started'],
    ]);
  });

  test('fails where the scenario says so, the given number of times', () => {
    const sim = bank({
      scripts: [
        { match: 'echo started', instances: ['app-2'], failTimes: 1, exitCode: 7, stderr: 'no licence' },
      ],
    });
    const both = { InstanceIds: [APP_1, APP_2], MaxErrors: '5' };
    const first = send(sim, both);
    sim.pass(60);
    expect(invocationOf(sim, first, APP_1).Status).toBe('Success');
    expect(invocationOf(sim, first, APP_2)).toMatchObject({
      Status: 'Failed',
      ResponseCode: 7,
      StandardErrorContent: 'no licence',
    });
    expect(commandOf(sim, first)).toMatchObject({ Status: 'Failed', ErrorCount: 1 });
    const second = send(sim, both);
    sim.pass(60);
    expect(commandOf(sim, second).Status).toBe('Success');
  });

  test('ends with a time-out when a script runs longer than its executionTimeout', () => {
    const sim = bank({ scripts: [{ match: '.', durationSeconds: 900 }] });
    const id = send(sim, { InstanceIds: [APP_1], Parameters: { commands: ['x'], executionTimeout: ['60'] } });
    sim.pass(62);
    expect(invocationOf(sim, id)).toMatchObject({ Status: 'TimedOut', StatusDetails: 'Execution Timed Out' });
    expect(commandOf(sim, id).Status).toBe('TimedOut');
  });

  test('times out in delivery to a node that a tag names but that does not answer', () => {
    const sim = bank();
    const id = send(sim, { Targets: [{ Key: 'tag:Tier', Values: ['lost'] }], TimeoutSeconds: 30 });
    sim.pass(29);
    expect(commandOf(sim, id).Status).toBe('Pending');
    sim.pass(1);
    expect(commandOf(sim, id)).toMatchObject({ Status: 'TimedOut', DeliveryTimedOutCount: 1 });
    expect(executionsOf(sim)).toEqual([]);
  });

  test('a tag that matches nothing is a success without a target', () => {
    const sim = bank();
    const id = send(sim, { Targets: [{ Key: 'tag:Tier', Values: ['none'] }] });
    expect(commandOf(sim, id)).toMatchObject({
      Status: 'Success',
      StatusDetails: 'NoInstancesInTag',
      TargetCount: 0,
    });
  });

  test('with MaxConcurrency 1 nodes follow each other, and none begins after more than MaxErrors failures', () => {
    const sim = bank({ scripts: [{ match: '.', durationSeconds: 10, exitCode: 1 }] });
    const id = send(sim, { Targets: [{ Key: 'tag:Tier', Values: ['app'] }], MaxConcurrency: '1' });
    sim.pass(60);
    expect(invocationOf(sim, id, APP_1).Status).toBe('Failed');
    expect(invocationOf(sim, id, APP_2)).toMatchObject({ Status: 'Cancelled', StatusDetails: 'Terminated' });
    expect(executionsOf(sim).map((row) => row.instanceId)).toEqual([APP_1]);
  });

  test.each([
    { name: 'an unknown node', input: { InstanceIds: ['i-00000000000000fff'] }, code: 'InvalidInstanceId' },
    { name: 'a node that does not answer', input: { InstanceIds: [APP_1, LOST] }, code: 'InvalidInstanceId' },
    { name: '51 nodes', input: { InstanceIds: Array<string>(51).fill(APP_1) }, code: 'ValidationException' },
    { name: 'no target', input: {}, code: 'ValidationException' },
    {
      name: 'a long comment',
      input: { InstanceIds: [APP_1], Comment: 'x'.repeat(101) },
      code: 'ValidationException',
    },
    {
      name: 'a concurrency of nothing',
      input: { InstanceIds: [APP_1], MaxConcurrency: '0' },
      code: 'ValidationException',
    },
    {
      name: 'an unknown document',
      input: { InstanceIds: [APP_1], DocumentName: 'Nope' },
      code: 'InvalidDocument',
    },
    { name: 'missing commands', input: { InstanceIds: [APP_1], Parameters: {} }, code: 'InvalidParameters' },
    { name: 'the wrong platform', input: { InstanceIds: [WINDOWS] }, code: 'UnsupportedPlatformType' },
  ])('refuses $name with $code, and nothing runs', ({ input, code }) => {
    const sim = bank();
    expect(sim.refused('SendCommand', { ...shell, ...input }).code).toBe(code);
    expect(executionsOf(sim)).toEqual([]);
  });
});

describe('CancelCommand', () => {
  test('stops what runs and keeps what has not begun from running', () => {
    const sim = bank({ scripts: [{ match: '.', durationSeconds: 100 }] });
    const id = send(sim, { InstanceIds: [APP_1, APP_2], MaxConcurrency: '1' });
    sim.pass(10);
    sim.invoke('CancelCommand', { CommandId: id });
    expect(invocationOf(sim, id).Status).toBe('Cancelling');
    sim.pass(1);
    expect(commandOf(sim, id).Status).toBe('Cancelled');
    expect(executionsOf(sim).map((row) => row.instanceId)).toEqual([APP_1]);
  });
});

describe('reading', () => {
  test('ListCommandInvocations gives output with Details and pages', () => {
    const sim = bank();
    const CommandId = send(sim, { InstanceIds: [APP_1, APP_2] });
    sim.pass(60);
    const list = (input: object): ListCommandInvocationsCommandOutput =>
      sim.invoke('ListCommandInvocations', { CommandId, MaxResults: 1, ...input });
    const first = list({ Details: true });
    const second = list({ NextToken: first.NextToken });
    expect(first.CommandInvocations![0]!.CommandPlugins![0]).toMatchObject({
      Status: 'Success',
      Output: 'started\n',
    });
    expect(second.CommandInvocations!.map((row) => [row.InstanceId, row.CommandPlugins])).toEqual([
      [APP_2, []],
    ]);
    expect(second.NextToken).toBeUndefined();
  });

  test('ListCommands finds commands by time of sending, newest first', () => {
    const sim = bank();
    send(sim);
    sim.pass(100);
    const [second, third] = [send(sim), send(sim)];
    const Filters = [{ key: 'InvokedAfter', value: '2026-03-01T10:01:00Z' }];
    const found = sim.invoke<ListCommandsCommandOutput>('ListCommands', { Filters }).Commands!;
    expect(found.map((command) => command.CommandId)).toEqual([third, second]);
  });

  test('DescribeInstanceInformation filters by ping status and tag', () => {
    const sim = bank();
    const ids = (Filters: object[]): (string | undefined)[] =>
      sim
        .invoke<DescribeInstanceInformationCommandOutput>('DescribeInstanceInformation', { Filters })
        .InstanceInformationList!.map((node) => node.InstanceId);
    expect(ids([{ Key: 'PingStatus', Values: ['ConnectionLost'] }])).toEqual([LOST]);
    expect(ids([{ Key: 'tag:Tier', Values: ['app'] }])).toEqual([APP_1, APP_2]);
    expect(ids([{ Key: 'InstanceIds', Values: ['i-00000000000000fff'] }])).toEqual([]);
  });

  test('documents: Amazon’s own and the account’s', () => {
    const sim = bank({ documents: [{ name: 'Bank-Start', platforms: ['Linux'] }] });
    expect(sim.invoke('DescribeDocument', { Name: 'Bank-Start' })).toMatchObject({
      Document: { Name: 'Bank-Start', Owner: ACCOUNT, Status: 'Active', DocumentType: 'Command' },
    });
    expect(sim.invoke('ListDocuments', { Filters: [{ Key: 'Owner', Values: ['Self'] }] })).toMatchObject({
      DocumentIdentifiers: [{ Name: 'Bank-Start' }],
    });
    expect(sim.refused('DescribeDocument', { Name: 'Nope' }).code).toBe('InvalidDocument');
  });
});
