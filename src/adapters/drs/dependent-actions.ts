import type { DependentActions } from '../contract.ts';

/** The column "Dependent actions" of this page. */
const SOURCE =
  'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticdisasterrecovery.html';

const ec2 = (name: string): string => `ec2:${name}`;

/** DRS launches in EC2 with the rights of whoever called StartRecovery. Without them it accepts the call, and the job ends with nothing launched. */
export const LAUNCH_ACTIONS: DependentActions = {
  calledWith: 'drs:StartRecovery',
  source: SOURCE,
  actions: [
    'drs:CreateRecoveryInstanceForDrs',
    'drs:ListTagsForResource',
    ...['DescribeAccountAttributes', 'DescribeAvailabilityZones', 'DescribeImages'].map(ec2),
    ...['DescribeInstanceAttribute', 'DescribeInstanceStatus', 'DescribeInstanceTypes'].map(ec2),
    ...['DescribeInstances', 'DescribeLaunchTemplateVersions', 'DescribeLaunchTemplates'].map(ec2),
    ...['DescribeSecurityGroups', 'DescribeSnapshots', 'DescribeSubnets', 'DescribeVolumes'].map(ec2),
    ...['CreateLaunchTemplate', 'CreateLaunchTemplateVersion', 'DeleteLaunchTemplateVersions'].map(ec2),
    ...['ModifyLaunchTemplate', 'CreateSnapshot', 'DeleteSnapshot', 'CreateVolume', 'AttachVolume'].map(ec2),
    ...['DetachVolume', 'DeleteVolume', 'RunInstances', 'StartInstances', 'StopInstances'].map(ec2),
    ...['TerminateInstances', 'ModifyInstanceAttribute', 'CreateTags'].map(ec2),
    ...['AuthorizeSecurityGroupEgress', 'AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupEgress'].map(
      ec2,
    ),
    'iam:PassRole',
  ],
};

/** A call that puts tags on what it makes is asked for this right besides. */
export const TAGGED_JOB: DependentActions = {
  calledWith: 'drs:StartRecovery',
  source: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_drs.html',
  actions: ['drs:TagResource'],
};

/** Without it, a job has been seen to end with nothing launched; AWS does not list it. */
export const LAUNCH_SETTINGS: DependentActions = {
  calledWith: 'drs:StartRecovery',
  source: 'reports of jobs that ended as COMPLETED with no server launched',
  actions: ['drs:GetLaunchConfiguration'],
};

export const TERMINATE_ACTIONS: DependentActions = {
  calledWith: 'drs:TerminateRecoveryInstances',
  source: SOURCE,
  actions: [
    'drs:DescribeSourceServers',
    ...['DescribeInstances', 'DescribeVolumes', 'DeleteVolume', 'TerminateInstances'].map(ec2),
  ],
};
