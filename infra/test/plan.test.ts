import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { startForeignServer, type ForeignServer } from '../../test/support/foreign-server.ts';
import { HAS_PYTHON, PYTHON } from '../../test/support/python.ts';
import { planStack } from '../src/plan/changes.ts';
import type { Template } from '../src/synthesize.ts';
import { planDeployment } from '../src/plan/plan-deployment.ts';
import { accountIn, deployedIn } from '../src/plan/read-deployed.ts';
import { synthesize } from './support/assembly.ts';

const QUEUE = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'gates' } };
const TABLE = {
  Type: 'AWS::DynamoDB::Table',
  DeletionPolicy: 'Retain',
  Properties: {
    TableName: 'plans',
    KeySchema: [{ AttributeName: 'PlanId', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'PlanId', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  },
};
const templateOf = (Resources: object, more: object = {}): Template => ({ Resources, ...more });
const policyOf = (...actions: string[]) => ({
  Type: 'AWS::IAM::Policy',
  Properties: {
    PolicyName: 'p',
    Roles: [{ Ref: 'Role' }],
    PolicyDocument: { Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] },
  },
});

describe('the plan of a stack', () => {
  test('that is not deployed is all new', () => {
    expect(planStack('S', null, templateOf({ Queue: QUEUE }))).toMatchObject({
      status: 'new',
      resources: [{ id: 'Queue', type: 'AWS::SQS::Queue', change: 'add', properties: [], stateful: true }],
    });
  });

  test('that is deployed as it is has no change', () => {
    const template = templateOf({ Queue: QUEUE, Table: TABLE });
    expect(planStack('S', template, structuredClone(template))).toEqual({
      stack: 'S',
      status: 'same',
      resources: [],
      permissions: [],
      broadens: false,
      others: 0,
    });
  });

  test.each([
    {
      name: 'a queue that gets another name is replaced',
      from: { X: QUEUE },
      to: { X: { ...QUEUE, Properties: { QueueName: 'other' } } },
      change: { change: 'replace', properties: ['QueueName'], stateful: true },
    },
    {
      name: 'a queue that gets another time-out changes',
      from: { X: QUEUE },
      to: { X: { ...QUEUE, Properties: { QueueName: 'gates', VisibilityTimeout: 60 } } },
      change: { change: 'update', properties: ['VisibilityTimeout'] },
    },
    { name: 'a queue that goes is removed', from: { X: QUEUE }, to: {}, change: { change: 'remove' } },
    {
      name: 'a table that is retained stays behind',
      from: { X: TABLE },
      to: {},
      change: { change: 'forget', stateful: true },
    },
    {
      name: 'a table that would no longer be retained changes',
      from: { X: TABLE },
      to: { X: { ...TABLE, DeletionPolicy: 'Delete' } },
      change: { change: 'update', properties: ['DeletionPolicy'] },
    },
  ])('$name', ({ from, to, change }) => {
    const { status, resources } = planStack('S', templateOf(from), templateOf(to));
    expect(status).toBe('changed');
    expect(resources).toMatchObject([{ id: 'X', ...change }]);
  });

  test('shows permissions apart, and whether somebody may do more', () => {
    const [narrow, wide] = [['drs:DescribeJobs'], ['drs:DescribeJobs', 'drs:StartRecovery']];
    const widened = planStack(
      'S',
      templateOf({ P: policyOf(...narrow) }),
      templateOf({ P: policyOf(...wide) }),
    );
    expect(widened.broadens).toBe(true);
    expect(widened.permissions).toMatchObject([
      { change: 'add', effect: 'Allow', actions: wide, resources: ['*'], conditional: false },
      { change: 'remove', effect: 'Allow', actions: narrow },
    ]);
    const gone = planStack('S', templateOf({ P: policyOf(...wide) }), templateOf({}));
    expect(gone.broadens).toBe(false);
    expect(gone.permissions).toMatchObject([{ change: 'remove', actions: wide }]);
  });

  test('counts what is no resource', () => {
    const output = { Outputs: { Name: { Value: 'x' } } };
    expect(planStack('S', templateOf({}), templateOf({}, output))).toMatchObject({
      status: 'changed',
      others: 1,
    });
  });
});

test('a deployment is planned in the order of its stacks; what is left over is named, what was never there is not', async () => {
  const wanted = new Map([
    ['BreakwaterWorkflow', templateOf({ Queue: QUEUE })],
    ['BreakwaterRecords', templateOf({ Table: TABLE })],
    ['BreakwaterTargetAccount', templateOf({})],
  ]);
  const deployed: Record<string, Template> = {
    BreakwaterRecords: templateOf({ Table: TABLE }),
    BreakwaterTriggers: templateOf({}),
  };
  const { stacks } = await planDeployment(wanted, 'eu-west-1', async (stack) => deployed[stack] ?? null);
  expect(stacks.map(({ stack, status }) => [stack, status])).toEqual([
    ['BreakwaterRecords', 'same'],
    ['BreakwaterWorkflow', 'new'],
    ['BreakwaterTriggers', 'left'],
  ]);
});

test('another prefix of the tables would replace all of them, and the plan of our own templates says so', async () => {
  const [before, after] = [await synthesize(), await synthesize({ tablePrefix: 'dr-' })];
  const stack = 'BreakwaterRecords';
  const planOf = (wanted: typeof before) =>
    planStack(
      stack,
      before.templates.get(stack) as unknown as Template,
      wanted.templates.get(stack) as unknown as Template,
    );
  expect(planOf(before).status).toBe('same');
  const replaced = planOf(after).resources.filter(({ change }) => change === 'replace');
  expect(replaced.map(({ type, stateful }) => [type, stateful])).toEqual(
    Array.from({ length: 6 }, () => ['AWS::DynamoDB::GlobalTable', true]),
  );
});

describe.runIf(HAS_PYTHON)("what is deployed, in moto's CloudFormation", () => {
  let moto: ForeignServer;
  beforeAll(async () => {
    moto = await startForeignServer({
      name: 'moto',
      program: PYTHON,
      args: (port) => ['-m', 'moto.server', '-p', port],
    });
    vi.stubEnv('AWS_ENDPOINT_URL', moto.url);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  }, 90_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await moto?.stop();
  });

  test.each([
    { StackName: 'json', write: JSON.stringify },
    { StackName: 'yaml', write: stringify },
  ])('is read as it was deployed, in $StackName', async ({ StackName, write }) => {
    const template = templateOf({ Queue: { ...QUEUE, Properties: { QueueName: StackName } } });
    const client = new CloudFormationClient({ region: 'eu-west-1' });
    await client.send(new CreateStackCommand({ StackName, TemplateBody: write(template) }));
    expect(await deployedIn('eu-west-1')(StackName)).toEqual(template);
  });

  test('is nothing where there is no such stack', async () => {
    expect(await deployedIn('eu-west-1')('BreakwaterRecords')).toBeNull();
  });

  test('is not asked for with credentials of another account than that of the settings', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-plan-'));
    const [settings, answer] = [path.join(folder, 'settings.json'), path.join(folder, 'answer.json')];
    writeFileSync(settings, JSON.stringify({ account: '111122223333', region: 'eu-west-1' }));
    const plan = path.join(import.meta.dirname, '../src/plan.ts');
    execFileSync(process.execPath, [plan, '--settings', settings, '--answer', answer]);
    expect(JSON.parse(readFileSync(answer, 'utf8'))).toEqual({
      failed: 'reading',
      message: 'the credentials are of account 123456789012, and the settings are for 111122223333',
    });
  });
});

test('a network that takes calls and answers none is not waited for', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  try {
    await expect(accountIn('eu-west-1', 20)).rejects.toMatchObject({ name: 'TimeoutError' });
  } finally {
    vi.unstubAllEnvs();
    silent.close();
  }
});
