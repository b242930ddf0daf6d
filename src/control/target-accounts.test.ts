import { expect, test } from 'vitest';
import { createTargetAccounts, TargetAccount, targetAccountSource } from './target-accounts.ts';
import { OTHER, OWN, REGION, testEstate } from './testing/estate.ts';
import { testPlane } from './testing/plane.ts';

const ana = { by: 'token:ana', requestId: 'req-1' };
const account = {
  accountId: OTHER,
  name: 'Recovery',
  roleArn: `arn:aws:iam::${OTHER}:role/breakwater`,
  externalId: 'bw-1',
  regions: [REGION, 'eu-west-1'],
};

function bench() {
  const late: { source?: ReturnType<typeof targetAccountSource> } = {};
  const plane = testPlane({ aws: testEstate((accountId) => late.source!(accountId)) });
  late.source = targetAccountSource(plane.store);
  return { ...plane, source: late.source, accounts: createTargetAccounts(plane.deps) };
}

test('accounts are made, changed with the revision that was read, and removed', async () => {
  const { accounts, audited } = bench();
  await accounts.create(account, ana);
  await expect(accounts.create(account, ana)).rejects.toMatchObject({ code: 'AlreadyExists' });
  expect(await accounts.update(OTHER, { ...account, name: 'New' }, 1, ana)).toMatchObject({ revision: 2 });
  await expect(accounts.update(OTHER, account, 1, ana)).rejects.toMatchObject({ code: 'PreconditionFailed' });
  await accounts.remove(OTHER, 2, ana);
  await expect(accounts.get(OTHER)).rejects.toMatchObject({ code: 'NotFound' });
  expect(audited.map(({ action }) => action)).toEqual(['account.create', 'account.update', 'account.delete']);
});

test('the door to AWS is told the role of a stored account, and nothing of others', async () => {
  const { accounts, source } = bench();
  await accounts.create(account, ana);
  expect(await source(OTHER)).toEqual({
    roleArn: 'arn:aws:iam::444455556666:role/breakwater',
    externalId: 'bw-1',
  });
  expect(await source(OWN)).toBeNull();
  expect(await source('\0')).toBeNull();
});

test('a role of another account is refused', () => {
  const parsed = TargetAccount.safeParse({ ...account, accountId: OWN });
  expect(parsed.error?.issues.map(({ path, message }) => [path, message])).toEqual([
    [['roleArn'], 'the role is of another account than accountId'],
  ]);
});

test('validation enters the role in every Region, and names the IAM actions that it lacks', async () => {
  const { accounts, visitors } = bench();
  await accounts.create(account, ana);
  const { status, checks } = await accounts.validate(OTHER, ana);
  expect(status).toBe('failed');
  const seen = Object.groupBy(checks, ({ region }) => region);
  expect(seen[REGION]!.map((check) => [check.check, check.status])).toEqual([
    ['role', 'passed'],
    ['externalId', 'passed'],
    ['drsInitialized', 'passed'],
    ['permissions:drs', 'passed'],
    ['permissions:rds', 'failed'],
    ['permissions:ec2', 'passed'],
    ['permissions:ssm', 'passed'],
    ['permissions:lambda', 'passed'],
    ['permissions:elasticloadbalancing', 'passed'],
    ['permissions:tag', 'passed'],
    ['permissions:servicequotas', 'passed'],
    ['permissions:route53', 'failed'],
  ]);
  expect(seen[REGION]!.filter((check) => check.status === 'failed')).toMatchObject([
    {
      missingActions: ['rds:DescribeDBClusters', 'rds:DescribeDBInstances'],
      remedy: 'Allow rds:DescribeDBClusters, rds:DescribeDBInstances in a policy of the role.',
    },
    { missingActions: ['route53:ListHostedZones'] },
  ]);
  // Route 53 has no Region, and is tried once; DRS has to be set up in each.
  expect(seen['eu-west-1']).toHaveLength(11);
  expect(seen['eu-west-1']![2]).toMatchObject({ check: 'drsInitialized', status: 'failed' });
  expect(visitors).toEqual(['request-req-1-1']);
});

test('a wrong external id fails the role, and what could not be tried is unknown', async () => {
  const { accounts } = bench();
  await accounts.create({ ...account, externalId: 'wrong', regions: [REGION] }, ana);
  const { status, checks } = await accounts.validate(OTHER, ana);
  expect(status).toBe('failed');
  expect(checks.slice(0, 4).map((check) => [check.check, check.status])).toEqual([
    ['role', 'failed'],
    ['externalId', 'unknown'],
    ['drsInitialized', 'unknown'],
    ['permissions:drs', 'unknown'],
  ]);
  expect(checks[0]!.remedy).toContain('the external id of this account');
});

test('an account without external id is told to have one', async () => {
  const { accounts } = bench();
  const { externalId: _, ...open } = account;
  await accounts.create({ ...open, regions: [REGION] }, ana);
  const { checks } = await accounts.validate(OTHER, ana);
  expect(checks[1]).toMatchObject({ status: 'passed', detail: 'none is set' });
  expect(checks[1]!.remedy).toContain('Demand one');
});

test('an account that is not there is not validated', async () => {
  await expect(bench().accounts.validate(OTHER, ana)).rejects.toMatchObject({ code: 'NotFound' });
});
