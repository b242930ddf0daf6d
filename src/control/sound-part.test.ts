import { expect, test } from 'vitest';
import { soundPartOf } from './sound-part.ts';

const drs = (...protectionGroups: string[]) => ({
  type: 'drs',
  operation: 'recovery',
  resources: { protectionGroups },
});
const scripts = (...names: string[]) => ({
  type: 'application',
  operation: 'scripts',
  resources: { scripts: names },
});
const wave = (waveNumber: unknown, ...technologies: object[]) => ({ waveNumber, name: 'A', technologies });
const kept = (plan: object): unknown =>
  soundPartOf(plan)?.plan.waves.map(({ waveNumber, technologies }) => ({
    waveNumber,
    resources: technologies.map(({ resources }) => resources),
  })) ?? null;

test('a technology that breaks the schema is left out, and the others stay in their waves', () => {
  const plan = {
    name: 5,
    objectives: { rto: 'soon' },
    waves: [
      { ...wave(1, { ...drs('a'), timeout: 10 }, drs('b')), pauseAfterWave: 'yes' },
      wave(2, { ...drs('c'), criticality: 'none' }),
      { ...wave(3, drs('d')), dependencies: [9] },
    ],
  };
  expect(kept(plan)).toEqual([
    { waveNumber: 1, resources: [{ protectionGroups: ['b'] }] },
    { waveNumber: 3, resources: [{ protectionGroups: ['d'] }] },
  ]);
});

test('what is found gets the path that it has in the whole plan; what is said of the graph is said elsewhere', () => {
  const part = soundPartOf({
    waves: [wave(1, { ...drs('a'), timeout: 10 }), wave(2, { type: 'drs' }, drs('b'))],
  });
  const finding = { level: 'error', rule: 'ResourceUnresolved', message: '', remedy: '' } as const;
  const path = 'waves[0].technologies[0].resources.protectionGroups[0]';
  expect(
    part?.restore([
      { ...finding, path },
      { ...finding, rule: 'WaveNumberDuplicate', path: 'waves[0].waveNumber' },
    ]),
  ).toEqual([{ ...finding, path: 'waves[1].technologies[1].resources.protectionGroups[0]' }]);
});

test('what names a broken protection group or script is left out: it would be said to be missing', () => {
  const plan = {
    protectionGroups: [{ groupId: 'good', tags: { a: 'b' } }, { groupId: 'bad' }],
    scripts: {
      'good.sh': { type: 'commands', commands: ['x'], targets: { recovered: true } },
      'bad.sh': { type: 'commands' },
      'behind.sh': { type: 'commands', commands: ['x'], targets: { protectionGroups: ['bad'] } },
    },
    waves: [wave(1, drs('good'), drs('bad'), scripts('good.sh'), scripts('bad.sh'), scripts('behind.sh'))],
  };
  expect(kept(plan)).toEqual([
    { waveNumber: 1, resources: [{ protectionGroups: ['good'] }, { scripts: ['good.sh'] }] },
  ]);
});

test('a protection group without a name may be any that is named', () => {
  const plan = {
    protectionGroups: [{ tags: { a: 'b' } }],
    waves: [wave(1, drs('any'), { type: 'database', operation: 'failover', resources: { clusters: ['c'] } })],
  };
  expect(kept(plan)).toEqual([{ waveNumber: 1, resources: [{ clusters: ['c'] }] }]);
});

test.each([
  { name: 'no waves', plan: { waves: 'none' } },
  { name: 'waves without numbers alone', plan: { waves: [wave('one', drs('a')), 7] } },
  { name: 'a Region that is none', plan: { region: 'here', waves: [wave(1, drs('a'))] } },
  { name: 'protection groups that are no list', plan: { protectionGroups: {}, waves: [wave(1, drs('a'))] } },
])('of a plan with $name nothing can be looked for', ({ plan }) => {
  expect(soundPartOf(plan)).toBeNull();
});
