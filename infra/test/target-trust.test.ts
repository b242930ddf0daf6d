import { expect, test } from 'vitest';
import { ROLE_NAMES } from '../src/settings.ts';
import { TargetAccountStack } from '../src/stacks/target-account.ts';
import type { Json } from '../../src/core/json.ts';
import type { Template } from './support/assembly.ts';
import { templateOfOne } from './support/one-stack.ts';

const CONTROL = '111122223333';
const GIVEN = { ControlAccountId: CONTROL, OrganizationId: 'o-a1b2c3d4e5' };
const roleArn = (name: string, partition = 'aws'): string => `arn:${partition}:iam::${CONTROL}:role/${name}`;
const MINE = [
  'adapter-drs',
  'adapter-database',
  'adapter-application',
  'adapter-infrastructure',
  'wave-controller',
  'api',
  'jobs',
];
const named = MINE.map((name) => roleArn(`breakwater-${name}`));

interface Trust {
  readonly Statement: [
    {
      readonly Effect: string;
      readonly Action: string;
      readonly Principal: object;
      readonly Condition: Record<string, Record<string, string | string[]>>;
    },
  ];
}

/** Whom the role trusts in an account where the template is deployed with these parameters. */
function trustOf(settings: object, given: Record<string, string> = {}, partition = 'aws'): Trust {
  const build = (app: never, props: { readonly settings: never }) =>
    new TargetAccountStack(app, 'BreakwaterTargetAccount', props);
  const template = templateOfOne(build as never, settings);
  const role = Object.values(template.Resources).find(({ Type }) => Type === 'AWS::IAM::Role')!;
  return deployed(
    template,
    { ...GIVEN, ...given, 'AWS::Partition': partition },
    role.Properties['AssumeRolePolicyDocument']!,
  ) as never;
}

/** What CloudFormation makes of the intrinsics that the trust uses. */
function deployed(template: Template, given: Record<string, string>, value: Json): Json {
  const { Conditions } = template as Template & { readonly Conditions: Record<string, Json> };
  const read = (one: Json): Json => {
    if (Array.isArray(one)) return one.map(read);
    if (one === null || typeof one !== 'object') return one;
    const [[name, of] = ['', null], ...others] = Object.entries(one);
    if (others.length > 0 || !/^(Ref|Fn::)/.test(name))
      return Object.fromEntries(Object.entries(one).map(([key, member]) => [key, read(member)]));
    if (name === 'Ref') return parameter(of as string);
    const list = (name === 'Fn::If' ? [] : read(of)) as Json[];
    if (name === 'Fn::Join') return (list[1] as string[]).join(list[0] as string);
    if (name === 'Fn::Split') return (list[1] as string).split(list[0] as string);
    if (name === 'Fn::Equals') return list[0] === list[1];
    if (name === 'Fn::Not') return !list[0];
    const [condition, then, otherwise] = of as [string, Json, Json];
    return read(read(Conditions[condition]!) === true ? then : otherwise);
  };
  const parameter = (name: string): Json => {
    const { Type, Default } = (template.Parameters?.[name] ?? {}) as { Type?: string; Default?: string };
    const text = given[name] ?? Default!;
    return Type === 'CommaDelimitedList' ? text.split(',') : text;
  };
  return read(value);
}

const trusted = (...asked: Parameters<typeof trustOf>): string[] =>
  trustOf(...asked).Statement[0].Condition['StringEquals']!['aws:PrincipalArn'] as string[];

test('the role trusts, of the control account, the functions that enter target accounts, each by its exact ARN', () => {
  expect(trustOf({})).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { AWS: `arn:aws:iam::${CONTROL}:root` },
        Condition: {
          StringEquals: {
            'sts:ExternalId': 'breakwater',
            'aws:PrincipalOrgID': 'o-a1b2c3d4e5',
            'aws:PrincipalArn': named,
          },
        },
      },
    ],
  });
});

test.each<{ from: string; settings: object; given: Record<string, string> }>([
  { from: 'the parameter', settings: {}, given: { StandbyRegion: 'eu-west-1' } },
  {
    from: 'the settings of the first',
    settings: {
      account: CONTROL,
      region: 'eu-central-1',
      replica: { region: 'eu-west-1', keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/mrk-1' },
    },
    given: {},
  },
  {
    from: 'its own settings',
    settings: { account: CONTROL, region: 'eu-west-1', standby: true },
    given: {},
  },
])('a standby is trusted beside the first, by $from', ({ settings, given }) => {
  expect(trusted(settings, given)).toEqual([...named, ...named.map((arn) => `${arn}-eu-west-1`)]);
});

test('roles vended before are trusted by the ARNs that the settings name, and no names that nobody bears', () => {
  const roles = Object.fromEntries(ROLE_NAMES.map((name) => [name, roleArn(`vended/dr/${name}`)]));
  expect(trusted({ account: CONTROL, roles })).toEqual(MINE.map((name) => roleArn(`vended/dr/${name}`)));
  const shared = Object.fromEntries(ROLE_NAMES.map((name) => [name, roleArn('one-for-all')]));
  expect(trusted({ roles: shared })).toEqual([roleArn('one-for-all')]);
});

test('other roles are trusted where they are named, each by its exact ARN', () => {
  const more = [roleArn('dr/operators'), roleArn('rescue')];
  expect(trusted({}, { MoreRoleArns: more.join(',') })).toEqual([...named, ...more]);
});

test('with a standby and another role, in the partition of the longest name, it fits into a trust policy', () => {
  const given = { StandbyRegion: 'us-gov-west-1', MoreRoleArns: roleArn('x'.repeat(64), 'aws-us-gov') };
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: 2,048 characters, unless more are asked for
  expect(JSON.stringify(trustOf({}, given, 'aws-us-gov')).length).toBeLessThan(2_048);
});
