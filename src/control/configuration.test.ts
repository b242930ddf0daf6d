import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { documentCollection } from './collections.ts';
import { createConfiguration } from './configuration.ts';
import type { Control } from './control.ts';
import { createPlans } from './plans.ts';
import { createProtectionGroups } from './protection-groups.ts';
import { createSettings } from './settings.ts';
import { createTargetAccounts } from './target-accounts.ts';
import { testPlane } from './testing/plane.ts';

const ana = { by: 'token:ana', requestId: 'req-1' };
const plan = (planId: string, more: object = {}) => ({
  planId,
  waves: [{ waveNumber: 1, name: 'W', technologies: [{ type: 'drs', operation: 'recovery' }] }],
  ...more,
});
const group = (groupId: string) => ({ groupId, tags: { Tier: groupId } });
const account = {
  accountId: '444455556666',
  name: 'Recovery',
  roleArn: 'arn:aws:iam::444455556666:role/breakwater',
  regions: ['eu-west-1'],
};

const Trigger = z.strictObject({ triggerId: z.string(), planId: z.string() });

function bench() {
  const plane = testPlane();
  const triggers = documentCollection({
    store: plane.store,
    table: 'platform-records',
    partition: 'triggers',
    name: 'triggers',
    schema: Trigger,
    idField: 'triggerId',
    expose: ({ secretHash: _, ...rest }) => rest,
    complete: (value, kept) => ({ ...value, secretHash: kept?.['secretHash'] ?? 'none yet' }),
  });
  return {
    ...plane,
    configuration: createConfiguration(plane.deps, [triggers]),
    plans: createPlans(plane.deps, {} as Control),
    groups: createProtectionGroups(plane.deps),
    accounts: createTargetAccounts(plane.deps),
    settings: createSettings(plane.deps),
    putTrigger: (value: { triggerId: string; planId: string; secretHash: string }) =>
      plane.store.write([
        {
          kind: 'put',
          table: 'platform-records',
          key: { partition: 'triggers', sort: value.triggerId },
          value,
          expect: 'any',
        },
      ]),
  };
}

const apply = { preview: false };
const preview = { preview: true };

test('an export is all of the configuration in order, without secrets', async () => {
  const { configuration, plans, groups, accounts, putTrigger } = bench();
  await plans.create(plan('core'), ana);
  await groups.create(group('web'), ana);
  await groups.create(group('db'), ana);
  await accounts.create(account, ana);
  await putTrigger({ triggerId: 'ci', planId: 'core', secretHash: 'abc' });
  const exported = await configuration.export();
  expect(exported).toMatchObject({
    formatVersion: 1,
    recoveryPlans: [{ planId: 'core' }],
    protectionGroups: [{ groupId: 'db' }, { groupId: 'web' }],
    targetAccounts: [account],
    triggers: [{ triggerId: 'ci', planId: 'core' }],
  });
  expect(JSON.stringify(exported)).not.toContain('abc');
  expect(parse(await configuration.exportYaml())).toEqual(exported);
});

test('an export goes into an empty server, and again changes nothing', async () => {
  const first = bench();
  await first.plans.create(plan('core'), ana);
  await first.groups.create(group('web'), ana);
  await first.settings.put({ identity: {}, solutions: {} }, 0, ana);
  const exported = await first.configuration.export();

  const second = bench();
  const result = await second.configuration.import(exported, apply, ana);
  expect(result).toMatchObject({
    applied: true,
    writes: 4,
    created: [
      { kind: 'recoveryPlans', id: 'core' },
      { kind: 'protectionGroups', id: 'web' },
      { kind: 'settings', id: 'settings' },
    ],
  });
  expect(await second.configuration.export()).toEqual(exported);
  expect((await second.plans.get('core')).version).toBe(1);
  expect(second.audited.at(-1)).toMatchObject({
    action: 'configuration.import',
    by: 'token:ana',
    data: { created: ['recoveryPlans/core', 'protectionGroups/web', 'settings/settings'], updated: [] },
  });

  const again = await second.configuration.import(exported, apply, ana);
  expect([again.created, again.updated, again.unchanged.length, again.writes]).toEqual([[], [], 3, 0]);
});

test('a preview says what would differ and writes nothing', async () => {
  const { configuration, plans, groups, audited } = bench();
  await plans.create(plan('core'), ana);
  await groups.create(group('db'), ana);
  const before = audited.length;
  const document = {
    recoveryPlans: [plan('core', { description: 'new' })],
    protectionGroups: [group('web'), group('db')],
  };
  expect(await configuration.import(document, preview, ana)).toEqual({
    applied: false,
    created: [{ kind: 'protectionGroups', id: 'web' }],
    updated: [{ kind: 'recoveryPlans', id: 'core', differences: [{ path: 'description', after: 'new' }] }],
    unchanged: [{ kind: 'protectionGroups', id: 'db' }],
    writes: 3,
  });
  expect((await plans.get('core')).version).toBe(1);
  expect((await groups.list()).items).toHaveLength(1);
  expect(audited).toHaveLength(before);
});

test('an imported plan is a new version, and the one before stays', async () => {
  const { configuration, plans } = bench();
  await plans.create(plan('core'), ana);
  await configuration.import({ recoveryPlans: [plan('core', { name: 'New' })] }, apply, ana);
  expect((await plans.versions('core')).versions.map(({ version, name }) => [version, name])).toEqual([
    [2, 'New'],
    [1, 'core'],
  ]);
});

test('what an export does not show survives an import', async () => {
  const { configuration, putTrigger, store } = bench();
  await putTrigger({ triggerId: 'ci', planId: 'core', secretHash: 'abc' });
  await configuration.import({ triggers: [{ triggerId: 'ci', planId: 'other' }] }, apply, ana);
  const row = await store.get({
    table: 'platform-records',
    key: { partition: 'triggers', sort: 'ci' },
  });
  expect(row?.value).toEqual({ triggerId: 'ci', planId: 'other', secretHash: 'abc' });
});

test('one unsound document keeps all of them out, and every finding has its place', async () => {
  const { configuration, groups } = bench();
  const graph = [{ ...plan('core').waves[0]!, dependencies: [9] }];
  const document = {
    recoveryPlans: [plan('core', { waves: graph })],
    protectionGroups: [group('web'), group('web')],
  };
  await expect(configuration.import(document, apply, ana)).rejects.toMatchObject({
    code: 'RequestInvalid',
    details: {
      findings: [
        { path: 'recoveryPlans[0].waves[0].dependencies[0]' },
        { path: 'protectionGroups[1]', rule: 'IdDuplicate' },
      ],
    },
  });
  expect((await groups.list()).items).toEqual([]);
});

test.each([
  { title: 'an unknown member', document: { plans: [] }, path: 'plans' },
  {
    title: 'a plan without id',
    document: { recoveryPlans: [{ ...plan('x'), planId: undefined }] },
    path: 'recoveryPlans[0].planId',
  },
  { title: 'another format', document: { formatVersion: 2 }, path: 'formatVersion' },
])('$title is refused by its path', async ({ document, path }) => {
  await expect(bench().configuration.import(document, apply, ana)).rejects.toMatchObject({
    code: 'RequestInvalid',
    details: { findings: [{ path }] },
  });
});

test('more writes than one transaction holds are refused, and a preview counts them', async () => {
  const { configuration, groups } = bench();
  const protectionGroups = Array.from({ length: 100 }, (_, i) => group(`g-${i}`));
  expect(await configuration.import({ protectionGroups }, preview, ana)).toMatchObject({ writes: 100 });
  await expect(configuration.import({ protectionGroups }, apply, ana)).rejects.toMatchObject({
    code: 'RequestTooLarge',
    message: expect.stringContaining('writes 100 rows'),
  });
  expect((await groups.list()).items).toEqual([]);
  const fits = { protectionGroups: protectionGroups.slice(0, 99) };
  expect(await configuration.import(fits, apply, ana)).toMatchObject({ applied: true, writes: 99 });
});

test('of two imports at once one is refused whole', async () => {
  const { configuration, groups } = bench();
  const document = (tier: string) => ({ protectionGroups: [{ ...group('web'), name: tier }, group(tier)] });
  const both = await Promise.allSettled([
    configuration.import(document('a'), apply, ana),
    configuration.import(document('b'), apply, ana),
  ]);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(both[1]).toMatchObject({ reason: { code: 'RevisionConflict' } });
  expect((await groups.list()).items.map(({ id }) => id).sort()).toEqual(['a', 'web']);
});
