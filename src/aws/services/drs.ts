import {
  DrsClient,
  DescribeJobLogItemsCommand,
  DescribeJobsCommand,
  DescribeRecoveryInstancesCommand,
  DescribeRecoverySnapshotsCommand,
  DescribeReplicationConfigurationTemplatesCommand,
  DescribeSourceServersCommand,
  GetLaunchConfigurationCommand,
  StartRecoveryCommand,
  TagResourceCommand,
  TerminateRecoveryInstancesCommand,
  UntagResourceCommand,
  UpdateLaunchConfigurationCommand,
} from '@aws-sdk/client-drs';
import { all, once, one, type CallsOf } from '../operation-spec.ts';
import type { ClientConfig, ServiceSpec } from '../service-spec.ts';

/** What Breakwater calls of AWS Elastic Disaster Recovery. */
export const drsService = {
  iamPrefix: 'drs',
  newClient: (config: ClientConfig) => new DrsClient(config),
  operations: {
    describeSourceServers: all(DescribeSourceServersCommand, (output) => output.items, [
      'nextToken',
      'nextToken',
    ]),
    describeJobs: all(DescribeJobsCommand, (output) => output.items, ['nextToken', 'nextToken']),
    describeJobLogItems: all(DescribeJobLogItemsCommand, (output) => output.items, [
      'nextToken',
      'nextToken',
    ]),
    describeRecoveryInstances: all(DescribeRecoveryInstancesCommand, (output) => output.items, [
      'nextToken',
      'nextToken',
    ]),
    describeRecoverySnapshots: all(DescribeRecoverySnapshotsCommand, (output) => output.items, [
      'nextToken',
      'nextToken',
    ]),
    /** Fails with `AwsNotInitialized` where nobody has set DRS up in the Region: the cheapest way to ask. */
    describeReplicationConfigurationTemplates: all(
      DescribeReplicationConfigurationTemplatesCommand,
      (output) => output.items,
      ['nextToken', 'nextToken'],
    ),
    startRecovery: once(StartRecoveryCommand),
    terminateRecoveryInstances: once(TerminateRecoveryInstancesCommand),
    getLaunchConfiguration: one(GetLaunchConfigurationCommand),
    updateLaunchConfiguration: one(UpdateLaunchConfigurationCommand),
    tagResource: one(TagResourceCommand),
    untagResource: one(UntagResourceCommand),
  },
} satisfies ServiceSpec;

export type DrsCalls = CallsOf<typeof drsService.operations>;
