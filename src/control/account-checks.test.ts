import { expect, test } from 'vitest';
import type { Aws } from '#aws/aws.ts';
import type { ErrorCode } from '#core/error-codes.ts';
import { BreakwaterError } from '#core/errors.ts';
import { checkAccount } from './account-checks.ts';

const ACCOUNT = '444455556666';
const account = {
  accountId: ACCOUNT,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/breakwater`,
  externalId: 'bw-1',
  regions: ['eu-west-1'],
};
const { signal } = new AbortController();

/** An AWS that answers every call with nothing, but where it is told to fail or to say who is asking. */
function awsThat(answers: Record<string, ErrorCode | object>): Aws {
  const services = new Proxy({}, { get: (_, operation: string) => () => answer(operation) });
  const answer = async (operation: string): Promise<unknown> => {
    const given = answers[operation] ?? [];
    if (typeof given !== 'string') return given;
    throw new BreakwaterError(given, `${operation} failed`, { details: { iamAction: `x:${operation}` } });
  };
  const own = { accountId: ACCOUNT, region: 'eu-west-1' };
  const target = new Proxy(own, {
    get: (here, name) => (name in here ? here[name as keyof typeof own] : services),
  });
  return { for: () => target as never };
}

const here = { getCallerIdentity: { Account: ACCOUNT, Arn: 'arn:me' } };

async function verdicts(answers: Record<string, ErrorCode | object>) {
  const { status, checks } = await checkAccount(awsThat(answers), account, signal);
  const of = (name: string) => checks.find(({ check }) => check === name)!;
  return { status, checks, of };
}

test('an account in which everything works passes', async () => {
  const { status, of } = await verdicts(here);
  expect(status).toBe('passed');
  expect(of('permissions:ec2')).toEqual({
    region: 'eu-west-1',
    check: 'permissions:ec2',
    status: 'passed',
    detail: 'the role may ec2:DescribeInstances',
    remedy: '',
  });
});

test('a role that leads into another account fails, and nothing else is tried with it', async () => {
  const { status, of } = await verdicts({ getCallerIdentity: { Account: '111122223333' } });
  expect([status, of('role').status, of('permissions:ec2').status]).toEqual(['failed', 'failed', 'unknown']);
  expect(of('role').detail).toBe(
    'arn:aws:iam::444455556666:role/breakwater leads into account 111122223333, not 444455556666',
  );
});

test.each<{ code: ErrorCode; status: string }>([
  { code: 'AwsAccessDenied', status: 'failed' },
  { code: 'TargetAccountUnknown', status: 'failed' },
  { code: 'AwsUnreachable', status: 'unknown' },
  { code: 'AwsThrottled', status: 'unknown' },
  { code: 'AwsCredentialsMissing', status: 'unknown' },
])('a role that cannot be entered because of $code is $status', async ({ code, status }) => {
  const { of } = await verdicts({ getCallerIdentity: code });
  expect([of('role').status, of('externalId').status, of('drsInitialized').status]).toEqual([
    status,
    'unknown',
    'unknown',
  ]);
});

test('who is told that a thing is not there was let in; trouble of AWS proves nothing', async () => {
  const { status, of } = await verdicts({
    ...here,
    getFunctionConfiguration: 'AwsNotFound',
    describeInstances: 'AwsFailed',
    describeDBClusters: 'AwsFailed',
    describeDBInstances: 'AwsAccessDenied',
  });
  expect(status).toBe('failed');
  expect(of('permissions:lambda').status).toBe('passed');
  expect(of('permissions:ec2')).toMatchObject({ status: 'unknown', detail: 'describeInstances failed' });
  expect(of('permissions:rds')).toMatchObject({
    status: 'failed',
    missingActions: ['rds:DescribeDBInstances'],
  });
});

test('DRS that nobody has set up in the Region is said, with what to do', async () => {
  const { of } = await verdicts({
    ...here,
    describeReplicationConfigurationTemplates: 'AwsNotInitialized',
    describeSourceServers: 'AwsNotInitialized',
  });
  expect(of('drsInitialized').status).toBe('failed');
  expect(of('drsInitialized').remedy).toContain('drs:InitializeService');
  expect(of('permissions:drs').status).toBe('passed');
});
