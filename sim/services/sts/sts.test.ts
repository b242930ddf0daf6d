import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  STSClient,
  type AssumeRoleCommandInput,
} from '@aws-sdk/client-sts';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, OTHER_ACCOUNT, rejection, testSimulation } from '#sim/kernel/testing.ts';

const ROLE_ARN = `arn:aws:iam::${OTHER_ACCOUNT}:role/Recovery`;

const accounts = [
  { accountId: ACCOUNT, roles: [{ name: 'Hub', maxSessionSeconds: 7_200 }] },
  {
    accountId: OTHER_ACCOUNT,
    roles: [
      { name: 'Recovery', externalId: 'secret-id', denies: ['ssm:PutParameter'], maxSessionSeconds: 43_200 },
      { name: 'Closed', trusts: [OTHER_ACCOUNT] },
    ],
    regions: { 'us-west-2': { ssm: { parameters: { a: 'other' } } } },
  },
];

function start() {
  const simulation = testSimulation({ accounts });
  const assume = async (input: Partial<AssumeRoleCommandInput> = {}, as: object = {}) => {
    const command = new AssumeRoleCommand({
      RoleArn: ROLE_ARN,
      RoleSessionName: 'execution-1',
      ExternalId: 'secret-id',
      ...input,
    });
    const { Credentials, AssumedRoleUser } = await new STSClient({ ...simulation.config(), ...as }).send(
      command,
    );
    const credentials = {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    };
    return { credentials, expiration: Credentials!.Expiration!, user: AssumedRoleUser };
  };
  return { ...simulation, assume };
}

test('a session acts in the account of the role, under its own name', async () => {
  const { assume, config } = start();
  const { credentials, expiration, user } = await assume();

  expect(expiration).toEqual(new Date('2026-03-01T11:00:00Z'));
  expect(user?.Arn).toBe(`arn:aws:sts::${OTHER_ACCOUNT}:assumed-role/Recovery/execution-1`);
  expect(
    await new STSClient({ ...config(), credentials }).send(new GetCallerIdentityCommand({})),
  ).toMatchObject({
    Account: OTHER_ACCOUNT,
    Arn: `arn:aws:sts::${OTHER_ACCOUNT}:assumed-role/Recovery/execution-1`,
    UserId: user?.AssumedRoleId,
  });
  const ssm = new SSMClient({ ...config(), credentials });
  expect((await ssm.send(new GetParameterCommand({ Name: 'a' }))).Parameter?.Value).toBe('other');
});

test('what is denied to a role is denied to its sessions', async () => {
  const { assume, config } = start();
  const { credentials } = await assume();

  const put = new SSMClient({ ...config(), credentials }).send(
    new PutParameterCommand({ Name: 'a', Value: 'b' }),
  );

  expect(await rejection(put)).toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('assumed-role/Recovery/execution-1 is not authorized') as string,
  });
});

describe('AssumeRole is one AccessDenied, whatever the reason', () => {
  test.each([
    { what: 'a wrong external id', input: { ExternalId: 'guess' } },
    { what: 'no external id', input: { ExternalId: undefined } },
    {
      what: 'a role that does not trust the account',
      input: { RoleArn: `arn:aws:iam::${OTHER_ACCOUNT}:role/Closed` },
    },
    { what: 'a role that does not exist', input: { RoleArn: `arn:aws:iam::${OTHER_ACCOUNT}:role/None` } },
    { what: 'an account that does not exist', input: { RoleArn: 'arn:aws:iam::333333333333:role/Recovery' } },
  ])('$what', async ({ input }) => {
    const error = await rejection(start().assume(input));

    expect(error).toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    expect(error.message).toContain(
      `User: arn:aws:iam::${ACCOUNT}:user/operator is not authorized to perform: sts:AssumeRole`,
    );
  });
});

describe('AssumeRole refuses', () => {
  test.each([
    { what: 'a session of less than 15 minutes', input: { DurationSeconds: 60 } },
    {
      what: 'a session longer than the role allows',
      input: { RoleArn: `arn:aws:iam::${ACCOUNT}:role/Hub`, DurationSeconds: 7_201 },
    },
    { what: 'a session name with a space', input: { RoleSessionName: 'my session' } },
    { what: 'what is not the ARN of a role', input: { RoleArn: 'Recovery' } },
  ])('$what', async ({ input }) => {
    expect(await rejection(start().assume(input))).toMatchObject({
      name: 'ValidationError',
      $metadata: { httpStatusCode: 400 },
    });
  });
});

test('a role assumed by the session of a role lasts an hour at most', async () => {
  const { assume } = start();
  const hub = await assume({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/Hub`, DurationSeconds: 7_200 });

  expect(hub.expiration).toEqual(new Date('2026-03-01T12:00:00Z'));
  expect(await rejection(assume({ DurationSeconds: 7_200 }, { credentials: hub.credentials }))).toMatchObject(
    {
      name: 'ValidationError',
      message: expect.stringContaining('1 hour session limit for roles assumed by role chaining') as string,
    },
  );
  const chained = await assume({}, { credentials: hub.credentials });
  expect(chained.expiration).toEqual(new Date('2026-03-01T11:00:00Z'));
});
