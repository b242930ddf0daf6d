import { expect, test } from 'vitest';
import type { Control } from './control.ts';
import { createPlans } from './plans.ts';
import { createProtectionGroups, protectionGroupSource } from './protection-groups.ts';
import { OTHER, OWN, REGION, SERVER_1, SERVER_2, testEstate } from './testing/estate.ts';
import { testPlane } from './testing/plane.ts';

const ana = { by: 'token:ana', requestId: 'req-1' };
const roleOf = async (accountId: string) =>
  accountId === OTHER ? { roleArn: `arn:aws:iam::${OTHER}:role/breakwater`, externalId: 'bw-1' } : null;

function bench() {
  const plane = testPlane({ aws: testEstate(roleOf) });
  return {
    ...plane,
    groups: createProtectionGroups(plane.deps),
    plans: createPlans(plane.deps, {} as Control),
  };
}

const web = { groupId: 'web', tags: { Tier: 'web' } };

test('groups are made, changed with the revision that was read, and removed', async () => {
  const { groups, audited } = bench();
  expect(await groups.create(web, ana)).toMatchObject({ revision: 1 });
  await expect(groups.create(web, ana)).rejects.toMatchObject({ code: 'AlreadyExists' });
  expect(await groups.update('web', { ...web, name: 'Web' }, 1, ana)).toMatchObject({ revision: 2 });
  await expect(groups.update('web', web, 1, ana)).rejects.toMatchObject({ code: 'PreconditionFailed' });
  await expect(groups.update('db', web, 1, ana)).rejects.toMatchObject({ code: 'RequestInvalid' });
  await expect(groups.remove('web', 1, ana)).rejects.toMatchObject({ code: 'PreconditionFailed' });
  await groups.remove('web', 2, ana);
  expect(await groups.list()).toEqual({ items: [] });
  expect(audited.map(({ action, data }) => [action, data])).toEqual([
    ['group.create', { revision: 1 }],
    ['group.update', { revision: 2, changed: ['name'] }],
    ['group.delete', { revision: 2 }],
  ]);
});

test('executions are given the stored groups, and nothing for names that cannot be', async () => {
  const { groups, store } = bench();
  await groups.create(web, ana);
  const source = protectionGroupSource(store);
  expect(await source('web')).toEqual({ groupId: 'web', tags: { Tier: 'web' } });
  expect([await source('db'), await source(''), await source('\0')]).toEqual([null, null, null]);
});

test.each([
  { place: 'resources', resources: { protectionGroups: ['web'] }, more: {} },
  {
    place: 'the targets of a script',
    resources: {},
    more: {
      scripts: { run: { type: 'commands', commands: ['true'], targets: { protectionGroups: ['web'] } } },
    },
  },
])('a group that a plan names in $place is not removed', async ({ resources, more }) => {
  const { groups, plans } = bench();
  await groups.create(web, ana);
  const technologies = [{ type: 'drs', operation: 'recovery', resources }];
  const plan = { planId: 'core', waves: [{ waveNumber: 1, name: 'W', technologies }], ...more };
  await plans.create(plan, ana);
  await expect(groups.remove('web', 1, ana)).rejects.toMatchObject({
    code: 'InUse',
    details: { usedBy: ['plan core'] },
  });
  // A plan that brings a group of this id along does not need the kept one.
  await plans.update('core', { ...plan, protectionGroups: [web] }, 1, ana);
  await groups.remove('web', 1, ana);
});

test('a preview shows the servers that tags match now, with their replication', async () => {
  const { groups, visitors } = bench();
  const found = await groups.resolve({ tags: { Tier: 'web' } }, ana);
  expect(found).toMatchObject({
    matched: 1,
    warnings: [],
    places: [
      {
        accountId: OWN,
        region: REGION,
        servers: [{ sourceServerId: SERVER_1, name: 'web-1', replicationState: 'CONTINUOUS' }],
      },
    ],
  });
  expect(visitors).toEqual(['request-req-1']);
});

test('to match nothing is an answer with a warning, and named servers add to tags', async () => {
  const { groups } = bench();
  await groups.create({ groupId: 'mixed', tags: { Tier: 'mainframe' }, sourceServerIds: [SERVER_2] }, ana);
  const found = await groups.resolve({ groupId: 'mixed' }, ana);
  expect([found.matched, found.warnings]).toEqual([
    1,
    [
      `no source server carries the tags Tier=mainframe (looked at ${OWN} in ${REGION})`,
      `source server ${SERVER_2} is STALLED`,
    ],
  ]);
  const none = await groups.resolve({ sourceServerIds: ['s-0000000000000000f'] }, ana);
  expect([none.matched, none.warnings]).toEqual([
    0,
    [`source server s-0000000000000000f is not there (looked at ${OWN} in ${REGION})`],
  ]);
});

test('several places are looked at, and one that cannot be does not hide the others', async () => {
  const { groups } = bench();
  const at = (accountId: string, region = REGION) => ({ accountId, region });
  const places = [at(OWN), at(OTHER), at(OTHER, 'eu-west-1')];
  const found = await groups.resolve({ tags: { Tier: 'web' }, places }, ana);
  expect(
    found.places.map(({ servers, failure }) => [servers.map(({ name }) => name), failure?.code]),
  ).toEqual([
    [['web-1'], undefined],
    [['web-9'], undefined],
    [[], 'AwsNotInitialized'],
  ]);
  expect(found.warnings).toHaveLength(1);
  await expect(
    groups.resolve({ tags: { Tier: 'web' }, ...at(OTHER, 'eu-west-1') }, ana),
  ).rejects.toMatchObject({ code: 'AwsNotInitialized' });
});
