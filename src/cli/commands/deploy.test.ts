import { expect, test } from 'vitest';
import { BreakwaterError } from '#core/errors.ts';
import type { DeploymentPlan, ResourcePlan, StackPlan } from '../deployment-plan.ts';
import { fakeCommandLine } from '../testing.ts';

const stack = (part: Partial<StackPlan>): StackPlan => ({
  stack: 'BreakwaterRecords',
  status: 'same',
  resources: [],
  permissions: [],
  broadens: false,
  others: 0,
  ...part,
});
const resource = (part: Partial<ResourcePlan>): ResourcePlan => ({
  id: 'Plans',
  type: 'AWS::DynamoDB::GlobalTable',
  change: 'update',
  properties: [],
  stateful: true,
  ...part,
});

function commandLine(...stacks: StackPlan[]) {
  const made = fakeCommandLine();
  const asked: object[] = [];
  made.local.deployPlan = async (params) => {
    asked.push(params);
    return { region: 'eu-west-1', stacks } satisfies DeploymentPlan;
  };
  return { ...made, asked };
}

test('what may lose something comes first, then resources and permissions, and changes end with 4', async () => {
  const { io, run, asked } = commandLine(
    stack({
      status: 'changed',
      resources: [
        resource({ change: 'replace', properties: ['TableName'] }),
        resource({ id: 'Old', type: 'AWS::SQS::Queue', change: 'remove' }),
        resource({ id: 'Fn', type: 'AWS::Lambda::Function', properties: ['Code'], stateful: false }),
      ],
      permissions: [
        {
          change: 'add',
          effect: 'Allow',
          actions: ['drs:StartRecovery'],
          resources: ['a', 'b', 'c', 'd'],
          principals: ['AWS:role'],
          conditional: true,
        },
      ],
      broadens: true,
      others: 1,
    }),
    stack({ stack: 'BreakwaterTriggers', status: 'left' }),
  );
  expect(await run('deploy', '--plan', '--settings', 's.json')).toBe(4);
  expect(asked).toEqual([{ settings: 's.json' }]);
  expect(io.out.join('\n')).toBe(
    [
      'THIS MAY LOSE WHAT CANNOT BE MADE AGAIN: what is new begins empty',
      '  ✗ BreakwaterRecords: AWS::DynamoDB::GlobalTable Plans REPLACED by a new one (TableName)',
      '  ✗ BreakwaterRecords: AWS::SQS::Queue Old REMOVED',
      '',
      'BreakwaterRecords: changes',
      '  1 AWS::DynamoDB::GlobalTable REPLACED by a new one (TableName): Plans',
      '  1 AWS::SQS::Queue REMOVED: Old',
      '  1 AWS::Lambda::Function changed in place (Code); the next call gets it: Fn',
      '  1 other difference (parameters, outputs, conditions)',
      '  permissions (somebody may do more than before)',
      '    + Allow drs:StartRecovery on a, b, c and 1 more for AWS:role, under conditions',
      '',
      'BreakwaterTriggers: is deployed, and these settings do not ask for it: it stays until somebody deletes it',
      '',
      '! 1 stack of 2 would change in eu-west-1',
      '  Each resource by its name: --json',
    ].join('\n'),
  );
});

test('what is alike is told once, and what goes along with a change of code is counted and alarms nobody', async () => {
  const plainly = (type: string, id: string, part: Partial<ResourcePlan> = {}): ResourcePlan =>
    resource({ type, id, stateful: false, ...part });
  const statement = {
    change: 'add',
    effect: 'Allow',
    actions: ['kms:Decrypt'],
    resources: ['key'],
    principals: [],
    conditional: false,
  } as const;
  const hash = 'd92a7b2c617b98bde24d349c18955ed0';
  const { io, run } = commandLine(
    stack({
      stack: 'BreakwaterApi',
      status: 'changed',
      resources: [
        plainly('AWS::Lambda::Version', `apiCurrentVersion15A85F5A${hash}`, { change: 'remove' }),
        plainly('AWS::Lambda::Version', `goneCurrentVersionA5A85F5A${hash}`, { change: 'remove' }),
        plainly('AWS::ApiGateway::Deployment', 'DeploymentB913044F', { change: 'forget' }),
        plainly('AWS::Lambda::Version', `apiCurrentVersion15A85F5A${hash.replace('d', 'e')}`, {
          change: 'add',
        }),
        plainly('AWS::ApiGateway::Deployment', 'DeploymentE3029E47', { change: 'add' }),
        ...['api', 'jobs', 'waves', 'gates'].map((name) =>
          plainly('AWS::Lambda::Function', `${name}C8550315`, { properties: ['Code'] }),
        ),
        plainly('AWS::Lambda::Alias', 'apigatewayE40D7439', { properties: ['FunctionVersion'] }),
        plainly('AWS::Lambda::Alias', 'apitrigger63AFA780', { properties: ['FunctionVersion', 'Name'] }),
        plainly('AWS::ApiGateway::Stage', 'Stage', { properties: ['DeploymentId'] }),
        plainly('AWS::ApiGateway::RestApi', 'Api', { properties: ['Body'] }),
      ],
      permissions: [statement, statement],
    }),
  );
  expect(await run('deploy', '--plan')).toBe(4);
  expect(io.out.join('\n')).toBe(
    [
      'BreakwaterApi: changes',
      `  1 AWS::Lambda::Version REMOVED: goneCurrentVersionA5A85F5A${hash}`,
      '  4 AWS::Lambda::Function changed in place (Code); the next call gets it: api, jobs, waves and 1 more',
      '  1 AWS::Lambda::Alias changed in place (FunctionVersion, Name): apitrigger',
      '  1 AWS::ApiGateway::RestApi changed in place (Body); it answers all the while: Api',
      '  and 6 that go along: versions or deployments exchanged, and what points to them',
      '  permissions',
      '    + Allow kms:Decrypt on key (2 times)',
      '',
      '! 1 stack of 1 would change in eu-west-1',
      '✓ Nothing that holds records, keys, users, messages or logs is replaced or removed',
      '  Each resource by its name: --json',
    ].join('\n'),
  );
});

test('a stack that is new is told by the kinds of what is in it', async () => {
  const { io, run } = commandLine(stack({ status: 'new', resources: [resource({ change: 'add' })] }));
  expect(await run('deploy', '--plan')).toBe(4);
  expect(io.out.join('\n')).toContain(
    'BreakwaterRecords: not deployed yet: all is new\n  1 AWS::DynamoDB::GlobalTable\n  0 statements of permissions',
  );
});

test('no change ends with 0, also for scripts', async () => {
  const { io, run } = commandLine(stack({}));
  expect(await run('deploy', '--plan', '--json')).toBe(0);
  expect(JSON.parse(io.out.join(''))).toEqual({ changes: false, region: 'eu-west-1', stacks: [stack({})] });
});

test('without --plan it says how to deploy, and does nothing', async () => {
  const { io, run, asked } = commandLine();
  expect(await run('deploy', '--settings', 'my settings.json')).toBe(0);
  expect(asked).toEqual([]);
  expect(io.out.join('\n')).toContain('npm run synth -w infra -- --settings "my settings.json"');
});

test('what stands in the way is an error with a remedy, and ends with 1', async () => {
  const { io, run, local } = commandLine();
  local.deployPlan = async () => {
    throw new BreakwaterError('DeploymentUnreadable', 'AccessDenied: no');
  };
  expect(await run('deploy', '--plan')).toBe(1);
  expect(io.err.join('\n')).toContain('cloudformation:DescribeStacks');
});
