import type { Handlers, ServiceDefinition } from '#sim/kernel/contract.ts';
import { getAutomationExecution, startAutomationExecution } from './automations.ts';
import { cancelCommand, listCommands } from './commands.ts';
import { describeDocument, getDocument, listDocuments } from './documents.ts';
import { describeInstanceInformation } from './instance-information.ts';
import { getCommandInvocation, listCommandInvocations } from './invocations.ts';
import { getParameter, getParameters } from './parameters.ts';
import { seed, SsmSection } from './scenario.ts';
import { sendCommand } from './send-command.ts';

export const service: ServiceDefinition = {
  name: 'ssm',
  operations: {
    CancelCommand: cancelCommand,
    DescribeDocument: describeDocument,
    DescribeInstanceInformation: describeInstanceInformation,
    GetAutomationExecution: getAutomationExecution,
    GetCommandInvocation: getCommandInvocation,
    GetDocument: getDocument,
    GetParameter: getParameter,
    GetParameters: getParameters,
    ListCommandInvocations: listCommandInvocations,
    ListCommands: listCommands,
    ListDocuments: listDocuments,
    SendCommand: sendCommand,
    StartAutomationExecution: startAutomationExecution,
  } satisfies Handlers<typeof import('@aws-sdk/client-ssm')>,
  scenario: SsmSection,
  seed,
};
