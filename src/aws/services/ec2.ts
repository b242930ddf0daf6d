import {
  EC2Client,
  CreateTagsCommand,
  DescribeInstancesCommand,
  DescribeInstanceStatusCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { all, one, type CallsOf } from '../operation-spec.ts';
import type { ClientConfig, ServiceSpec } from '../service-spec.ts';

/** What Breakwater calls of Amazon EC2. `describeInstances` answers instances, without their reservations. */
export const ec2Service = {
  iamPrefix: 'ec2',
  newClient: (config: ClientConfig) => new EC2Client(config),
  operations: {
    describeInstances: all(
      DescribeInstancesCommand,
      (output) => output.Reservations?.flatMap((reservation) => reservation.Instances ?? []),
      ['NextToken', 'NextToken'],
    ),
    describeInstanceStatus: all(DescribeInstanceStatusCommand, (output) => output.InstanceStatuses, [
      'NextToken',
      'NextToken',
    ]),
    startInstances: one(StartInstancesCommand),
    stopInstances: one(StopInstancesCommand),
    createTags: one(CreateTagsCommand),
  },
} satisfies ServiceSpec;

export type Ec2Calls = CallsOf<typeof ec2Service.operations>;
