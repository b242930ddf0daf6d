import { expect, test } from 'vitest';
import { breakwater, jsonLines, temporaryFolder } from './support/breakwater.ts';
import { EXAMPLE, write } from './support/estates.ts';

const ESTATE = ['--scenario', EXAMPLE.estate] as const;

test('discovery answers in the shape of the specification: the query, and ids grouped by technology', async () => {
  const { code, stdout, stderr } = await breakwater([
    'discover',
    '--tags',
    'Environment=production,DR-Tier=application,DR-Wave=2',
    '--technologies',
    'drs,application,database',
    '--json',
    ...ESTATE,
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [answer] = jsonLines(stdout);
  expect(answer).toMatchObject({
    discoveryQuery: {
      tags: { Environment: 'production', 'DR-Tier': 'application', 'DR-Wave': '2' },
      technologies: ['drs', 'application', 'database'],
    },
    discoveredResources: {
      drs: Array.from({ length: 4 }, () => expect.stringMatching(/^s-[0-9a-f]{17}$/) as unknown),
      application: Array.from({ length: 2 }, () => expect.stringMatching(/^i-[0-9a-f]{17}$/) as unknown),
      database: [],
    },
  });
});

test('a plan made from tags validates against the estate that it was made from', async () => {
  const made = await breakwater(['discover', '--tags', 'DR-Enabled=true', '--plan', ...ESTATE]);
  expect(made.code).toBe(0);
  expect(made.stderr).toMatch(/^! .*application\/scripts/m);
  expect(made.stdout).toMatch(/^# Wave 2, for i-[0-9a-f]{17}, i-[0-9a-f]{17}:\n# +- type: application$/m);
  const plan = write(temporaryFolder(), 'plan.yaml', made.stdout);
  const validated = await breakwater(['validate', plan, '--json', ...ESTATE]);
  expect(validated.code).toBe(0);
  expect(jsonLines(validated.stdout)[0]).toMatchObject({
    valid: true,
    waves: [
      { waveNumber: 1, technologies: [{ type: 'database', operation: 'failover' }] },
      { waveNumber: 2, technologies: [{ type: 'drs', operation: 'recovery' }] },
    ],
  });
});

test('tags that nothing carries are an empty answer, and no plan', async () => {
  const query = ['discover', '--tags', 'DR-Tier=nowhere', ...ESTATE];
  const [answer, plan] = await Promise.all([breakwater(query), breakwater([...query, '--plan'])]);
  expect(answer).toMatchObject({ code: 0, stdout: 'Nothing carries these tags.\n' });
  expect(plan).toMatchObject({ code: 1, stdout: '' });
  expect(plan.stderr).toMatch(/^ResourceUnresolved: no plan can be made/);
});
