/** How some IAM actions are allowed. */
export interface Right {
  readonly id: string;
  readonly actions: readonly string[];
  /** ARNs behind `arn:<partition>:`, with `ACCOUNT` for the account; `everything`: AWS has no resource level for them. */
  readonly on: 'everything' | readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/**
 * Only while AWS acts in the caller's name. AWS's own policy for people (AWSElasticDisasterRecoveryConsoleFullAccess_v2) asks besides for
 * the tag AWSElasticDisasterRecoveryManaged; servers have been reported that did not start because their launch templates lack it.
 */
const BY_AWS_ONLY = { Bool: { 'aws:ViaAWSService': 'true' } };

const ec2 = (...kinds: string[]): string[] => kinds.map((kind) => `ec2:*:ACCOUNT:${kind}/*`);
/** Images and snapshots bear no account in their ARNs. */
const SNAPSHOTS = 'ec2:*::snapshot/*';
const IMAGES = 'ec2:*::image/*';

/**
 * Every action that an operation may declare, and how narrow AWS lets it be:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 * (`infra/test/rights.test.ts` holds it against that reference).
 */
export const RIGHTS: readonly Right[] = [
  {
    id: 'DrsRead',
    actions: [
      'drs:DescribeJobs',
      'drs:DescribeRecoveryInstances',
      'drs:DescribeSourceServers',
      'drs:ListTagsForResource',
    ],
    on: 'everything',
  },
  { id: 'DrsJobs', actions: ['drs:DescribeJobLogItems'], on: ['drs:*:ACCOUNT:job/*'] },
  {
    id: 'DrsServers',
    actions: [
      'drs:CreateRecoveryInstanceForDrs',
      'drs:DescribeRecoverySnapshots',
      'drs:GetLaunchConfiguration',
      'drs:StartRecovery',
      'drs:UpdateLaunchConfiguration',
    ],
    on: ['drs:*:ACCOUNT:source-server/*'],
  },
  {
    id: 'DrsInstances',
    actions: ['drs:TerminateRecoveryInstances'],
    on: ['drs:*:ACCOUNT:recovery-instance/*'],
  },
  {
    id: 'DrsTagsOfWhatIsLaunched',
    actions: ['drs:TagResource'],
    on: ['drs:*:ACCOUNT:job/*', 'drs:*:ACCOUNT:recovery-instance/*'],
    conditions: { StringEquals: { 'drs:CreateAction': ['StartRecovery', 'CreateRecoveryInstanceForDrs'] } },
  },
  { id: 'Quotas', actions: ['servicequotas:ListServiceQuotas'], on: 'everything' },
  {
    id: 'Ec2Read',
    actions: [
      'ec2:DescribeAccountAttributes',
      'ec2:DescribeAvailabilityZones',
      'ec2:DescribeImages',
      'ec2:DescribeInstanceStatus',
      'ec2:DescribeInstanceTypes',
      'ec2:DescribeInstances',
      'ec2:DescribeLaunchTemplateVersions',
      'ec2:DescribeLaunchTemplates',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSnapshots',
      'ec2:DescribeSubnets',
      'ec2:DescribeVolumes',
    ],
    on: 'everything',
  },
  {
    id: 'DrsInEc2Instances',
    actions: [
      'ec2:DescribeInstanceAttribute',
      'ec2:ModifyInstanceAttribute',
      'ec2:StartInstances',
      'ec2:StopInstances',
      'ec2:TerminateInstances',
    ],
    on: ec2('instance'),
    conditions: BY_AWS_ONLY,
  },
  {
    id: 'DrsInEc2Volumes',
    actions: ['ec2:AttachVolume', 'ec2:CreateVolume', 'ec2:DeleteVolume', 'ec2:DetachVolume'],
    on: [...ec2('volume', 'instance'), SNAPSHOTS],
    conditions: BY_AWS_ONLY,
  },
  {
    id: 'DrsInEc2Snapshots',
    actions: ['ec2:CreateSnapshot', 'ec2:DeleteSnapshot'],
    on: [...ec2('volume'), SNAPSHOTS],
    conditions: BY_AWS_ONLY,
  },
  {
    id: 'DrsInEc2LaunchTemplates',
    actions: [
      'ec2:CreateLaunchTemplate',
      'ec2:CreateLaunchTemplateVersion',
      'ec2:DeleteLaunchTemplateVersions',
      'ec2:ModifyLaunchTemplate',
    ],
    on: ec2('launch-template'),
    conditions: BY_AWS_ONLY,
  },
  {
    id: 'DrsInEc2SecurityGroups',
    actions: [
      'ec2:AuthorizeSecurityGroupEgress',
      'ec2:AuthorizeSecurityGroupIngress',
      'ec2:RevokeSecurityGroupEgress',
    ],
    on: ec2('security-group'),
    conditions: BY_AWS_ONLY,
  },
  {
    id: 'DrsInEc2Launch',
    actions: ['ec2:RunInstances'],
    on: [
      ...ec2('instance', 'volume', 'network-interface', 'subnet', 'security-group', 'launch-template'),
      ...ec2('key-pair', 'placement-group'),
      IMAGES,
      SNAPSHOTS,
    ],
    conditions: BY_AWS_ONLY,
  },
  {
    id: 'DrsInEc2TagsOfWhatIsMade',
    actions: ['ec2:CreateTags'],
    on: [...ec2('instance', 'volume', 'network-interface', 'security-group', 'launch-template'), SNAPSHOTS],
    conditions: {
      ...BY_AWS_ONLY,
      StringEquals: {
        'ec2:CreateAction': ['CreateLaunchTemplate', 'CreateSnapshot', 'CreateVolume', 'RunInstances'],
      },
    },
  },
  {
    // The roles that DRS makes when it is initialized, and that it gives to the servers it launches.
    id: 'DrsRoles',
    actions: ['iam:PassRole'],
    on: ['ConversionServerRole', 'RecoveryInstanceRole', 'RecoveryInstanceWithLaunchActionsRole'].map(
      (name) => `iam::ACCOUNT:role/service-role/AWSElasticDisasterRecovery${name}`,
    ),
    conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
  },
  {
    id: 'RdsClusters',
    actions: [
      'rds:DescribeDBClusters',
      'rds:FailoverDBCluster',
      'rds:FailoverGlobalCluster',
      'rds:SwitchoverGlobalCluster',
    ],
    on: ['rds:*:ACCOUNT:cluster:*', 'rds:*:ACCOUNT:db:*', 'rds::ACCOUNT:global-cluster:*'],
  },
  { id: 'RdsGlobalClusters', actions: ['rds:DescribeGlobalClusters'], on: ['rds::ACCOUNT:global-cluster:*'] },
  {
    id: 'RdsInstances',
    actions: ['rds:DescribeDBInstances', 'rds:RebootDBInstance'],
    on: ['rds:*:ACCOUNT:db:*'],
  },
  { id: 'RdsEvents', actions: ['rds:DescribeEvents'], on: 'everything' },
  {
    id: 'Commands',
    actions: [
      'ssm:CancelCommand',
      'ssm:DescribeInstanceInformation',
      'ssm:GetCommandInvocation',
      'ssm:ListCommandInvocations',
      'ssm:ListCommands',
    ],
    on: 'everything',
  },
  {
    id: 'Documents',
    actions: ['ssm:DescribeDocument'],
    on: ['ssm:*:ACCOUNT:document/*', 'ssm:*::document/AWS-*'],
  },
  {
    id: 'CommandsOnInstances',
    actions: ['ssm:SendCommand'],
    on: [
      'ssm:*:ACCOUNT:document/*',
      'ssm:*::document/AWS-*',
      ...ec2('instance'),
      'ssm:*:ACCOUNT:managed-instance/*',
    ],
  },
  {
    id: 'Functions',
    actions: ['lambda:GetFunctionConfiguration', 'lambda:InvokeFunction'],
    on: ['lambda:*:ACCOUNT:function:*'],
  },
  { id: 'HostedZones', actions: ['route53:ListHostedZones'], on: 'everything' },
  {
    id: 'Records',
    actions: ['route53:ChangeResourceRecordSets', 'route53:ListResourceRecordSets'],
    on: ['route53:::hostedzone/*'],
  },
  { id: 'RecordChanges', actions: ['route53:GetChange'], on: ['route53:::change/*'] },
  {
    id: 'LoadBalancersRead',
    actions: [
      'elasticloadbalancing:DescribeLoadBalancers',
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeTargetHealth',
    ],
    on: 'everything',
  },
  {
    id: 'Targets',
    actions: ['elasticloadbalancing:DeregisterTargets', 'elasticloadbalancing:RegisterTargets'],
    on: ['elasticloadbalancing:*:ACCOUNT:targetgroup/*'],
  },
];
