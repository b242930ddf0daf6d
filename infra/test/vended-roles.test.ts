import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROLE_NAMES } from '../src/settings.ts';
import { vendedRoles, writeRoles, type VendedRole } from '../src/vended-policies.ts';
import { synthesize, type Template } from './support/assembly.ts';

const place = { account: '111122223333', region: 'us-gov-west-1' };
const arnOf = (name: string): string => `arn:aws-us-gov:iam::111122223333:role/vended/breakwater-${name}`;
const roles = Object.fromEntries(ROLE_NAMES.map((name) => [name, arnOf(name)]));

/** All but the stack of target accounts, whose one role is what it is for. */
const ownTemplates = (templates: ReadonlyMap<string, Template>): Template[] =>
  [...templates].filter(([name]) => name !== 'BreakwaterTargetAccount').map(([, template]) => template);

interface Statement {
  readonly Sid?: string;
  readonly Action: string | string[];
}
/** What a statement is told by, however its resources are written. */
const keysOf = (statements: readonly Statement[]): string[] =>
  statements.map(({ Sid = '', Action }) => `${Sid} ${[Action].flat().join(' ')}`);

/** Read off the templates by other means: whatever names a document of statements, and a role by its id or its name. */
function statementsByRole(templates: readonly Template[]): Record<string, string[]> {
  const found = templates.flatMap(({ Resources }) =>
    Object.values(Resources).flatMap(({ Type, Properties }) => {
      const { PolicyDocument, Roles } = (Type.startsWith('AWS::IAM::') ? Properties : {}) as {
        PolicyDocument?: { Statement: Statement[] };
        Roles?: (string | { Ref: string })[];
      };
      return (Roles ?? []).map((role) => ({
        name: typeof role === 'string' ? role : (Resources[role.Ref]!.Properties['RoleName'] as string),
        keys: keysOf(PolicyDocument!.Statement),
      }));
    }),
  );
  const byRole = Object.entries(Object.groupBy(found, ({ name }) => name));
  return Object.fromEntries(byRole.map(([name, all]) => [name, all!.flatMap(({ keys }) => keys).toSorted()]));
}

describe('with roles vended before', () => {
  let templates: Template[];
  beforeAll(async () => void (templates = ownTemplates((await synthesize({ roles })).templates)));

  test('no stack makes a role or a policy', () => {
    const types = templates.flatMap(({ Resources }) => Object.values(Resources).map(({ Type }) => Type));
    expect(types.filter((type) => type.startsWith('AWS::IAM::'))).toEqual([]);
  });

  test('every function and state machine takes its own', () => {
    const taken = templates.flatMap(({ Resources }) =>
      Object.values(Resources).flatMap(({ Properties }) => {
        const { FunctionName, StateMachineName, Role, RoleArn } = Properties ?? {};
        const name = Role === undefined ? StateMachineName : FunctionName;
        const role = Role ?? RoleArn;
        return role === undefined ? [] : [[name, role]];
      }),
    );
    expect(taken.length).toBeGreaterThanOrEqual(9);
    for (const [name, role] of taken) expect(role).toBe(arnOf((name as string).replace('breakwater-', '')));
  });
});

describe('the policies for those who vend roles', () => {
  let made: Record<string, VendedRole>;
  beforeAll(async () => void (made = vendedRoles(ownTemplates((await synthesize()).templates), place)));

  test('are there for every role that the stacks make, each of which the settings can name', () => {
    const names = Object.keys(made).map((name) => name.replace(/^breakwater-/, ''));
    expect(names).toContain('api-gateway');
    expect(names.filter((name) => !(ROLE_NAMES as readonly string[]).includes(name))).toEqual([]);
  });

  test('are written out for a place, with nothing left for CloudFormation to fill in', () => {
    expect(JSON.stringify(made)).not.toMatch(/Fn::|"Ref"|AWS::/);
    expect(JSON.stringify(made['breakwater-pause-resume'])).toContain(
      'arn:aws-us-gov:sqs:us-gov-west-1:111122223333:breakwater-pause-resume',
    );
    expect(made['breakwater-api']!.trust).toEqual({
      Version: '2012-10-17',
      Statement: [
        { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
      ],
    });
    expect(made['breakwater-api-gateway']!.managed).toEqual([
      'arn:aws-us-gov:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs',
    ]);
  });

  test('are all that the stacks would have made: for every function and machine, statement by statement', async () => {
    const { templates } = await synthesize({ ...place });
    const deployed = statementsByRole(ownTemplates(templates));
    expect(Object.keys(deployed).toSorted()).toEqual(
      ROLE_NAMES.filter((name) => name !== 'api-gateway')
        .map((name) => `breakwater-${name}`)
        .toSorted(),
    );
    const written = Object.entries(made).map(([name, { policies }]): [string, string[]] => [
      name,
      policies.flatMap((policy) => keysOf((policy as { Statement: Statement[] }).Statement)).toSorted(),
    ]);
    expect(Object.fromEntries(written.filter(([, keys]) => keys.length > 0))).toEqual(deployed);
  });

  test('let the API put aside events that it has refused', () => {
    expect(made['breakwater-api']!.policies).toContainEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Action: 'sqs:SendMessage',
          Effect: 'Allow',
          Resource: 'arn:aws-us-gov:sqs:us-gov-west-1:111122223333:breakwater-trigger-dead',
        },
      ],
    });
  });

  test('fit into managed policies', () => {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    for (const { policies } of Object.values(made))
      for (const policy of policies) expect(JSON.stringify(policy).length).toBeLessThan(6_144);
  });

  test('are files that say the same', () => {
    const folder = path.join(mkdtempSync(path.join(tmpdir(), 'breakwater-policies-')), 'policies');
    const files = writeRoles(made, folder).map((file) => path.relative(folder, file));
    expect(files).toContain('breakwater-recovery/policy-1.json');
    expect(files).toContain('breakwater-api-gateway/managed.json');
    const [first] = made['breakwater-recovery']!.policies;
    const text = readFileSync(path.join(folder, 'breakwater-recovery/policy-1.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(first);
  });

  test('are refused for what has no name before it is deployed', () => {
    const key = { Type: 'AWS::KMS::Key' };
    const role = { Type: 'AWS::IAM::Role', Properties: { RoleName: 'r', AssumeRolePolicyDocument: {} } };
    const policy = {
      Type: 'AWS::IAM::Policy',
      Properties: {
        Roles: [{ Ref: 'Role' }],
        PolicyDocument: { Resource: { 'Fn::GetAtt': ['Key', 'Arn'] } },
      },
    };
    const vended = (resources: object) => () => vendedRoles([{ Resources: resources as never }], place);
    const resources = { Key: key, Role: role, Policy: policy };
    expect(vended(resources)).toThrow('the ARN of Key (AWS::KMS::Key) is not known before it is deployed');
    const none = { ...policy, Properties: { ...policy.Properties, Roles: [] } };
    expect(vended({ Role: role, Policy: none })).toThrow('the policy Policy is for no role');
    const others = { ...policy, Properties: { PolicyDocument: {}, Roles: ['others'] } };
    expect(vended({ Role: role, Policy: others })).toThrow(
      'a policy is for others, and no stack makes such a role',
    );
    const inline = { ...role, Properties: { ...role.Properties, Policies: [{}] } };
    expect(vended({ Role: inline })).toThrow('Policies of the role Role would not be written out');
    const unnamed = { Role: { ...role, Properties: {} } };
    expect(vended(unnamed)).toThrow('the role Role has no name that it could be vended by');
  });
});
