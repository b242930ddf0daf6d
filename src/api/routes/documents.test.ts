import { beforeEach, describe, expect, test } from 'vitest';
import type { Control, PlanAssessment } from '#control/control.ts';
import { createConfiguration } from '#control/configuration.ts';
import { createPlans } from '#control/plans.ts';
import { createProtectionGroups } from '#control/protection-groups.ts';
import { createSettings } from '#control/settings.ts';
import { createTargetAccounts, targetAccountSource } from '#control/target-accounts.ts';
import { OTHER, REGION, testEstate } from '#control/testing/estate.ts';
import { testPlane } from '#control/testing/plane.ts';
import type { Role } from '#core/permissions.ts';
import { testApp, type Question } from '../testing/test-app.ts';
import { configurationRoutes } from './configuration.ts';
import { plansRoutes } from './plans.ts';
import { protectionGroupsRoutes } from './protection-groups.ts';
import { settingsRoutes } from './settings.ts';
import { targetAccountsRoutes } from './target-accounts.ts';

const plan = {
  planId: 'core',
  waves: [{ waveNumber: 1, name: 'W', technologies: [{ type: 'drs', operation: 'recovery' }] }],
};
const group = { groupId: 'web tier', tags: { Tier: 'web' } };
const account = {
  accountId: OTHER,
  name: 'Recovery',
  roleArn: `arn:aws:iam::${OTHER}:role/breakwater`,
  externalId: 'bw-1',
  regions: [REGION],
};
const ASSESSMENT: PlanAssessment = {
  findings: [{ level: 'error', rule: 'R', path: 'waves[0]', message: 'm', remedy: 'r', value: 1 }],
  expectedDuration: 'PT10M',
  waves: [
    {
      waveNumber: 1,
      expectedDuration: 'PT10M',
      technologies: [
        {
          type: 'drs',
          operation: 'recovery',
          resources: ['s-1'],
          expectedDuration: 'PT10M',
          basis: 'measured',
          calls: [{ iamAction: 'drs:StartRecovery', count: 1, summary: 'launch' }],
          quotas: [{ name: 'Jobs', code: 'L-1', limit: 20, used: 0, needed: 1 }],
        },
      ],
    },
  ],
};

function routes() {
  const late: { source?: ReturnType<typeof targetAccountSource> } = {};
  const { deps, store } = testPlane({ aws: testEstate((accountId) => late.source!(accountId)) });
  late.source = targetAccountSource(store);
  const control = { validatePlan: async () => ASSESSMENT } as unknown as Control;
  return [
    ...plansRoutes(createPlans(deps, control)),
    ...protectionGroupsRoutes(createProtectionGroups(deps)),
    ...targetAccountsRoutes(createTargetAccounts(deps)),
    ...settingsRoutes(createSettings(deps)),
    ...configurationRoutes(createConfiguration(deps)),
  ];
}

let app: Awaited<ReturnType<typeof testApp>>;
beforeEach(async () => {
  app = await testApp(routes());
});

const statusOf = async (what: string, question?: Question) => (await app.ask(what, question)).status;

describe.each([
  {
    at: '/recovery-plans',
    plural: 'plans',
    one: '/recovery-plans/core',
    document: plan,
    changed: { ...plan, name: 'New' },
    writer: 'PlanManager' as Role,
    reader: 'ReadOnly' as Role,
    unsound: { ...plan, waves: [] },
    path: 'waves',
  },
  {
    at: '/protection-groups',
    plural: 'protectionGroups',
    one: '/protection-groups/web%20tier',
    document: group,
    changed: { ...group, name: 'New' },
    writer: 'PlanManager' as Role,
    reader: 'Operator' as Role,
    unsound: { groupId: '../x', tags: { Tier: 'web' } },
    path: 'groupId',
  },
  {
    at: '/target-accounts',
    plural: 'targetAccounts',
    one: `/target-accounts/${OTHER}`,
    document: account,
    changed: { ...account, name: 'New' },
    writer: 'Admin' as Role,
    reader: 'PlanManager' as Role,
    unsound: { ...account, roleArn: 'arn:aws:iam::111122223333:role/x' },
    path: 'roleArn',
  },
])('documents at $at', ({ at, plural, one, document, changed, writer, reader, unsound, path }) => {
  test('are made, read, listed, changed and removed by who may', async () => {
    const made = await app.ask(`POST ${at}`, { as: writer, body: document });
    expect([made.status, made.headers['location'], made.headers['etag']]).toEqual([201, one, '"1"']);
    const read = await app.ask(`GET ${one}`, { as: reader });
    expect([read.status, read.headers['etag'], read.body]).toEqual([200, '"1"', made.body]);
    expect((await app.ask(`GET ${at}?limit=5`, { as: reader })).body[plural]).toHaveLength(1);
    const put = await app.ask(`PUT ${one}`, { as: writer, body: changed, ifMatch: 1 });
    expect([put.status, put.headers['etag']]).toEqual([200, '"2"']);
    expect(await statusOf(`DELETE ${one}`, { as: writer, ifMatch: 2 })).toBe(204);
    expect(await statusOf(`GET ${one}`)).toBe(404);
    expect(app.errors).toEqual([]);
  });

  test('are not changed by who may only read', async () => {
    await app.ask(`POST ${at}`, { body: document });
    expect([
      await statusOf(`POST ${at}`, { as: reader, body: document }),
      await statusOf(`PUT ${one}`, { as: reader, body: changed, ifMatch: 1 }),
      await statusOf(`DELETE ${one}`, { as: reader, ifMatch: 1 }),
    ]).toEqual([403, 403, 403]);
  });

  test('are not changed by a stale ETag, by none, or twice at the same id', async () => {
    await app.ask(`POST ${at}`, { body: document });
    await app.ask(`PUT ${one}`, { body: changed, ifMatch: 1 });
    expect([
      await statusOf(`PUT ${one}`, { body: document, ifMatch: 1 }),
      await statusOf(`DELETE ${one}`, { ifMatch: 1 }),
      await statusOf(`PUT ${one}`, { body: document }),
      await statusOf(`POST ${at}`, { body: document }),
    ]).toEqual([412, 412, 428, 409]);
  });

  test('are refused by path when they are not sound', async () => {
    const refused = await app.ask(`POST ${at}`, { body: unsound });
    expect([refused.status, refused.body.code, refused.body.findings[0].path]).toEqual([
      400,
      'RequestInvalid',
      path,
    ]);
    const extra = await app.ask(`POST ${at}`, { body: { ...document, colour: 'red' } });
    expect([extra.status, extra.body.findings[0].path]).toEqual([400, 'colour']);
    expect(await statusOf(`POST ${at}`, { body: [] })).toBe(400);
  });

  test('do not fall over ids that cannot be', async () => {
    for (const id of ['%00', '..%2f..', '%ed%a0%80', 'x'.repeat(200)])
      expect([400, 404]).toContain(await statusOf(`GET ${at}/${id}`));
    expect(app.errors).toEqual([]);
  });
});

describe('a kept plan', () => {
  beforeEach(async () => {
    await app.ask('POST /recovery-plans', { body: plan });
    await app.ask('PUT /recovery-plans/core', { body: { ...plan, name: 'New' }, ifMatch: 1 });
  });

  test('has versions and differences between them', async () => {
    const { body } = await app.ask('GET /recovery-plans/core/versions');
    expect(body.versions.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
    const first = await app.ask('GET /recovery-plans/core/versions/1');
    expect([first.body.version, first.headers['etag']]).toEqual([1, '"1"']);
    expect((await app.ask('GET /recovery-plans/core/diff?from=1&to=2')).body).toEqual({
      differences: [{ path: 'name', after: 'New' }],
    });
    expect(await statusOf('GET /recovery-plans/core/versions/9')).toBe(404);
    expect(await statusOf('GET /recovery-plans/core/diff?from=1')).toBe(400);
  });

  test('is validated and run dry by who may read it', async () => {
    const checked = await app.ask('POST /recovery-plans/core/validate', { as: 'ReadOnly' });
    expect([checked.status, checked.body.findings[0].path]).toEqual([200, 'waves[0]']);
    const dry = await app.ask('POST /recovery-plans/core/dry-run', { body: { mode: 'recovery' } });
    expect(dry.body).toMatchObject({
      ready: false,
      calls: [{ iamAction: 'drs:StartRecovery', count: 1, waveNumber: 1 }],
      iamActions: ['drs:Describe', 'drs:Start', 'drs:StartRecovery'],
    });
    expect(await statusOf('POST /recovery-plans/core/dry-run', { body: { mode: 'play' } })).toBe(400);
  });

  test('comes as YAML too, and its graph is checked with 422', async () => {
    const yaml = { 'content-type': 'application/yaml' };
    const text =
      'planId: y\nwaves:\n  - {waveNumber: 1, name: W, technologies: [{type: drs, operation: recovery}]}\n';
    expect(await statusOf('POST /recovery-plans', { body: text, headers: yaml })).toBe(201);
    const waves = [{ ...plan.waves[0], dependencies: [7] }];
    const refused = await app.ask('POST /recovery-plans', { body: { ...plan, planId: 'z', waves } });
    expect([refused.status, refused.body.code]).toEqual([422, 'PlanInvalid']);
  });
});

test('a preview of tags answers servers, and a match of nothing with a warning', async () => {
  const found = await app.ask('POST /protection-groups/resolve', {
    as: 'ReadOnly',
    body: { tags: { Tier: 'web' } },
  });
  expect([found.status, found.body.matched]).toEqual([200, 1]);
  const none = await app.ask('POST /protection-groups/resolve', { body: { tags: { Tier: 'x' } } });
  expect([none.status, none.body.matched, none.body.warnings.length]).toEqual([200, 0, 1]);
  expect(await statusOf('POST /protection-groups/resolve', { body: {} })).toBe(400);
  expect(await statusOf('POST /protection-groups/resolve', { body: { groupId: 'nope' } })).toBe(404);
});

test('a target account is validated into a list of checks', async () => {
  await app.ask('POST /target-accounts', { body: account });
  const checked = await app.ask(`POST /target-accounts/${OTHER}/validate`);
  expect([checked.status, checked.body.status, checked.body.checks.length]).toEqual([200, 'failed', 12]);
  expect(await statusOf('POST /target-accounts/111122223333/validate')).toBe(404);
});

describe('the configuration', () => {
  test('goes out as JSON, and comes in as JSON or YAML', async () => {
    await app.ask('POST /recovery-plans', { body: plan });
    const json = await app.ask('GET /configuration/export', { as: 'ReadOnly' });
    expect([json.status, json.body.recoveryPlans[0].planId]).toEqual([200, 'core']);
    const again = await app.ask('POST /configuration/import', { body: json.body });
    expect(again.body).toMatchObject({ applied: true, unchanged: [{ kind: 'recoveryPlans', id: 'core' }] });
    const asYaml = { 'content-type': 'application/yaml' };
    const yaml = await app.ask('POST /configuration/import?preview=true', {
      body: 'protectionGroups: [{groupId: web, tags: {Tier: web}}]',
      headers: asYaml,
    });
    expect(yaml.body).toMatchObject({ applied: false, created: [{ kind: 'protectionGroups', id: 'web' }] });
    expect((await app.ask('GET /protection-groups')).body.protectionGroups).toEqual([]);
  });

  test('goes out as YAML that comes in again', async () => {
    // A stream is no JSON that could be checked.
    app = await testApp(routes(), { checkAnswers: false });
    await app.ask('POST /recovery-plans', { body: plan });
    await app.ask('POST /target-accounts', { body: account });
    const yaml = await app.ask('GET /configuration/export?format=yaml');
    expect(yaml.headers['content-type']).toBe('application/yaml; charset=utf-8');
    const headers = { 'content-type': 'application/yaml' };
    const again = await app.ask('POST /configuration/import', { body: yaml.text, headers });
    expect([again.status, again.body.unchanged.length, again.body.writes]).toEqual([200, 2, 0]);
    expect(await statusOf('GET /configuration/export?format=xml')).toBe(400);
  });

  test('is imported by an Admin alone, and unknown members are named', async () => {
    expect(await statusOf('POST /configuration/import', { as: 'PlanManager', body: {} })).toBe(403);
    const refused = await app.ask('POST /configuration/import', { body: { plans: [] } });
    expect([refused.status, refused.body.findings[0].path]).toEqual([400, 'plans']);
  });

  test('settings begin at revision 0, and change with the one that was read', async () => {
    const first = await app.ask('GET /configuration/settings', { as: 'ReadOnly' });
    expect([first.status, first.headers['etag']]).toEqual([200, '"0"']);
    const put = (ifMatch: number) => statusOf('PUT /configuration/settings', { body: first.body, ifMatch });
    expect([await put(0), await put(0), await put(1)]).toEqual([200, 412, 200]);
    expect(await statusOf('PUT /configuration/settings', { as: 'Operator', body: {}, ifMatch: 2 })).toBe(403);
  });
});

test('all of it is described, and each shape has its name', () => {
  const document = app.describe() as unknown as {
    paths: object;
    components: { schemas: Record<string, unknown> };
  };
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining([
      '/recovery-plans/{planId}/diff',
      '/protection-groups/resolve',
      '/target-accounts/{accountId}/validate',
      '/configuration/import',
    ]),
  );
  expect(Object.keys(document.components.schemas)).toEqual(
    expect.arrayContaining(['StoredPlan', 'ProtectionGroup', 'TargetAccount', 'ConfigurationImport']),
  );
});
