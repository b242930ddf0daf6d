import { expect, test } from 'vitest';
import type { DiscoveredResource, DiscoveryAnswer } from './discovery.ts';
import { hasCode } from './errors.ts';
import { Plan } from './plan.ts';
import { planFromDiscovery } from './plan-from-discovery.ts';

function resource(
  resourceId: string,
  technology: DiscoveredResource['technology'],
  kind: string,
  tags: Record<string, string>,
): DiscoveredResource {
  return { resourceId, technology, kind, tags: { 'DR-Enabled': 'true', ...tags } };
}

function answer(details: DiscoveredResource[], tags: Record<string, string> = {}): DiscoveryAnswer {
  return { discoveryQuery: { tags }, discoveredResources: {}, details, warnings: [] };
}

test('a plan has a wave for each DR-Wave in order, its technologies, and its resources by priority', () => {
  const { plan, warnings } = planFromDiscovery(
    answer(
      [
        resource('s-2', 'drs', 'drs:source-server', {
          'DR-Wave': '2',
          'DR-Tier': 'web',
          'DR-Technology': 'drs',
        }),
        resource('s-1', 'drs', 'drs:source-server', {
          'DR-Wave': '2',
          'DR-Tier': 'application',
          'DR-Technology': 'drs',
        }),
        resource('orders', 'database', 'rds:cluster', { 'DR-Wave': '1', 'DR-Tier': 'database' }),
        resource('books', 'database', 'rds:cluster', { 'DR-Wave': '1', 'DR-Priority': 'low' }),
        resource('ledger', 'database', 'rds:cluster', { 'DR-Wave': '1', 'DR-Priority': 'high' }),
        resource('accounts', 'database', 'rds:cluster', { 'DR-Wave': '1' }),
        resource('reports', 'database', 'rds:db', { 'DR-Wave': '1' }),
        resource('world', 'database', 'rds:global-cluster', { 'DR-Wave': '10' }),
      ],
      { Application: 'core-banking' },
    ),
  );
  expect(warnings).toEqual([]);
  expect(plan).toEqual({
    name: 'Recovery of Application=core-banking',
    tags: { Application: 'core-banking' },
    protectionGroups: [
      {
        groupId: 'wave-2-servers',
        tags: {
          Application: 'core-banking',
          'DR-Enabled': 'true',
          'DR-Wave': '2',
          'DR-Technology': 'drs',
        },
      },
    ],
    waves: [
      {
        waveNumber: 1,
        name: 'Database tier',
        technologies: [
          {
            type: 'database',
            operation: 'failover',
            resources: { clusters: ['ledger', 'accounts', 'orders', 'books'], instances: ['reports'] },
          },
        ],
      },
      {
        waveNumber: 2,
        name: 'Application, web tier',
        technologies: [
          { type: 'drs', operation: 'recovery', resources: { protectionGroups: ['wave-2-servers'] } },
        ],
      },
      {
        waveNumber: 10,
        name: 'Wave 10',
        technologies: [{ type: 'database', operation: 'failover', resources: { globalClusters: ['world'] } }],
      },
    ],
  });
  expect(Plan.safeParse(plan).success).toBe(true);
});

test('a group of servers does not ask for DR-Technology when not all its servers carry it', () => {
  const { plan } = planFromDiscovery(
    answer([
      resource('s-1', 'drs', 'drs:source-server', { 'DR-Wave': '1' }),
      resource('s-2', 'drs', 'drs:source-server', { 'DR-Wave': '1', 'DR-Technology': 'drs' }),
    ]),
  );
  expect(plan.name).toBe('Recovery of everything');
  expect(plan.protectionGroups).toEqual([
    { groupId: 'wave-1-servers', tags: { 'DR-Enabled': 'true', 'DR-Wave': '1' } },
  ]);
});

test('what cannot be part of the plan is named with its reason', () => {
  const { plan, warnings, gaps } = planFromDiscovery(
    answer([
      resource('s-1', 'drs', 'drs:source-server', { 'DR-Wave': '1' }),
      resource('s-2', 'drs', 'drs:source-server', { 'DR-Wave': '1', 'DR-Enabled': 'false' }),
      resource('s-3', 'drs', 'drs:source-server', {}),
      resource('i-1', 'application', 'ec2:instance', { 'DR-Wave': '1' }),
      resource('i-2', 'application', 'ec2:instance', { 'DR-Wave': '1' }),
      resource('app', 'infrastructure', 'elasticloadbalancing:targetgroup', { 'DR-Wave': '3' }),
      resource('ledger', 'database', 'rds:cluster', { 'DR-Wave': '1' }),
      resource('ledger-instance-1', 'database', 'rds:db', { 'DR-Wave': '1' }),
      resource('queue', 'application', 'sqs:queue', { 'DR-Wave': '1', 'DR-Technology': 'database' }),
    ]),
  );
  expect(plan.waves.map(({ waveNumber }) => waveNumber)).toEqual([1]);
  expect(warnings).toEqual([
    's-2 is left out: DR-Enabled is not true',
    's-3 is left out: it has no DR-Wave',
    'ledger-instance-1 is left out: by its name it belongs to cluster ledger, which is in the plan',
    'queue is left out: no database operation handles a sqs:queue',
    'wave 1: add application/scripts with the script that starts them for i-1, i-2',
    'wave 3: add infrastructure/dns_update or infrastructure/target_registration for app',
  ]);
  expect(gaps.map(({ waveNumber, type, resourceIds }) => [waveNumber, type, resourceIds])).toEqual([
    [1, 'application', ['i-1', 'i-2']],
    [3, 'infrastructure', ['app']],
  ]);
});

test.each([
  {
    name: 'nothing usable',
    details: [resource('s-1', 'drs', 'drs:source-server', {})],
    message: 'no plan can be made: s-1 is left out: it has no DR-Wave',
  },
  { name: 'nothing', details: [], message: 'no plan can be made: nothing carries the tags' },
])('an answer with $name is an error that gives the reasons', ({ details, message }) => {
  expect(() => planFromDiscovery(answer(details))).toThrow(
    expect.toSatisfy((error) => hasCode(error, 'ResourceUnresolved') && error.message === message),
  );
});
