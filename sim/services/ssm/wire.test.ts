import {
  CancelCommandCommand,
  DescribeDocumentCommand,
  DescribeInstanceInformationCommand,
  GetAutomationExecutionCommand,
  GetCommandInvocationCommand,
  GetDocumentCommand,
  GetParametersCommand,
  InvalidInstanceId,
  InvocationDoesNotExist,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  ListDocumentsCommand,
  SendCommandCommand,
  SSMClient,
  StartAutomationExecutionCommand,
} from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { START } from '../testing.ts';
import { wireWorld } from '../wire-testing.ts';

const sim = wireWorld({
  regions: {
    'eu-west-1': {
      ec2: {
        instances: [
          { id: 'i-app01', name: 'app-1', tags: { Tier: 'app' } },
          { id: 'i-app02', name: 'app-2', ssmAgent: 'offline' },
          { id: 'i-app03', name: 'app-3', state: 'stopped' },
        ],
      },
      ssm: { parameters: { db: 'ledger' }, documents: [{ name: 'Bank-Start', type: 'Automation' }] },
    },
  },
});
const ssm = new SSMClient(sim.client());

const shell = { DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['echo started'] } };

test('a running EC2 instance with an agent is a managed node; one without or stopped is not online', async () => {
  const { InstanceInformationList } = await ssm.send(new DescribeInstanceInformationCommand({}));
  const online = InstanceInformationList!.filter((node) => node.PingStatus === 'Online');
  expect(online).toMatchObject([{ InstanceId: 'i-app01', PlatformType: 'Linux', ComputerName: 'app-1' }]);
});

test('a command runs on an EC2 instance as a real client sees it', async () => {
  const { Command } = await ssm.send(
    new SendCommandCommand({ ...shell, InstanceIds: ['i-app01'], Comment: 'c' }),
  );
  const where = { CommandId: Command!.CommandId!, InstanceId: 'i-app01' };
  expect(Command).toMatchObject({ Status: 'Pending', RequestedDateTime: new Date(START) });
  await expect(ssm.send(new GetCommandInvocationCommand(where))).rejects.toBeInstanceOf(
    InvocationDoesNotExist,
  );
  sim.pass(60);
  expect(await ssm.send(new GetCommandInvocationCommand(where))).toMatchObject({
    Status: 'Success',
    ResponseCode: 0,
    StandardOutputContent: 'started\n',
  });
  const list = await ssm.send(
    new ListCommandInvocationsCommand({ CommandId: where.CommandId, Details: true }),
  );
  expect(list.CommandInvocations![0]!.CommandPlugins![0]).toMatchObject({
    Name: 'aws:runShellScript',
    Output: 'started\n',
  });
  expect((await ssm.send(new ListCommandsCommand({}))).Commands).toMatchObject([
    { Comment: 'c', Status: 'Success' },
  ]);
  await ssm.send(new CancelCommandCommand({ CommandId: where.CommandId }));
});

test('an instance that is no managed node is refused with a typed error', async () => {
  const sent = ssm.send(new SendCommandCommand({ ...shell, InstanceIds: ['i-app01', 'i-app02', 'i-app03'] }));
  await expect(sent).rejects.toBeInstanceOf(InvalidInstanceId);
  await expect(sent).rejects.toThrow(
    'Instances [[i-app02, i-app03]] not in a valid state for account 111122223333',
  );
});

test('documents, parameters and automations cross the wire', async () => {
  expect((await ssm.send(new DescribeDocumentCommand({ Name: 'AWS-RunShellScript' }))).Document!.Owner).toBe(
    'Amazon',
  );
  expect((await ssm.send(new GetDocumentCommand({ Name: 'Bank-Start' }))).DocumentType).toBe('Automation');
  expect((await ssm.send(new ListDocumentsCommand({}))).DocumentIdentifiers!.length).toBe(7);
  const { Parameters } = await ssm.send(new GetParametersCommand({ Names: ['db'] }));
  expect(Parameters).toMatchObject([{ Name: 'db', Value: 'ledger' }]);
  const { AutomationExecutionId } = await ssm.send(
    new StartAutomationExecutionCommand({ DocumentName: 'Bank-Start' }),
  );
  sim.pass(2);
  const { AutomationExecution } = await ssm.send(
    new GetAutomationExecutionCommand({ AutomationExecutionId }),
  );
  expect(AutomationExecution!.AutomationExecutionStatus).toBe('Success');
});
