import { beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { ofType, propertiesOf, synthesize, type Template } from './support/assembly.ts';

const load = async (settings: object = {}): Promise<Template> =>
  (await synthesize(settings)).templates.get('BreakwaterApi')!;
const environmentOf = (template: Template): Record<string, Json> => {
  const { Environment } = propertiesOf(template, 'AWS::Lambda::Function')[0]!;
  return (Environment as { Variables: Record<string, Json> }).Variables;
};
const schemesOf = (template: Template): string[] => {
  const { Body } = propertiesOf(template, 'AWS::ApiGateway::RestApi')[0]!;
  const { components } = Body as { components: { securitySchemes: Record<string, Json> } };
  return Object.keys(components.securitySchemes);
};
/** The managed rules that only count. */
const countedOf = (acl: Record<string, Json>): string[] =>
  JSON.stringify(acl).match(/(?<="Name":")\w+_BODY(?=")/g) ?? [];

let template: Template;
beforeAll(async () => void (template = await load()));

describe('the API', () => {
  test('is one function with an alias for each way in', () => {
    const names = propertiesOf(template, 'AWS::Lambda::Alias').map(({ Name }) => Name);
    expect(names).toEqual(['gateway', 'break-glass', 'trigger']);
  });

  test('knows the state machines and the user pool by its environment', () => {
    expect(Object.keys(environmentOf(template)).toSorted()).toEqual([
      'AUTH_MODE',
      'EXTERNAL_ID',
      'PARTITION',
      'RECOVERY_MACHINE',
      'TABLE_PREFIX',
      'TARGET_ROLE',
      'USER_POOL_CLIENT_IDS',
      'USER_POOL_ID',
    ]);
    expect(JSON.stringify(environmentOf(template)['RECOVERY_MACHINE'])).toContain(
      ':stateMachine:breakwater-recovery',
    );
  });

  test('may be invoked by its own API Gateway alone, by the alias gateway alone', () => {
    const permissions = propertiesOf(template, 'AWS::Lambda::Permission');
    expect(permissions).toHaveLength(1);
    const [{ Principal, FunctionName, SourceArn }] = permissions as [Record<string, Json>];
    expect(Principal).toBe('apigateway.amazonaws.com');
    expect(JSON.stringify(FunctionName)).toContain('"apigateway');
    expect(JSON.stringify(SourceArn)).toContain('{"Ref":"Api"},"/v1/*"');
  });

  test('stays within the limits of CloudFormation', () => {
    expect(JSON.stringify(template).length).toBeLessThan(1_000_000);
    expect(Object.keys(template.Resources).length).toBeLessThan(500);
  });

  test('is deployed anew when its description changes, and only then', async () => {
    const idOf = (one: Template): string | undefined =>
      Object.entries(one.Resources).find(([, { Type }]) => Type === 'AWS::ApiGateway::Deployment')?.[0];
    expect(idOf(await load({ throttle: { burst: 7 } }))).toBe(idOf(template));
    expect(idOf(await load({ auth: 'iam' }))).not.toBe(idOf(template));
  });

  test('has a firewall, which is before its stage', async () => {
    const [association] = propertiesOf(template, 'AWS::WAFv2::WebACLAssociation');
    expect(JSON.stringify(association)).toContain('::/restapis/",{"Ref":"Api"},"/stages/v1"');
    const [acl] = propertiesOf(template, 'AWS::WAFv2::WebACL');
    expect((acl!['Rules'] as { Name: string }[]).map(({ Name }) => Name)).toEqual([
      'AWSManagedRulesCommonRuleSet',
      'AWSManagedRulesKnownBadInputsRuleSet',
      'rate',
    ]);
    expect(countedOf(acl!)).toEqual(['SizeRestrictions_BODY', 'GenericRFI_BODY', 'CrossSiteScripting_BODY']);
    expect(propertiesOf(await load({ waf: false }), 'AWS::WAFv2::WebACL')).toEqual([]);
  });

  test('is throttled as the settings say, as a whole and by key', async () => {
    const one = await load({ throttle: { ratePerSecond: 5, burst: 9 }, apiKeys: ['soc', 'pipeline'] });
    expect(propertiesOf(one, 'AWS::ApiGateway::Stage')[0]).toMatchObject({
      MethodSettings: [{ ThrottlingRateLimit: 5, ThrottlingBurstLimit: 9 }],
      TracingEnabled: true,
    });
    const plans = propertiesOf(one, 'AWS::ApiGateway::UsagePlan');
    expect(plans.map(({ Throttle }) => Throttle)).toEqual([
      { RateLimit: 5, BurstLimit: 9 },
      { RateLimit: 5, BurstLimit: 9 },
    ]);
    expect(propertiesOf(one, 'AWS::ApiGateway::UsagePlanKey')).toHaveLength(2);
    expect(schemesOf(one)).toEqual(['cognito', 'api_key']);
  });

  test('writes down who asked what, and neither tokens nor bodies', () => {
    const [{ AccessLogSetting }] = propertiesOf(template, 'AWS::ApiGateway::Stage') as [Record<string, Json>];
    const { Format } = AccessLogSetting as { Format: string };
    expect(JSON.parse(Format)).toMatchObject({
      requestId: '$context.requestId',
      user: '$context.authorizer.claims.sub',
    });
    expect(Format).not.toMatch(/authorization|token|body/i);
    expect(propertiesOf(template, 'AWS::ApiGateway::Stage')[0]).toMatchObject({
      MethodSettings: [{ DataTraceEnabled: false }],
    });
  });
});

describe('the user pool', () => {
  test('is kept, takes nobody in by itself, and asks everybody for a second factor', () => {
    expect(ofType(template, 'AWS::Cognito::UserPool')).toMatchObject([
      {
        DeletionPolicy: 'Retain',
        Properties: {
          DeletionProtection: 'ACTIVE',
          AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
          MfaConfiguration: 'ON',
          EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
          Policies: { PasswordPolicy: { MinimumLength: 14, RequireSymbols: true } },
        },
      },
    ]);
  });

  test('has a group for each role', () => {
    expect(propertiesOf(template, 'AWS::Cognito::UserPoolGroup').map(({ GroupName }) => GroupName)).toEqual([
      'Admin',
      'RecoveryManager',
      'PlanManager',
      'Operator',
      'ReadOnly',
    ]);
  });

  test('lets the command line in without a secret, which it could not keep', () => {
    const [client] = propertiesOf(template, 'AWS::Cognito::UserPoolClient');
    expect(client).toMatchObject({ GenerateSecret: false, PreventUserExistenceErrors: 'ENABLED' });
    expect((client!['ExplicitAuthFlows'] as string[]).toSorted()).toEqual([
      'ALLOW_REFRESH_TOKEN_AUTH',
      'ALLOW_USER_SRP_AUTH',
    ]);
  });
});

test('with auth: iam, signatures of AWS take the place of the user pool', async () => {
  const one = await load({ auth: 'iam' });
  expect(propertiesOf(one, 'AWS::Cognito::UserPool')).toEqual([]);
  expect(schemesOf(one)).toEqual(['sigv4']);
  expect(environmentOf(one)).toMatchObject({ AUTH_MODE: 'iam' });
  expect(environmentOf(one)).not.toHaveProperty('USER_POOL_ID');
});

test('with api: false, there is the function alone, for those who may invoke an alias of it', async () => {
  const one = await load({ api: false });
  const types = new Set(Object.values(one.Resources).map(({ Type }) => Type.split('::')[1]));
  expect(types).toEqual(new Set(['Logs', 'IAM', 'Lambda']));
  expect(propertiesOf(one, 'AWS::Lambda::Alias')).toHaveLength(3);
  expect(propertiesOf(one, 'AWS::Lambda::Permission')).toEqual([]);
});
