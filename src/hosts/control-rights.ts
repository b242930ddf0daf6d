import type { Right } from '#adapters/rights.ts';

/**
 * What the control plane does on AWS by itself, besides assessing plans (`assessActions`): as `RIGHTS` has it for the adapters. It is
 * apart, because an adapter that tags what it launches must not get the right to tag source servers with it.
 */
export const CONTROL_RIGHTS: readonly Right[] = [
  { id: 'ControlIsDrsReady', actions: ['drs:DescribeReplicationConfigurationTemplates'], on: 'everything' },
  {
    id: 'ControlLaunchConfigurations',
    actions: ['drs:GetLaunchConfiguration', 'drs:UpdateLaunchConfiguration'],
    on: ['drs:*:ACCOUNT:source-server/*'],
  },
  {
    // Some of a launch configuration DRS keeps in the server's launch template, and changes with the caller's rights.
    id: 'ControlLaunchTemplates',
    actions: ['ec2:CreateLaunchTemplateVersion', 'ec2:ModifyLaunchTemplate'],
    on: ['ec2:*:ACCOUNT:launch-template/*'],
    conditions: { Bool: { 'aws:ViaAWSService': 'true' } },
  },
  {
    id: 'ControlServerTags',
    actions: ['drs:TagResource', 'drs:UntagResource'],
    on: ['drs:*:ACCOUNT:source-server/*'],
  },
  { id: 'ControlDiscovery', actions: ['tag:GetResources'], on: 'everything' },
  { id: 'ControlTopics', actions: ['sns:Publish'], on: ['sns:*:ACCOUNT:*'] },
  {
    id: 'ControlEventBuses',
    actions: ['events:DescribeEventBus', 'events:PutEvents'],
    on: ['events:*:ACCOUNT:event-bus/*'],
  },
];
