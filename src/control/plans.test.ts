import { expect, test } from 'vitest';
import { Plan } from '#core/plan.ts';
import type { PlanAssessment } from './control.ts';
import { createPlans } from './plans.ts';
import { testPlane } from './testing/plane.ts';

const ana = { by: 'token:ana', requestId: 'req-1' };
const plan = (name: string, waves = 1, more: object = {}) => ({
  planId: 'core',
  name,
  waves: Array.from({ length: waves }, (_, i) => ({
    waveNumber: i + 1,
    name: `Wave ${i + 1}`,
    technologies: [{ type: 'drs', operation: 'recovery' }],
  })),
  ...more,
});

const NOTHING: PlanAssessment = { findings: [], expectedDuration: 'PT0S', waves: [] };

function bench(assessment = NOTHING, referrers: string[] = []) {
  const plane = testPlane();
  const asked: string[] = [];
  const control = {
    validatePlan: async ({ mode }: { mode: string }) => {
      asked.push(mode);
      return assessment;
    },
  };
  const plans = createPlans(plane.deps, control, { referrers: async () => referrers });
  return { ...plane, plans, asked };
}

test('each change makes a version, and the ones before can still be read', async () => {
  const { plans } = bench();
  await plans.create(plan('One'), ana);
  await plans.update('core', plan('Two'), 1, ana);
  const third = await plans.update('core', plan('Three', 2), 2, ana);
  expect([third.version, third.updatedAt, third.updatedBy]).toEqual([
    3,
    '2026-11-24T10:00:00.000Z',
    'token:ana',
  ]);
  expect((await plans.get('core')).plan.name).toBe('Three');
  expect((await plans.get('core', 1)).plan.name).toBe('One');
  const first = await plans.versions('core', { limit: 2 });
  expect(first.versions.map(({ version, name, waves }) => [version, name, waves])).toEqual([
    [3, 'Three', 2],
    [2, 'Two', 1],
  ]);
  const rest = await plans.versions('core', { limit: 2, cursor: first.nextCursor });
  expect(rest.versions.map(({ version }) => version)).toEqual([1]);
  await expect(plans.get('core', 4)).rejects.toMatchObject({ code: 'NotFound' });
});

test('the same content again is no new version', async () => {
  const { plans, audited } = bench();
  await plans.create(plan('One'), ana);
  expect((await plans.update('core', plan('One'), 1, ana)).version).toBe(1);
  expect(audited.map(({ action }) => action)).toEqual(['plan.create']);
});

test('versions go on where they were when a removed plan is made again', async () => {
  const { plans } = bench();
  await plans.create(plan('One'), ana);
  await plans.update('core', plan('Two'), 1, ana);
  await plans.remove('core', 2, ana);
  await expect(plans.get('core', 1)).rejects.toMatchObject({ code: 'NotFound' });
  expect((await plans.create(plan('Again'), ana)).version).toBe(3);
  expect((await plans.get('core', 2)).plan.name).toBe('Two');
  // An ETag of before the removal is not one of now.
  await expect(plans.update('core', plan('Late'), 2, ana)).rejects.toMatchObject({
    code: 'PreconditionFailed',
    details: { revision: 3 },
  });
});

test('of two changes that come at once one is refused, and nothing is lost', async () => {
  const { plans } = bench();
  await plans.create(plan('One'), ana);
  const both = await Promise.allSettled([
    plans.update('core', plan('Two'), 1, ana),
    plans.update('core', plan('Deux'), 1, ana),
  ]);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(both[1]).toMatchObject({ reason: { code: 'PreconditionFailed', details: { revision: 2 } } });
  expect((await plans.versions('core')).versions.map(({ name }) => name)).toEqual(['Two', 'One']);
});

test('a plan gets its id from its name, and there is one plan of an id', async () => {
  const { plans } = bench();
  const { planId: _, ...nameless } = plan('Core Banking (EU)');
  expect((await plans.create(nameless, ana)).planId).toBe('core-banking-eu');
  await expect(plans.create(nameless, ana)).rejects.toMatchObject({ code: 'AlreadyExists' });
  await expect(plans.create({ ...nameless, name: '☂' }, ana)).rejects.toMatchObject({
    code: 'RequestInvalid',
  });
});

test('findings of schema and graph come together', async () => {
  const { plans } = bench();
  const broken = plan('One', 2, { colour: 'red' });
  const [first, second] = broken.waves;
  const waves = [first, { ...second, dependencies: [7] }];
  const error = await plans.create({ ...broken, waves }, ana).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'PlanInvalid',
    details: {
      findings: [{ rule: 'FieldUnknown', path: 'colour' }, { path: 'waves[1].dependencies[0]' }],
    },
  });
});

test('a plan is not removed while an execution runs it or something refers to it', async () => {
  const { plans, unfinished, audited } = bench(NOTHING, ['schedule nightly']);
  await plans.create(plan('One'), ana);
  unfinished.push({ executionId: 'exec-1', planId: 'core' }, { executionId: 'exec-2', planId: 'other' });
  await expect(plans.remove('core', 1, ana)).rejects.toMatchObject({
    code: 'InUse',
    details: { usedBy: ['execution exec-1', 'schedule nightly'] },
  });
  expect(audited).toHaveLength(1);
});

test('what differs between two versions is said by path', async () => {
  const { plans } = bench();
  await plans.create(plan('One'), ana);
  await plans.update('core', plan('Two', 1, { objectives: { rto: 'PT4H' } }), 1, ana);
  expect(await plans.diff('core', 1, 2)).toEqual([
    { path: 'name', before: 'One', after: 'Two' },
    { path: 'objectives.rto', after: 'PT4H' },
  ]);
});

test('every change is in the evidence, with who asked', async () => {
  const { plans, audited } = bench();
  await plans.create(plan('One'), ana);
  await plans.update('core', plan('Two'), 1, ana);
  await plans.remove('core', 2, ana);
  expect(audited.map(({ action, by, target, requestId }) => [action, by, target, requestId])).toEqual([
    ['plan.create', 'token:ana', 'plan/core', 'req-1'],
    ['plan.update', 'token:ana', 'plan/core', 'req-1'],
    ['plan.delete', 'token:ana', 'plan/core', 'req-1'],
  ]);
  expect(audited[1]!.data['changed']).toEqual(['name']);
});

test('ids that no store can keep are just not there', async () => {
  const { plans } = bench();
  for (const id of ['', '\0', '../core', '\ud800', 'x'.repeat(81)])
    await expect(plans.get(id)).rejects.toMatchObject({ code: 'NotFound' });
});

test('a dry run lists calls and quotas with their place, and each IAM action once', async () => {
  const technology = (operation: string, calls: PlanAssessment['waves'][0]['technologies'][0]['calls']) => ({
    type: 'drs',
    operation,
    resources: ['s-1'],
    expectedDuration: 'PT10M',
    basis: 'measured',
    calls,
    quotas: [{ name: 'Concurrent jobs', code: 'L-1', limit: 20, used: 1, needed: 2 }],
  });
  const start = { iamAction: 'drs:Start', count: 2, summary: 'launch 150 servers' };
  const { plans, asked } = bench({
    findings: [{ level: 'warning', rule: 'R', path: 'waves[0]', message: 'm', remedy: 'r' }],
    expectedDuration: 'PT10M',
    waves: [
      { waveNumber: 1, expectedDuration: 'PT10M', technologies: [technology('recovery', [start])] },
      { waveNumber: 2, expectedDuration: 'PT10M', technologies: [technology('unknown', [])] },
    ],
  });
  const dry = await plans.dryRun(Plan.parse(plan('One')), 'recovery');
  expect(asked).toEqual(['recovery']);
  expect(dry).toMatchObject({
    ready: true,
    calls: [{ iamAction: 'drs:Start', count: 2, waveNumber: 1, type: 'drs', operation: 'recovery' }],
    iamActions: ['drs:Describe', 'drs:Start'],
  });
  expect(dry.quotas.map(({ waveNumber, needed }) => [waveNumber, needed])).toEqual([
    [1, 2],
    [2, 2],
  ]);
});
