import {
  SSMClient,
  CancelCommandCommand,
  DescribeDocumentCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { all, once, one, type CallsOf } from '../operation-spec.ts';
import type { ClientConfig, ServiceSpec } from '../service-spec.ts';

/** What Breakwater calls of AWS Systems Manager. */
export const ssmService = {
  iamPrefix: 'ssm',
  newClient: (config: ClientConfig) => new SSMClient(config),
  operations: {
    sendCommand: once(SendCommandCommand),
    cancelCommand: one(CancelCommandCommand),
    listCommands: all(ListCommandsCommand, (output) => output.Commands, ['NextToken', 'NextToken']),
    listCommandInvocations: all(ListCommandInvocationsCommand, (output) => output.CommandInvocations, [
      'NextToken',
      'NextToken',
    ]),
    getCommandInvocation: one(GetCommandInvocationCommand),
    describeInstanceInformation: all(
      DescribeInstanceInformationCommand,
      (output) => output.InstanceInformationList,
      ['NextToken', 'NextToken'],
    ),
    describeDocument: one(DescribeDocumentCommand),
  },
} satisfies ServiceSpec;

export type SsmCalls = CallsOf<typeof ssmService.operations>;
