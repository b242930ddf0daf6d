import { expect, test } from 'vitest';
import { failover } from './database/failover.ts';
import { terminate } from './drs/terminate.ts';
import { assessActions, neededActions, policyStatements } from './policy.ts';
import { OPERATIONS } from './registry.ts';
import { RIGHTS } from './rights.ts';

const place = { partition: 'aws', accountId: '111122223333' };

test('the policy of an operation allows what it calls and what AWS does in its name, as narrowly as AWS lets it', () => {
  expect(policyStatements(neededActions([terminate]), place)).toEqual([
    {
      Sid: 'DrsRead',
      Effect: 'Allow',
      Action: ['drs:DescribeJobs', 'drs:DescribeRecoveryInstances', 'drs:DescribeSourceServers'],
      Resource: ['*'],
    },
    {
      Sid: 'DrsInstances',
      Effect: 'Allow',
      Action: ['drs:TerminateRecoveryInstances'],
      Resource: ['arn:aws:drs:*:111122223333:recovery-instance/*'],
    },
    { Sid: 'Quotas', Effect: 'Allow', Action: ['servicequotas:ListServiceQuotas'], Resource: ['*'] },
    {
      Sid: 'Ec2Read',
      Effect: 'Allow',
      Action: ['ec2:DescribeInstances', 'ec2:DescribeVolumes'],
      Resource: ['*'],
    },
    {
      Sid: 'DrsInEc2Instances',
      Effect: 'Allow',
      Action: ['ec2:TerminateInstances'],
      Resource: ['arn:aws:ec2:*:111122223333:instance/*'],
      Condition: { Bool: { 'aws:ViaAWSService': 'true' } },
    },
    {
      Sid: 'DrsInEc2Volumes',
      Effect: 'Allow',
      Action: ['ec2:DeleteVolume'],
      Resource: [
        'arn:aws:ec2:*:111122223333:volume/*',
        'arn:aws:ec2:*:111122223333:instance/*',
        'arn:aws:ec2:*::snapshot/*',
      ],
      Condition: { Bool: { 'aws:ViaAWSService': 'true' } },
    },
  ]);
});

test('every action that an operation declares has its place in the policies, once', () => {
  const needed = neededActions(OPERATIONS);
  const allowed = policyStatements(needed, place).flatMap(({ Action }) => Action);
  expect(allowed.sort()).toEqual(needed);
});

test('there is no right that no operation needs', () => {
  const needed = new Set(neededActions(OPERATIONS));
  expect(RIGHTS.flatMap(({ actions }) => actions).filter((action) => !needed.has(action))).toEqual([]);
});

test('no action has a wildcard', () => {
  for (const { actions } of RIGHTS)
    for (const action of actions) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z0-9]+$/);
});

test('whoever only assesses may only read', () => {
  expect(assessActions([failover])).toEqual([
    'rds:DescribeDBClusters',
    'rds:DescribeDBInstances',
    'rds:DescribeEvents',
    'rds:DescribeGlobalClusters',
  ]);
});

test('an action without a place in the policies is a bug that says where to put it', () => {
  expect(() => policyStatements(['drs:NewThing'], place)).toThrow(
    'src/adapters/rights.ts has no row for drs:NewThing',
  );
});
