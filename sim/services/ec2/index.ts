import type { Handlers, ServiceDefinition } from '#sim/kernel/contract.ts';
import { rebootInstances, startInstances, stopInstances, terminateInstances } from './change-state.ts';
import { describeInstanceStatus } from './describe-instance-status.ts';
import { describeInstances } from './describe-instances.ts';
import { describeAvailabilityZones, describeRegions } from './regions.ts';
import { runInstances } from './run-instances.ts';
import { Ec2Section, seed } from './scenario.ts';
import { changeTags, createTags, deleteTags, describeTags, taggedResources } from './tags.ts';

export const service: ServiceDefinition = {
  name: 'ec2',
  operations: {
    CreateTags: createTags,
    DeleteTags: deleteTags,
    DescribeAvailabilityZones: describeAvailabilityZones,
    DescribeInstanceStatus: describeInstanceStatus,
    DescribeInstances: describeInstances,
    DescribeRegions: describeRegions,
    DescribeTags: describeTags,
    RebootInstances: rebootInstances,
    RunInstances: runInstances,
    StartInstances: startInstances,
    StopInstances: stopInstances,
    TerminateInstances: terminateInstances,
  } satisfies Handlers<typeof import('@aws-sdk/client-ec2')>,
  scenario: Ec2Section,
  seed,
  changeTags,
  taggedResources,
};
