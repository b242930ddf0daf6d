import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import validate from 'asl-validator';
import { App, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Json } from '../../src/core/json.ts';
import { functionAliases } from '../../src/control/doctor/control-account.ts';
import { loadMachine } from '../../src/engine/asl/load.ts';
import { holdAgainstRules } from '../src/app.ts';
import { ENTER_TARGETS } from '../src/function-names.ts';
import { acknowledgeResources } from '../src/policy.ts';
import {
  ofType,
  propertiesOf,
  STACKS,
  synthesize,
  type Assembly,
  type Template,
} from './support/assembly.ts';
import { machineOf } from './support/machine.ts';
import { outlineOf } from './support/outline.ts';

let assembly: Assembly;
beforeAll(async () => void (assembly = await synthesize()));

const templateOf = (stack: string): Template => assembly.templates.get(stack)!;

test.each(STACKS)('%s is as reviewed', async (stack) => {
  await expect(outlineOf(templateOf(stack))).toMatchFileSnapshot(`snapshots/${stack}.yaml`);
});

test('the template for StackSets is the one that is written out', async () => {
  const { Parameters, Resources, ...rest } = templateOf('BreakwaterTargetAccount') as Template & object;
  const resources = Object.fromEntries(
    Object.entries(Resources).map(([id, { Type, Properties }]) => [id, { Type, Properties }]),
  );
  const text = stringify({ ...rest, Parameters, Resources: resources }, { aliasDuplicateObjects: false });
  await expect(text).toMatchFileSnapshot('../target-account.yaml');
});

describe('every policy', () => {
  test('names its actions in full', () => {
    for (const name of [
      'BreakwaterWorkflow',
      'BreakwaterApi',
      'BreakwaterTriggers',
      'BreakwaterTargetAccount',
    ]) {
      const template = templateOf(name);
      const documents = Object.values(template.Resources).flatMap(
        ({ Properties }) => Properties?.['PolicyDocument'] ?? [],
      );
      const statements = documents.flatMap(
        (document) => (document as { Statement: Record<string, Json>[] }).Statement,
      );
      const allowed = statements
        .filter(({ Effect }) => Effect === 'Allow')
        .flatMap(({ Action }) => [Action].flat() as string[]);
      expect(allowed.length).toBeGreaterThan(0);
      expect(allowed.filter((action) => action.includes('*'))).toEqual([]);
    }
  });
});

test('the functions that may take roles of target accounts are those that these roles trust', () => {
  const entering = [...assembly.templates.values()].flatMap((template) =>
    Object.values(template.Resources).flatMap(({ Type, Properties }) => {
      if (Type !== 'AWS::IAM::Policy' || !JSON.stringify(Properties).includes('"sts:AssumeRole"')) return [];
      const [{ Ref: role }] = Properties['Roles'] as [{ Ref: string }];
      return template.Resources[role]!.Properties['RoleName'] as string;
    }),
  );
  expect(entering.toSorted()).toEqual(ENTER_TARGETS.map((name) => `breakwater-${name}`).toSorted());
});

test('a rule of AWS Solutions that is broken fails the synthesis', () => {
  const app = new App({
    outdir: mkdtempSync(path.join(tmpdir(), 'breakwater-broken-')),
    analyticsReporting: false,
  });
  const policy = new ManagedPolicy(new Stack(app, 'Broken'), 'Policy');
  policy.addStatements(new PolicyStatement({ actions: ['drs:*'], resources: ['*'] }));
  acknowledgeResources(policy, { '*': 'the action is what is wrong' });
  holdAgainstRules(app);
  expect(() => app.synth()).toThrow(/AwsSolutions-IAM5\[Action::drs:\*\]/);
});

describe('the records', () => {
  test('are kept when their stack goes, backed up and encrypted', () => {
    const tables = ofType(templateOf('BreakwaterRecords'), 'AWS::DynamoDB::GlobalTable');
    expect(tables).toHaveLength(6);
    for (const table of tables) {
      expect(table).toMatchObject({
        DeletionPolicy: 'Retain',
        Properties: {
          BillingMode: 'PAY_PER_REQUEST',
          Replicas: [
            {
              DeletionProtectionEnabled: true,
              PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            },
          ],
        },
      });
    }
  });

  test('stand in a second Region too, if the settings name one', async () => {
    const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/mrk-1';
    const { templates } = await synthesize({
      account: '111122223333',
      region: 'eu-central-1',
      tablePrefix: 'dr-',
      replica: { region: 'eu-west-1', keyArn },
    });
    const [table] = propertiesOf(templates.get('BreakwaterRecords')!, 'AWS::DynamoDB::GlobalTable');
    expect(table).toMatchObject({
      TableName: 'dr-protection-groups',
      Replicas: [
        { Region: { Ref: 'AWS::Region' } },
        { Region: 'eu-west-1', SSESpecification: { KMSMasterKeyId: keyArn } },
      ],
    });
  });
});

test('the doctor asks for the functions that are deployed, each with its aliases', () => {
  const templates = [...assembly.templates.values()];
  const functions = templates.flatMap((template) =>
    propertiesOf(template, 'AWS::Lambda::Function').map(({ FunctionName }) => FunctionName as string),
  );
  const deployed = functions.map((name) => [name, aliasesOf(templates, name)]);
  const asked = Object.entries(functionAliases()).map(([name, aliases]) => [`breakwater-${name}`, aliases]);
  const sorted = (entries: unknown[][]) =>
    Object.fromEntries(entries.map(([name, aliases]) => [name, (aliases as string[]).toSorted()]));
  expect(sorted(deployed)).toEqual(sorted(asked));
});

/** Of a function, by its name: a template's aliases refer to it by its id. */
function aliasesOf(templates: readonly Template[], name: string): string[] {
  return templates.flatMap((template) => {
    const id = Object.keys(template.Resources).find(
      (one) => template.Resources[one]!.Properties?.['FunctionName'] === name,
    );
    const aliases = propertiesOf(template, 'AWS::Lambda::Alias');
    return aliases
      .filter(({ FunctionName }) => id !== undefined && (FunctionName as { Ref?: Json }).Ref === id)
      .map(({ Name }) => Name as string);
  });
}

describe('the standby of a second Region', () => {
  let standby: Assembly;
  beforeAll(async () => {
    standby = await synthesize({ account: '111122223333', region: 'eu-west-1', standby: true });
  });

  test('makes no tables, and none of its rules is enabled', () => {
    expect(standby.templates.has('BreakwaterRecords')).toBe(false);
    const rules = propertiesOf(standby.templates.get('BreakwaterTriggers')!, 'AWS::Events::Rule');
    expect(rules.map(({ Name, State }) => [Name, State])).toEqual([
      ['breakwater-jobs-minute', 'DISABLED'],
      ['breakwater-jobs-drs', 'DISABLED'],
      ['breakwater-disaster', 'DISABLED'],
    ]);
  });

  test('has names of its own for what is one in all Regions of an account', () => {
    const names = (type: string, name: string): Json[] =>
      [...standby.templates]
        .filter(([stack]) => stack !== 'BreakwaterTargetAccount')
        .flatMap(([, template]) =>
          propertiesOf(template, type).map((properties) => properties[name] ?? null),
        );
    const roles = names('AWS::IAM::Role', 'RoleName');
    expect(roles).toHaveLength(12);
    const own = expect.stringMatching(/^breakwater-[a-z-]+-eu-west-1$/) as string;
    expect(roles).toEqual(roles.map(() => own));
    expect(names('AWS::CloudWatch::Dashboard', 'DashboardName')).toEqual(['breakwater-overview-eu-west-1']);
  });
});

test('solutions of the settings may be asked by those who drive them, and by nobody else', async () => {
  const api = 'arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/*';
  const { templates } = await synthesize({ solutionApis: [api] });
  const allowed = [...templates.values()].flatMap((template) =>
    propertiesOf(template, 'AWS::IAM::Policy').filter((policy) => JSON.stringify(policy).includes(api)),
  );
  const roles = allowed.map(({ Roles }) => JSON.stringify(Roles));
  expect(roles.map((role) => /"Ref":"([a-z]+)/.exec(role)?.[1])).toEqual([
    'adapterdrsrole',
    'wavecontrollerrole',
    'apirole',
  ]);
});

describe('the state machines', () => {
  const machine = (name: string) => machineOf(templateOf('BreakwaterWorkflow'), name);

  test.each(['recovery', 'technology'])('%s is the very file of the workflow', (name) => {
    const file = path.join(import.meta.dirname, '../../src/workflow', `${name}.asl.json`);
    expect(machine(name).definition).toBe(readFileSync(file, 'utf8'));
  });

  test.each(['recovery', 'technology'])('%s loads as it stands after substitution', (name) => {
    const { substituted } = machine(name);
    expect(substituted).not.toContain('${');
    expect(() =>
      loadMachine({ name, definition: JSON.parse(substituted) as never, substitutions: {} }),
    ).not.toThrow();
  });

  test.each(['recovery', 'technology'])('asl-validator has nothing against %s after substitution', (name) => {
    const definition = JSON.parse(machine(name).substituted) as object;
    expect(validate(definition)).toMatchObject({ isValid: true, errors: [] });
    expect(validate({ ...definition, StartAt: 'Nowhere' })).toMatchObject({ isValid: false });
  });

  test('technology invokes the function of the adapter that its type names', () => {
    expect(machine('technology').names['TechnologyPollFunction']).toBe(
      "{% 'arn:aws:lambda:eu-central-1:111122223333:function:breakwater-adapter-' & $type & ':technology-poll' %}",
    );
  });

  test('recovery may invoke every function that it names', () => {
    const { names } = machine('recovery');
    const template = templateOf('BreakwaterWorkflow');
    const aliases = propertiesOf(template, 'AWS::Lambda::Alias').map(({ Name }) => Name);
    const controller = Object.values(names).filter((name) => name.includes('breakwater-wave-controller:'));
    expect(controller).toHaveLength(7);
    for (const arn of controller) expect(aliases).toContain(arn.split(':').at(-1));
  });
});
