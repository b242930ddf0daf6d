import { expect, test } from 'vitest';
import { readScenario } from '#sim/index.ts';
import type { ServiceDefinition } from '#sim/kernel/contract.ts';
import { service as elbv2 } from './elbv2/index.ts';
import { service as events } from './events/index.ts';
import { service as lambda } from './lambda/index.ts';
import { service as rds } from './rds/index.ts';
import { service as route53 } from './route53/index.ts';
import { service as sns } from './sns/index.ts';
import { service as ssm } from './ssm/index.ts';

interface BadSection {
  readonly name: string;
  readonly service: ServiceDefinition;
  readonly section: unknown;
  readonly path: readonly (string | number)[];
}

test.each<BadSection>([
  {
    name: 'two clusters of one name',
    service: rds,
    section: { clusters: [{ id: 'a' }, { id: 'A' }] },
    path: ['clusters', 1, 'id'],
  },
  {
    name: 'an unknown outcome of a failover',
    service: rds,
    section: { clusters: [{ id: 'a', failover: 'explode' }] },
    path: ['clusters', 0, 'failover'],
  },
  {
    name: 'a member of a global cluster without a Region',
    service: rds,
    section: { globalClusters: [{ id: 'g', primary: 'ledger' }] },
    path: ['globalClusters', 0, 'primary'],
  },
  {
    name: 'a pattern that is no regular expression',
    service: ssm,
    section: { scripts: [{ match: '(' }] },
    path: ['scripts', 0, 'match'],
  },
  {
    name: 'a record with neither values nor alias',
    service: route53,
    section: { zones: [{ name: 'a.com', records: [{ name: 'x.a.com', type: 'A' }] }] },
    path: ['zones', 0, 'records', 0],
  },
  {
    name: 'two listeners on one port',
    service: elbv2,
    section: {
      targetGroups: [{ name: 'app' }],
      loadBalancers: [
        {
          name: 'lb',
          listeners: [
            { port: 80, forward: 'app' },
            { port: 80, forward: 'app' },
          ],
        },
      ],
    },
    path: ['loadBalancers', 0, 'listeners', 1, 'port'],
  },
  {
    name: 'two topics of one name',
    service: sns,
    section: { topics: [{ name: 'a' }, { name: 'a' }] },
    path: ['topics', 1, 'name'],
  },
  {
    name: 'a bus with a slash',
    service: events,
    section: { buses: [{ name: 'a/b' }] },
    path: ['buses', 0, 'name'],
  },
  {
    name: 'a misspelt key',
    service: lambda,
    section: { functions: [{ name: 'f', reponse: 1 }] },
    path: ['functions', 0],
  },
])('a scenario with $name is refused, with the place', ({ service, section, path }) => {
  expect(service.scenario!.safeParse(section).error!.issues[0]!.path).toEqual(path);
});

test.each([rds, ssm, route53, elbv2, lambda, sns, events])(
  'an empty section of $name is a section',
  (service) => {
    expect(service.scenario!.safeParse({}).success).toBe(true);
  },
);

test('what is wrong with topics and buses is told with value, line and column', () => {
  const yaml = `name: notices
accounts:
  - accountId: '111111111111'
    regions:
      us-west-2:
        sns:
          topics: [{ name: dr notices }, { name: a }, { name: a }]
        events:
          buses: [{ name: a/b }]
          eventBuses: [x]
`;
  expect(() => readScenario(yaml)).toThrow(
    [
      '7:28 accounts[0].regions.us-west-2.sns.topics[0].name: expected letters, digits, dash and underscore, at most 256, but it is "dr notices"',
      '7:63 accounts[0].regions.us-west-2.sns.topics[2].name: expected each name once, but it is "a"',
      '9:27 accounts[0].regions.us-west-2.events.buses[0].name: expected letters, digits, dot, dash and underscore, at most 256, but it is "a/b"',
      '10:23 accounts[0].regions.us-west-2.events.eventBuses: eventBuses is not known here, but it is ["x"]',
    ].join('\n'),
  );
});
