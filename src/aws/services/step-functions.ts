import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { one, type CallsOf } from '../operation-spec.ts';
import type { ClientConfig, ServiceSpec } from '../service-spec.ts';

/**
 * What Breakwater calls of AWS Step Functions. All may be repeated: StartExecution by the name of the execution, and a token ends its
 * task once. `getExecutionHistory` answers one page.
 */
export const stepFunctionsService = {
  iamPrefix: 'states',
  newClient: (config: ClientConfig) => new SFNClient(config),
  operations: {
    startExecution: one(StartExecutionCommand),
    stopExecution: one(StopExecutionCommand),
    describeExecution: one(DescribeExecutionCommand),
    describeStateMachine: one(DescribeStateMachineCommand),
    getExecutionHistory: one(GetExecutionHistoryCommand),
    sendTaskSuccess: one(SendTaskSuccessCommand),
    sendTaskFailure: one(SendTaskFailureCommand),
    sendTaskHeartbeat: one(SendTaskHeartbeatCommand),
  },
} satisfies ServiceSpec;

export type StepFunctionsCalls = CallsOf<typeof stepFunctionsService.operations>;
